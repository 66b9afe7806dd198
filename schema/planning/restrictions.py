"""What a key is held to by its owner: every dataset and every field that a plan touches must lie within."""

from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.schema.planning.model import Plan


def check_restrictions(plan: Plan, registry: Registry, caller: Caller) -> None:
    """Raises NotPermitted (`key_dataset`, `key_level`) for the whole operation, naming what the key may not read."""
    if caller.only is not None:
        _check_datasets(plan, caller.only)
    if caller.levels is not None:
        _check_levels(plan, registry, caller.levels)


def _check_datasets(plan: Plan, only: frozenset[str]) -> None:
    """By the slots as well: whatever is read has one, also where no field is named."""
    names = {"/".join(slot.dataset) for slot in plan.slots} | {"/".join(dataset) for dataset, _ in plan.touched}
    for name in sorted(names - only):
        raise NotPermitted(
            f"This key does not read {name}.",
            reason="key_dataset",
            hint="Its owner chose the datasets it reads; another key may read this one.",
            dataset=name,
        )


def _check_levels(plan: Plan, registry: Registry, levels: frozenset[str]) -> None:
    for dataset, column in sorted(plan.touched):
        contract = registry.datasets[dataset].contract
        field = contract.by_name.get(column)
        level = contract.access if field is None else contract.access_of(field)
        if level.value not in levels:
            what = f"{contract.slug}.{field.api_name}" if field else contract.slug
            raise NotPermitted(
                f"{what} is {level.value}, and this key does not read such data.",
                reason="key_level",
                hint="Its owner chose the access levels it reads; another key may read this one.",
                field=what,
            )
