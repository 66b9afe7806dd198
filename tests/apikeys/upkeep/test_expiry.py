"""A key that comes near its end is warned of at 30, 7 and 1 days, each time once."""

import asyncio
from datetime import timedelta

from publicgsb.apikeys.model import Registered
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.upkeep.expiry import Expiring, warn_expiring
from publicgsb.platform.kernel.database import Connection, Connections


class Outbox:
    """Keeps what was written."""

    def __init__(self) -> None:
        self.written: list[Expiring] = []

    async def __call__(self, _: Connection, expiring: Expiring) -> None:
        self.written.append(expiring)


async def _made(keys: ApiKeys) -> Registered:
    return await keys.register("Rah", "rah@example.ir", "cheap travel")


async def test_each_warning_is_written_once_on_its_day(keys: ApiKeys, connections: Connections) -> None:
    ends, outbox = (await _made(keys)).key.key.expires_at, Outbox()
    assert ends is not None
    for days_before in (31, 30, 29, 8, 7, 2, 1, 0.5, 0, -1):
        for _ in range(2):
            await warn_expiring(connections, outbox, ends - timedelta(days=days_before))
    assert [(one.days, one.email) for one in outbox.written] == [(days, "rah@example.ir") for days in (30, 7, 1)]


async def test_after_an_outage_only_the_nearest_is_written(keys: ApiKeys, connections: Connections) -> None:
    ends, outbox = (await _made(keys)).key.key.expires_at, Outbox()
    assert ends is not None
    await warn_expiring(connections, outbox, ends - timedelta(hours=3))
    assert [one.days for one in outbox.written] == [1]


async def test_a_replaced_or_revoked_key_needs_no_warning(keys: ApiKeys, connections: Connections) -> None:
    made, outbox = await _made(keys), Outbox()
    ends = made.key.key.expires_at
    assert ends is not None
    await keys.rotate_key(await keys.owner(made.owner_token.text), made.key.key.id)
    await warn_expiring(connections, outbox, ends - timedelta(hours=3))
    assert [one.key_id == made.key.key.id for one in outbox.written] == [False]


async def test_what_could_not_be_written_is_not_noted(keys: ApiKeys, connections: Connections) -> None:
    ends, outbox = (await _made(keys)).key.key.expires_at, Outbox()
    assert ends is not None

    async def broken(_: Connection, __: Expiring) -> None:
        raise ConnectionError

    for write, written in ((broken, 0), (outbox, 1)):
        await asyncio.gather(warn_expiring(connections, write, ends - timedelta(days=3)), return_exceptions=True)
        assert len(outbox.written) == written


async def test_of_several_processes_one_writes(keys: ApiKeys, connections: Connections) -> None:
    ends, outbox = (await _made(keys)).key.key.expires_at, Outbox()
    assert ends is not None
    await asyncio.gather(*(warn_expiring(connections, outbox, ends - timedelta(days=3)) for _ in range(4)))
    assert len(outbox.written) == 1
