"""The only file of capacities that talks to PostgreSQL. Takes a connection, never a pool, and never commits."""

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.capacity.model import Capacity
from publicgsb.quotas.model import PolicyUnit

_HERE = "publicgsb.quotas.capacity"
_ALL = load(_HERE, "sql/capacities_all.sql")
_SET = load(_HERE, "sql/capacity_set.sql")
_DROP = load(_HERE, "sql/capacity_drop.sql")


async def capacities_all(connection: Connection) -> list[Capacity]:
    return [
        Capacity(
            row["dataset_id"],
            row["name"],
            row["lim"],
            PolicyUnit(row["unit"]),
            row["window_seconds"],
            row["floor"],
            row["reserve"],
        )
        for row in await connection.fetch(_ALL)
    ]


async def capacity_set(connection: Connection, capacity: Capacity) -> None:
    await connection.execute(
        _SET,
        capacity.dataset_id,
        capacity.name,
        capacity.limit,
        capacity.unit.value,
        capacity.window_seconds,
        capacity.floor,
        capacity.reserve,
    )


async def capacity_drop(connection: Connection, dataset_id: int) -> str | None:
    name: str | None = await connection.fetchval(_DROP, dataset_id)
    return name
