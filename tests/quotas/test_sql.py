"""Which indexes the statements of quotas use."""

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.sql import load


async def test_a_standing_finds_its_account_and_leases_by_index(connections: Connections) -> None:
    sql = load("publicgsb.quotas", "sql/account_standing.sql")
    async with connections.transaction() as connection:
        await connection.execute("set local enable_seqscan = off")
        rows = await connection.fetch("explain " + sql, 1, 2, "month", "month")
    plan = "\n".join(row[0] for row in rows)
    assert "quota_account_pkey" in plan
    assert "quota_lease_open_by_account" in plan
    assert "Seq Scan" not in plan
