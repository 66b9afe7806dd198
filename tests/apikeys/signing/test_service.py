"""Rotation on a real database: one key signs at any moment, and it was published long before."""

import asyncio
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.audited import refuse_what_is_not_audited

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.signing.model import PUBLISHED_BEFORE, RETIRED_AFTER, SigningState
from publicgsb.apikeys.signing.service import SigningKeys, erase_retired
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.server.audit import Filters, entries

from .conftest import Clock


async def states(keys: SigningKeys, clock: Clock) -> list[str]:
    return [key.state(clock.now()).value for key in await keys.keys()]


async def test_of_many_workers_that_start_at_once_one_makes_the_first_key(
    signing_keys: SigningKeys, clock: Clock
) -> None:
    await asyncio.gather(*(signing_keys.ensure() for _ in range(6)))
    assert await states(signing_keys, clock) == ["active"]


async def test_a_rotation_goes_its_way_by_the_clock_alone(signing_keys: SigningKeys, clock: Clock) -> None:
    await signing_keys.ensure()
    rotated = await signing_keys.rotate(OPERATOR)
    assert (rotated.spread.is_everywhere, await states(signing_keys, clock)) == (True, ["next", "active"])
    clock.forward(PUBLISHED_BEFORE - timedelta(seconds=1))
    assert await states(signing_keys, clock) == ["next", "active"]
    clock.forward(timedelta(seconds=1))
    assert await states(signing_keys, clock) == ["active", "retiring"]
    clock.forward(RETIRED_AFTER)
    assert await states(signing_keys, clock) == ["active", "retired"]


async def test_one_next_key_at_a_time(signing_keys: SigningKeys, clock: Clock) -> None:
    asked = await asyncio.gather(*(signing_keys.rotate(OPERATOR) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in asked) == 3, asked
    with pytest.raises(Conflict, match="takes over at"):
        await signing_keys.rotate(OPERATOR)
    clock.forward(PUBLISHED_BEFORE)
    await signing_keys.rotate(OPERATOR)  # beside one that is still retiring
    assert await states(signing_keys, clock) == ["next", "active", "retiring"]


async def test_distrust_ends_every_key_at_once_and_keeps_no_private_half(
    signing_keys: SigningKeys, clock: Clock
) -> None:
    await signing_keys.rotate(OPERATOR)
    clock.forward(timedelta(seconds=10))
    made = await signing_keys.distrust(OPERATOR)
    newest, *others = await signing_keys.keys()
    assert newest.kid == made.new.kid
    assert await states(signing_keys, clock) == ["active", "retired", "retired"]
    assert newest.sealed_key is not None
    assert [key.sealed_key for key in others] == [None, None]
    clock.forward(timedelta(hours=1))
    await signing_keys.rotate(OPERATOR)


async def test_the_private_half_of_a_retired_key_is_erased_and_no_other(
    signing_keys: SigningKeys, clock: Clock, connections: Connections
) -> None:
    clock.forward(timedelta(days=-1))  # erase_retired goes by the real clock
    await signing_keys.rotate(OPERATOR)
    await refuse_what_is_not_audited(connections)
    await erase_retired(connections)
    await erase_retired(connections)
    (entry,) = await entries(connections, Filters(action="signing_key.erase"))
    assert (entry.actor, entry.after) == ("system", {"private_half": None})
    halves = {key.state(clock.now()): key.sealed_key is not None for key in await signing_keys.keys()}
    assert halves[SigningState.NEXT]
    clock.forward(timedelta(days=1))
    assert [key.sealed_key is not None for key in await signing_keys.keys()] == [True, False]


async def test_every_change_is_in_the_audit_and_no_key_is(
    signing_keys: SigningKeys, clock: Clock, connections: Connections
) -> None:
    await signing_keys.ensure()
    clock.forward(timedelta(seconds=1))
    await signing_keys.rotate(OPERATOR)
    clock.forward(timedelta(seconds=1))
    await signing_keys.distrust(OPERATOR)
    async with connections.use() as connection:
        rows = await connection.fetch("select actor, action, subject, details::text from gsb.audit order by id")
    first, second, third = (f"signing_key:{key.kid}" for key in reversed(await signing_keys.keys()))
    made, ended = "signing_key.create", "signing_key.distrust"
    assert [(row["actor"], row["action"], row["subject"]) for row in rows[:2]] == [
        ("system", made, first),
        ("operator", made, second),
    ]
    assert {(row["action"], row["subject"]) for row in rows[2:]} == {(ended, first), (ended, second), (made, third)}


async def test_no_private_key_is_in_the_database_in_the_clear(
    signing_keys: SigningKeys, connections: Connections
) -> None:
    """Ed25519 derives the public from the private half, so a row with the private one would show in this way."""
    await signing_keys.ensure()
    (key,) = await signing_keys.keys()
    assert key.sealed_key is not None
    windows = [key.sealed_key[at : at + 32] for at in range(len(key.sealed_key) - 31)]
    found = [Ed25519PrivateKey.from_private_bytes(one).public_key().public_bytes_raw() for one in windows]
    assert key.public_key not in found
