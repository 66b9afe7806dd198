"""Who uses which field: written once per operation and plan, from the first day; history cannot be added later."""

from publicgsb.datasets.contracts.model import ROW_COLUMN
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.quotas.facts import register_operation
from publicgsb.schema.planning.cache import Family
from publicgsb.schema.planning.model import Plan


async def register(control: Connections, registry: Registry, family: Family, plan: Plan) -> bool:
    """True when no worker has ever seen the operation; then its first use pays for planning it."""
    fields = [
        (registry.datasets[dataset].id, registry.datasets[dataset].contract.major, column)
        for dataset, column in sorted(plan.touched)
        if column != ROW_COLUMN
    ]
    async with control.transaction() as connection:
        is_novel = await register_operation(connection, family.hash, fields)
    family.is_registered = True
    return is_novel
