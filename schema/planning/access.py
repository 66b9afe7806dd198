"""Who may read what: every field that a plan touches, in every role, before any cache is asked."""

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.schema.planning.model import Plan


def check_access(plan: Plan, registry: Registry, caller: Caller) -> None:
    """Raises NotPermitted for the whole operation, naming the field and how to apply."""
    if caller.kind is KeyKind.AGENCY:
        raise NotPermitted(
            "An agency key releases data; it does not read it.",
            reason="agency_key",
            hint="Use the key of an application (gsbl_…): POST /api/v1/register gives one.",
        )
    if caller.kind is KeyKind.LIVE and not plan.is_sensitive and caller.only is None:
        return
    if caller.only is not None:
        _refuse_beyond(plan, registry, caller.only)
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


def _refuse_beyond(plan: Plan, registry: Registry, only: frozenset[str]) -> None:
    """What a credential was narrowed to holds for every dataset that the plan touches in any role."""
    for dataset in sorted({dataset for dataset, _ in plan.touched}):
        name = registry.datasets[dataset].name
        if name not in only:
            raise NotPermitted(
                f"This credential is narrowed to other datasets than {name}.",
                reason="key_dataset",
                hint="Use one that reaches it; GET /api/v1/whoami says what this one reaches.",
                dataset=name,
            )


def is_sensitive(touched: frozenset[tuple[tuple[str, str], str]], registry: Registry) -> bool:
    """Whether any touched field needs a grant; decided once per plan."""
    for dataset, column in touched:
        contract = registry.datasets[dataset].contract
        field = contract.by_name.get(column)
        if (contract.access if field is None else contract.access_of(field)) is AccessLevel.RESTRICTED:
            return True
    return False
