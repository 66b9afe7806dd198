"""A pepper is replaced while keys are in use: each moves to the new one when it is next used."""

import pytest

from publicgsb.apikeys import records
from publicgsb.apikeys.format import checksum
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.peppers import Peppers
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unauthenticated

from .conftest import PEPPER, Worker

NEW = b"another pepper of thirty-two bytes"
BOTH = Peppers(2, NEW, {1: PEPPER})


@pytest.fixture
def ring(connections: Connections, worker: Worker) -> KeyRing:
    """Of a process with the new pepper that knows the old one."""
    return KeyRing(connections, worker.pulse, BOTH)


async def _secret(keys: ApiKeys) -> str:
    return (await keys.register("Rah", "rah@example.ir", "cheap travel")).key.secret


async def _versions(connections: Connections) -> dict[int, int]:
    async with connections.use() as connection:
        return await records.pepper_versions(connection)


async def test_a_key_moves_to_the_present_pepper_when_it_is_used_and_off_the_request(
    keys: ApiKeys, ring: KeyRing, connections: Connections
) -> None:
    secret, _ = await _secret(keys), await _secret(keys)
    await ring.authenticate(secret)
    assert ring.cached(secret) is not None
    assert await _versions(connections) == {1: 2}
    await ring.note_use()
    assert await _versions(connections) == {1: 1, 2: 1}


async def test_a_process_that_does_not_know_the_old_pepper_any_more_takes_the_keys_that_moved(
    keys: ApiKeys, ring: KeyRing, worker: Worker, connections: Connections
) -> None:
    moved, unused = await _secret(keys), await _secret(keys)
    await ring.authenticate(moved)
    await ring.note_use()
    later = KeyRing(connections, worker.pulse, Peppers(2, NEW))
    assert (await later.authenticate(moved)).plan == "open"
    with pytest.raises(Unauthenticated) as refusal:
        await later.authenticate(unused)
    assert refusal.value.details["reason"] == "unknown"


async def test_a_process_with_the_old_pepper_in_force_takes_keys_of_the_next_one(
    keys: ApiKeys, ring: KeyRing, worker: Worker, connections: Connections
) -> None:
    secret = await _secret(keys)
    await ring.authenticate(secret)
    await ring.note_use()
    beside = KeyRing(connections, worker.pulse, Peppers(1, PEPPER, {2: NEW}))
    assert (await beside.authenticate(secret)).plan == "open"


async def test_a_wrong_secret_moves_nothing(keys: ApiKeys, ring: KeyRing, connections: Connections) -> None:
    right, other = await _secret(keys), await _secret(keys)
    body = right[:13] + other[13:45]
    with pytest.raises(Unauthenticated):
        await ring.authenticate(body + checksum(body))
    await ring.note_use()
    assert await _versions(connections) == {1: 2}


async def test_new_keys_are_made_under_the_present_pepper(
    connections: Connections, tokens: OwnerTokens, ring: KeyRing
) -> None:
    newer = ApiKeys(connections, tokens, BOTH)
    secret = (await newer.register("Rah", "rah@example.ir", "cheap travel")).key.secret
    assert await _versions(connections) == {2: 1}
    assert (await ring.authenticate(secret)).plan == "open"


def test_a_pepper_is_never_printed() -> None:
    assert "pepper of" not in repr(BOTH)
