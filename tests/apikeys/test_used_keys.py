"""The last use of a key is written to the hour, once, whatever is in the way; digests are test_peppers.py's."""

import asyncio
from datetime import UTC, datetime

from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse

from .conftest import PEPPER, StartWorker, Worker


async def _secret(keys: ApiKeys) -> str:
    return (await keys.register("Rah", "rah@example.ir", "cheap travel")).key.secret


async def test_the_last_use_is_written_to_the_hour_and_once(
    keys: ApiKeys, worker: Worker, connections: Connections
) -> None:
    registered = await keys.register("Rah", "rah@example.ir", "cheap travel")
    await worker.keyring.authenticate(registered.key.secret)
    worker.keyring.cached(registered.key.secret)
    await worker.keyring.note_use()
    (key,) = await keys.list_keys(registered.organisation.id)
    assert key.last_used_at is not None
    assert (key.last_used_at.minute, key.last_used_at.second) == (0, 0)
    assert abs((datetime.now(UTC) - key.last_used_at).total_seconds()) < 3700
    async with connections.use() as connection:
        await connection.execute("update gsb.api_key set last_used_at = null")
    worker.keyring.cached(registered.key.secret)
    await worker.keyring.note_use()
    assert (await keys.list_keys(registered.organisation.id))[0].last_used_at is None


async def test_the_last_use_never_waits_for_somebody_who_changes_the_key(
    keys: ApiKeys, worker: Worker, connections: Connections
) -> None:
    await worker.keyring.authenticate(await _secret(keys))
    async with connections.transaction() as connection, asyncio.timeout(60):
        await connection.execute("select from gsb.api_key for update")
        await worker.keyring.note_use()


async def test_the_last_use_survives_a_database_that_is_away(
    keys: ApiKeys, connections: Connections, database_url: str
) -> None:
    registered = await keys.register("Rah", "rah@example.ir", "cheap travel")
    full = Connections(database_url, size=1, waiting_max=0)
    keyring = KeyRing(full, Pulse(connections, "api"), PEPPER)
    await keyring.authenticate(registered.key.secret)
    async with full.use():
        await keyring.note_use()
    await keyring.note_use()
    (key,) = await keys.list_keys(registered.organisation.id)
    assert key.last_used_at is not None
    await full.close()


async def test_a_last_use_whose_writing_is_given_up_halfway_is_written_next_time(
    keys: ApiKeys, start_worker: StartWorker, database_url: str
) -> None:
    one = Connections(database_url, size=1)
    keyring = (await start_worker(one)).keyring
    made = await keys.register("Rah", "rah@example.ir", "cheap travel")
    await keyring.authenticate(made.key.secret)
    async with one.use():
        writing = asyncio.create_task(keyring.note_use())
        await asyncio.sleep(0)  # it waits for the one connection now
        writing.cancel()
        await asyncio.wait({writing})
    await keyring.note_use()
    (key,) = await keys.list_keys(made.organisation.id)
    assert key.last_used_at is not None
    await one.close()


async def test_a_ring_that_stops_writes_what_it_has_not_written(keys: ApiKeys, worker: Worker) -> None:
    registered = await keys.register("Rah", "rah@example.ir", "cheap travel")
    await worker.keyring.start()
    await worker.keyring.authenticate(registered.key.secret)
    await worker.keyring.stop()
    (key,) = await keys.list_keys(registered.organisation.id)
    assert key.last_used_at is not None
