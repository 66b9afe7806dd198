"""The statements of quotas: each one prepares and states its guarantee, and which indexes they use."""

from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.sql import load

ROOT = Path(__file__).resolve().parents[2] / "quotas"
STATEMENTS = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.sql"))


@pytest.mark.parametrize("name", STATEMENTS)
async def test_every_statement_prepares_and_states_its_guarantee(connections: Connections, name: str) -> None:
    text = load("publicgsb.quotas", name)
    assert text.startswith("-- ")
    async with connections.use() as connection:
        await connection.prepare(text)


async def test_a_standing_finds_its_account_and_leases_by_index(connections: Connections) -> None:
    sql = load("publicgsb.quotas", "sql/account_standing.sql")
    async with connections.transaction() as connection:
        await connection.execute("set local enable_seqscan = off")
        rows = await connection.fetch("explain " + sql, 1, 2, "month", "month")
    plan = "\n".join(row[0] for row in rows)
    assert "quota_account_pkey" in plan
    assert "quota_lease_open_by_account" in plan
    assert "Seq Scan" not in plan
