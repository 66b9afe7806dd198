"""Who may read what: every field that a plan touches, in every role, before any cache is asked."""

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.restrictions import check_restrictions


def check_access(plan: Plan, registry: Registry, caller: Caller) -> None:
    """Raises NotPermitted for the whole operation, naming the field and how to apply."""
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
    for dataset, column in sorted(plan.touched):
        contract = registry.datasets[dataset].contract
        field = contract.by_name.get(column)
        level = contract.access if field is None else contract.access_of(field)
        name = f"{contract.slug}.{field.api_name}" if field else contract.slug
        if level is AccessLevel.RESTRICTED:
            raise NotPermitted(
                f"{name} is restricted.",
                reason="restricted",
                hint=f"Ask the agency for a grant: {contract.contact}.",
                field=name,
            )
        if caller.kind is KeyKind.TEST and level is not AccessLevel.OPEN:
            raise NotPermitted(
                f"{name} is not open data, and a test key reads open data only.",
                reason="test_key",
                hint="Use a live key (gsbl_…).",
                field=name,
            )


def is_sensitive(touched: frozenset[tuple[tuple[str, str], str]], registry: Registry) -> bool:
    """Whether any touched field needs a grant; decided once per plan."""
    for dataset, column in touched:
        contract = registry.datasets[dataset].contract
        field = contract.by_name.get(column)
        if (contract.access if field is None else contract.access_of(field)) is AccessLevel.RESTRICTED:
            return True
    return False
