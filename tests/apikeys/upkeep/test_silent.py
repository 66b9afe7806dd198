"""A replaced key ends early once nobody uses it, and never while somebody does."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.apikeys.conftest import PEPPER

from publicgsb.apikeys.model import Key
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.apikeys.upkeep.silent import retire_silent
from publicgsb.platform.kernel.database import Connections

SILENCE, OVERLAP = timedelta(hours=24), timedelta(days=7)
ROTATED = datetime.now(UTC).replace(minute=30) - timedelta(hours=2)


@pytest.fixture
async def old(connections: Connections, signing_key_pem: bytes) -> Key:
    keys = ApiKeys(connections, OwnerTokens(signing_key_pem), PEPPER, now=lambda: ROTATED)
    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    owner = await keys.owner(made.owner_token.text)
    await keys.create_key(owner)
    return (await keys.rotate_key(owner, made.key.key.id, OVERLAP)).old


async def _use(connections: Connections, hour: datetime) -> None:
    async with connections.use() as connection:
        await connection.execute("update gsb.api_key set last_used_at = $1", hour)


async def test_it_is_silent_since_it_was_replaced_at_the_earliest(connections: Connections, old: Key) -> None:
    assert await retire_silent(connections, SILENCE, ROTATED + SILENCE - timedelta(seconds=1)) == ()
    assert await retire_silent(connections, SILENCE, ROTATED + SILENCE) == (old.id,)
    assert await retire_silent(connections, SILENCE, ROTATED + SILENCE) == ()


async def test_a_use_in_the_last_minute_of_its_hour_counts(connections: Connections, old: Key) -> None:
    hour = (ROTATED + timedelta(hours=5)).replace(minute=0)
    await _use(connections, hour)
    last = hour + timedelta(hours=1)
    assert await retire_silent(connections, SILENCE, last + SILENCE - timedelta(seconds=1)) == ()
    assert await retire_silent(connections, SILENCE, last + SILENCE) == (old.id,)


async def test_its_end_is_announced_and_written_down(connections: Connections, old: Key) -> None:
    async with connections.use() as connection:
        before = await connection.fetchval("select seq from gsb.event_clock")
        await retire_silent(connections, SILENCE, ROTATED + SILENCE)
        event = await connection.fetchval("select payload from gsb.event where seq > $1", before)
        line = await connection.fetchrow("select actor, subject from gsb.audit where action = 'key.retire'")
    assert old.id in event
    assert line is not None
    assert tuple(line) == ("jobs", f"key:{old.id}")
