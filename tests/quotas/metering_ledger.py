"""Rows of a ledger as grants, settles and flushes leave them, and hands that break it."""

from datetime import UTC, datetime
from uuid import uuid4

from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas import store
from publicgsb.quotas.model import Account
from publicgsb.quotas.store import Fact

MONTH = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
NOON = MONTH.replace(hour=12)  # long after the first minute of the month


async def ledger(connections: Connections, account: Account, *, settled: int, forfeit: int = 0) -> None:
    """An account of this month with one settled lease and perhaps a forfeited one."""
    async with connections.transaction() as connection:
        await connection.execute(
            "insert into gsb.quota_account (organisation_id, application_id, policy, period_start, period_end, lim,"
            " allotted, used)"
            " values ($1, $2, 'month', $3::timestamptz, $3::timestamptz + interval '1 month', 100000, $4, $4)",
            *account,
            MONTH,
            settled + forfeit,
        )
        await _lease(connection, account, "settled", settled, settled)
        if forfeit:
            await _lease(connection, account, "forfeit", forfeit, 0)


async def facts(
    connections: Connections,
    application_id: int,
    points: int,
    second: datetime = NOON,
    dataset_id: int = 0,
    *,
    key_id: str = "",
    database_us: int = 0,
) -> None:
    """One whole answer of `points`; `dataset_id` for that of a dataset."""
    key_id = key_id or f"key{application_id}"
    fact = Fact(1, second, application_id, key_id, dataset_id, 0, "h", 1, points, 10, 0, 1, database_us)
    async with connections.use() as connection:
        await store.facts_add(connection, BootId(uuid4()), [fact])


async def _lease(connection: Connection, account: Account, state: str, amount: int, used: int) -> None:
    await connection.execute(
        "insert into gsb.quota_lease (id, organisation_id, application_id, policy, period_start, worker_boot, amount,"
        " used, state, expires_at) values ($1, $2, $3, 'month', $4, $5, $6, $7, $8, now())",
        uuid4(),
        *account,
        MONTH,
        uuid4(),
        amount,
        used,
        state,
    )
