"""Prepared statements: PostgreSQL is asked itself how many it keeps."""

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.statements import TEXT_BYTES_MAX

KEPT = "select statement from pg_prepared_statements order by prepare_time"


async def _kept(connections: Connections, texts: list[str]) -> list[str]:
    """Asked one after another over one connection."""
    async with connections.use() as connection:
        for text in texts:
            assert await connection.fetchval(text) == 1
        return [row["statement"] for row in await connection.fetch(KEPT) if row["statement"] != KEPT]


async def test_a_connection_keeps_large_statements_within_the_length_of_their_texts(connections: Connections) -> None:
    length = TEXT_BYTES_MAX // 10
    texts = [f"select 1 -- {number:0{length}}" for number in range(30)]
    kept = await _kept(connections, texts)
    assert kept[-9:] == texts[-9:]
    assert len(kept) <= 10


async def test_small_statements_stay_however_many_there_are(connections: Connections) -> None:
    texts = [f"select 1 -- {number}" for number in range(200)]
    assert (await _kept(connections, texts))[-200:] == texts


async def test_a_statement_that_is_asked_again_is_not_the_next_to_go(connections: Connections) -> None:
    length = TEXT_BYTES_MAX // 10
    texts = [f"select 1 -- {number:0{length}}" for number in range(9)]
    kept = await _kept(connections, [*texts, texts[0], f"select 1 -- {9:0{length}}", f"select 1 -- {10:0{length}}"])
    assert texts[0] in kept
    assert texts[1] not in kept
