"""Which index the statement of every first request uses."""

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.sql import load


async def test_a_key_is_found_by_its_primary_key_alone(connections: Connections) -> None:
    sql = load("publicgsb.apikeys", "sql/key_record.sql")
    async with connections.transaction() as connection:
        await connection.execute("set local enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch("explain " + sql, "abcdefgh"))
    assert "api_key_pkey" in plan
    assert "Seq Scan" not in plan
