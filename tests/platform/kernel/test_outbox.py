"""What is announced lives and dies with the transaction that announces it."""

import asyncpg
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.outbox import KEEP_DAYS, prune, publish


async def _kinds(connections: Connections) -> list[str]:
    async with connections.use() as connection:
        return [row["kind"] for row in await connection.fetch("select kind from gsb.outbox order by id")]


async def test_a_message_is_there_once_its_transaction_is(connections: Connections) -> None:
    async with connections.transaction() as connection:
        first = await publish(connection, "release.published", {"dataset": "aviation/airports"})
        second = await publish(connection, "release.published", {"dataset": "aviation/airports"})
    assert second > first
    assert await _kinds(connections) == ["release.published"] * 2


async def test_what_is_rolled_back_is_never_told(connections: Connections) -> None:
    with pytest.raises(RuntimeError):
        async with connections.transaction() as connection:
            await publish(connection, "release.published", {})
            raise RuntimeError
    assert await _kinds(connections) == []


@pytest.mark.parametrize(
    "kind", ["", "Release.published", "release", "release.", "release.*", "a.b c", "a." + "b" * 90]
)
async def test_a_kind_is_a_thing_and_what_happened_to_it(connections: Connections, kind: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with connections.transaction() as connection:
            await publish(connection, kind, {})


async def test_a_message_that_nobody_could_be_sent_is_refused(connections: Connections) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with connections.transaction() as connection:
            await publish(connection, "release.published", {"text": "x" * 65_536})


async def test_messages_past_their_days_are_pruned_and_younger_ones_stay(connections: Connections) -> None:
    async with connections.transaction() as connection:
        for days in (KEEP_DAYS + 1, KEEP_DAYS - 1):
            number = await publish(connection, "release.published", {"days": days})
            await connection.execute(
                "update gsb.outbox set at = now() - make_interval(days => $1) where id = $2", days, number
            )
    await prune(connections)
    async with connections.use() as connection:
        assert await connection.fetchval("select payload->>'days' from gsb.outbox") == str(KEEP_DAYS - 1)
