"""Who may read what: every field that a plan touches, in every role, before any cache is asked."""

import time
from collections.abc import Callable

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.file_access import APPLY_AT
from publicgsb.datasets.held_to import refused_to_test
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.platform.kernel.granted import has_right
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.restrictions import check_restrictions

_APPLY = "Apply for a grant"
_BY_A_LIVE_KEY = "A test key reads open data only; a live one reads this by a grant"


def check_access(plan: Plan, registry: Registry, caller: Caller, clock: Callable[[], float] = time.time) -> None:
    """Raises NotPermitted for the whole operation, naming the field and how to apply.

    A grant ends by the clock, so it is asked each time, and only where a field needs one.
    """
    if caller.kind is KeyKind.AGENCY:
        raise NotPermitted(
            "An agency key releases data; it does not read it.",
            reason="agency_key",
            hint="Use the key of an application (gsbl_…): POST /api/v1/register gives one.",
        )
    if caller.only is not None or caller.levels is not None:
        check_restrictions(plan, registry, caller)
    if caller.kind is KeyKind.LIVE and not plan.is_sensitive:
        return
    now = clock()
    for dataset, column in sorted(plan.touched):
        contract = registry.datasets[dataset].contract
        field = contract.by_name.get(column)
        level = contract.access if field is None else contract.access_of(field)
        if level is AccessLevel.OPEN or (level is AccessLevel.REGISTERED and caller.kind is KeyKind.LIVE):
            continue
        name = f"{contract.slug}.{field.api_name}" if field else contract.slug
        if level is AccessLevel.RESTRICTED:
            is_granted = has_right(caller.granted, dataset, field.name if field else None, now)
            if caller.kind is KeyKind.LIVE and is_granted:
                continue
            way = _BY_A_LIVE_KEY if caller.kind is KeyKind.TEST else _APPLY
            raise NotPermitted(
                f"{name} is restricted.",
                reason="restricted",
                hint=f"{way}: POST {APPLY_AT} with your owner token; the agency decides. "
                f"Questions: {contract.contact}.",
                field=name,
                dataset="/".join(dataset),
                apply=APPLY_AT,
            )
        if caller.kind is KeyKind.TEST:
            raise refused_to_test(name, field=name)


def is_sensitive(touched: frozenset[tuple[tuple[str, str], str]], registry: Registry) -> bool:
    """Whether any touched field needs a grant; decided once per plan."""
    for dataset, column in touched:
        contract = registry.datasets[dataset].contract
        field = contract.by_name.get(column)
        if (contract.access if field is None else contract.access_of(field)) is AccessLevel.RESTRICTED:
            return True
    return False
