"""From active grants to what a caller carries of them."""

import json
from collections import defaultdict
from types import MappingProxyType

from publicgsb.platform.kernel.granted import NO_RIGHTS, Granted, Rights


def rights_of(listed: str | None) -> Rights:
    """Of a JSON list of [agency, dataset, columns or null, end in seconds since 1970]; None is nothing."""
    if listed is None:
        return NO_RIGHTS
    rights: defaultdict[tuple[str, str], list[Granted]] = defaultdict(list)
    for agency, dataset, columns, ends_at in json.loads(listed):
        rights[agency, dataset].append(Granted(None if columns is None else frozenset(columns), float(ends_at)))
    return MappingProxyType({dataset: tuple(granted) for dataset, granted in rights.items()})
