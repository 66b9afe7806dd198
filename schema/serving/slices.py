"""Slices: the schema of a few datasets, for callers who need not see all of them.

A slice has the named datasets and the static part; links lead only to datasets inside it. Its documents are validated
against it and planned apart from the whole schema's.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

import strawberry

from publicgsb.datasets.contracts.names import SLUG
from publicgsb.datasets.registry import DatasetEntry, Registry
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.serving.texts import SchemaTexts
from publicgsb.schema.types.dissolve import dissolve_after
from publicgsb.schema.types.graft import Grafted, graft
from publicgsb.schema.types.marks import DatasetKey
from publicgsb.schema.types.writer import SdlWriter

DATASETS_MAX = 50  # in one slice
SLICES_MAX = 32  # kept per worker
DOCUMENTS_MAX = 100  # kept per slice
DOCUMENTS_BYTES_MAX = 3 * 1024 * 1024  # of them, per slice

Names: TypeAlias = frozenset[DatasetKey]


def parse_names(text: str) -> Names:
    """`agency/dataset,agency/dataset`. Raises InvalidRequest."""
    names = set()
    for part in text.split(","):
        agency, _, dataset = part.strip().partition("/")
        if not SLUG.fullmatch(agency) or not SLUG.fullmatch(dataset):
            raise _malformed("Datasets are named as agency/dataset, with commas between them.")
        names.add((agency, dataset))
    if len(names) > DATASETS_MAX:
        raise _malformed(f"A slice has at most {DATASETS_MAX} datasets.")
    return frozenset(names)


@dataclass(frozen=True, slots=True)
class Slice:
    grafted: Grafted
    plans: PlanCache
    texts: SchemaTexts


class Slices:
    """Of one schema; a new schema begins without any."""

    def __init__(self, static: strawberry.Schema) -> None:
        self._static = static
        self._kept: OrderedDict[Names, Slice] = OrderedDict()
        self._making = asyncio.Lock()

    def holds(self, names: Names) -> bool:
        """Whether that slice is made already."""
        return names in self._kept

    async def of(self, registry: Registry, names: Names) -> Slice:
        """Raises NotFound for a name that is no dataset's. Made in a thread: it takes some milliseconds."""
        for agency, dataset in sorted(names):
            registry.dataset(agency, dataset)
        async with self._making:
            found = self._kept.get(names)
            if found is None:
                found = self._kept[names] = await asyncio.to_thread(self._make, registry, names)
                dissolve_after(found.grafted, found.grafted.apart())
                dissolve_after(found.plans, found.plans.apart())
                if len(self._kept) > SLICES_MAX:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(names)
        return found

    def _make(self, registry: Registry, names: Names) -> Slice:
        grafted = graft(replace(registry, datasets=_only(registry, names)), self._static)
        plans = PlanCache(grafted.core, DOCUMENTS_MAX, DOCUMENTS_BYTES_MAX)
        return Slice(grafted, plans, SchemaTexts(grafted.written(SdlWriter()), grafted.introspect))


def _only(registry: Registry, names: Iterable[DatasetKey]) -> dict[DatasetKey, DatasetEntry]:
    return {key: registry.datasets[key] for key in sorted(names)}


def _malformed(message: str) -> InvalidRequest:
    return InvalidRequest(message, reason="datasets", hint="For example aviation/airports,standards/countries.")
