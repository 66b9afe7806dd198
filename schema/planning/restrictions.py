"""What a key is held to by its owner: every dataset and every field that a plan touches must lie within."""

from publicgsb.datasets.held_to import beyond_levels, check_datasets
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller
from publicgsb.schema.planning.model import Plan


def check_restrictions(plan: Plan, registry: Registry, caller: Caller) -> None:
    """Raises NotPermitted (`key_dataset`, `key_level`) for the whole operation, naming what the key may not read."""
    # By the slots as well: whatever is read has one, also where no field is named.
    read = {slot.dataset for slot in plan.slots} | {dataset for dataset, _ in plan.touched}
    check_datasets(caller, map("/".join, read))
    if caller.levels is not None:
        _check_levels(plan, registry, caller.levels)


def _check_levels(plan: Plan, registry: Registry, levels: frozenset[str]) -> None:
    for dataset, column in sorted(plan.touched):
        contract = registry.datasets[dataset].contract
        field = contract.by_name.get(column)
        level = contract.access if field is None else contract.access_of(field)
        if level.value not in levels:
            what = f"{contract.slug}.{field.api_name}" if field else contract.slug
            raise beyond_levels(f"{what} is {level.value}", field=what)
