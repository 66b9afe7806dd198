"""A key is known in microseconds, and refused everywhere once its revocation was called complete."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from publicgsb.apikeys.format import checksum, draw
from publicgsb.apikeys.keyring import UNKNOWN_SECONDS, KeyRing
from publicgsb.apikeys.model import OPERATOR, IssuedKey, KeyState
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Unauthenticated, Unavailable
from publicgsb.platform.kernel.ids import KeyId
from publicgsb.platform.kernel.pulse import FENCE_SECONDS, Pulse

from .conftest import PEPPER, StartWorker, Worker


class Clock:
    """Stands at the present until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).timestamp()

    def __call__(self) -> float:
        return self.now


class HeldConnections(Connections):
    """A database whose answers are read at once and arrive only when `gate` opens."""

    def __init__(self, url: str) -> None:
        super().__init__(url, size=4)
        self.gate = asyncio.Event()
        self.has_read = asyncio.Event()
        self.reads = 0

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Connection]:
        async with super().use() as connection:
            yield connection
            self.reads += 1
            self.has_read.set()
            await self.gate.wait()


@pytest.fixture
async def held(database_url: str) -> AsyncIterator[HeldConnections]:
    held = HeldConnections(database_url)
    yield held
    await held.close()


async def _secret(keys: ApiKeys) -> str:
    return (await keys.register("Rah", "rah@example.ir", "cheap travel")).key.secret


async def _reason(keyring: KeyRing, token: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await keyring.authenticate(token)
    reason: str = refusal.value.details["reason"]
    return reason


def _with_another_secret(key: str) -> str:
    body = key[:13] + draw(KeyKind.LIVE).text[13:45]
    return body + checksum(body)


async def test_a_key_is_asked_for_once_and_then_known_from_memory(keys: ApiKeys, worker: Worker) -> None:
    registered = await keys.register("Rah", "rah@example.ir", "cheap travel")
    secret = registered.key.secret
    assert worker.keyring.cached(secret) is None
    caller = await worker.keyring.authenticate(secret)
    assert worker.keyring.cached(secret) is caller
    assert (caller.account, caller.plan) == ((registered.organisation.id, registered.application.id), "open")


async def test_no_worker_accepts_a_key_whose_revocation_is_effective_everywhere(
    keys: ApiKeys, start_worker: StartWorker
) -> None:
    workers = [await start_worker(), await start_worker()]
    issued = (await keys.register("Rah", "rah@example.ir", "cheap travel")).key
    secret = issued.secret
    for each in workers:
        await each.keyring.authenticate(secret)
    revoked = await keys.revoke_key(issued.key.id, "lost", OPERATOR)
    assert (revoked.key.state, revoked.spread.is_everywhere) == (KeyState.REVOKED, True)
    assert revoked.spread.workers == 2
    for each in workers:
        assert each.keyring.cached(secret) is None
        assert await _reason(each.keyring, secret) == "revoked"


async def test_a_hundred_revocations_are_each_complete_when_they_return(
    keys: ApiKeys, start_worker: StartWorker
) -> None:
    workers = [await start_worker(), await start_worker()]
    for _ in range(100):
        issued = (await keys.register("Rah", "rah@example.ir", "cheap travel")).key
        for each in workers:
            await each.keyring.authenticate(issued.secret)
        assert (await keys.revoke_key(issued.key.id, "lost", OPERATOR)).spread.is_everywhere
        assert [each.keyring.cached(issued.secret) for each in workers] == [None, None]


async def _loading(
    keys: ApiKeys, start_worker: StartWorker, held: HeldConnections
) -> tuple[KeyRing, IssuedKey, asyncio.Task[Caller]]:
    """A key that is being loaded: what the database said was read, and has not arrived yet."""
    keyring = (await start_worker(held)).keyring
    issued = (await keys.register("Rah", "rah@example.ir", "cheap travel")).key
    before = asyncio.create_task(keyring.authenticate(issued.secret))
    await held.has_read.wait()
    return keyring, issued, before


async def test_a_load_that_a_revocation_overtakes_is_not_remembered(
    keys: ApiKeys, start_worker: StartWorker, held: HeldConnections
) -> None:
    keyring, issued, before = await _loading(keys, start_worker, held)
    assert (await keys.revoke_key(issued.key.id, "lost", OPERATOR)).spread.is_everywhere
    held.gate.set()
    assert (await before).key_id == issued.key.id  # sent before the revocation returned
    assert keyring.cached(issued.secret) is None
    assert await _reason(keyring, issued.secret) == "revoked"


async def test_a_request_after_a_revocation_does_not_join_a_load_from_before(
    keys: ApiKeys, start_worker: StartWorker, held: HeldConnections
) -> None:
    keyring, issued, before = await _loading(keys, start_worker, held)
    await keys.revoke_key(issued.key.id, "lost", OPERATOR)
    after = asyncio.create_task(_reason(keyring, issued.secret))
    await asyncio.sleep(0)
    held.gate.set()
    assert await after == "revoked"
    await before


async def test_requests_for_a_cold_key_share_one_question_and_one_that_leaves_spoils_it_for_nobody(
    keys: ApiKeys, start_worker: StartWorker, held: HeldConnections
) -> None:
    keyring = (await start_worker(held)).keyring
    secret = await _secret(keys)
    asking = [asyncio.create_task(keyring.authenticate(secret)) for _ in range(20)]
    await held.has_read.wait()
    asking[0].cancel()
    held.gate.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert len({caller.key_id for caller in answers[1:] if not isinstance(caller, BaseException)}) == 1
    assert held.reads == 1


async def test_a_process_without_contact_trusts_nothing_that_it_remembers(
    keys: ApiKeys, connections: Connections
) -> None:
    keyring = KeyRing(connections, Pulse(connections, "api"), PEPPER)  # a pulse that never started is not fresh
    issued = (await keys.register("Rah", "rah@example.ir", "cheap travel")).key
    await keyring.authenticate(issued.secret)
    assert keyring.cached(issued.secret) is None
    await keys.revoke_key(issued.key.id, "lost", OPERATOR)
    assert await _reason(keyring, issued.secret) == "revoked"


async def test_a_process_that_was_declared_dead_uses_no_memory_any_more(keys: ApiKeys, worker: Worker) -> None:
    secret = await _secret(keys)
    await worker.keyring.authenticate(secret)
    worker.pulse.is_fenced = True
    assert worker.keyring.cached(secret) is None
    assert (await worker.keyring.authenticate(secret)).plan == "open"


async def test_lost_contact_drops_everything(keys: ApiKeys, worker: Worker) -> None:
    secret = await _secret(keys)
    await worker.keyring.authenticate(secret)
    worker.keyring.forget_all()
    assert worker.keyring.cached(secret) is None


async def test_what_a_key_has_signed_stands_as_long_as_the_key_and_no_longer(keys: ApiKeys, worker: Worker) -> None:
    registered = await keys.register("Rah", "rah@example.ir", "cheap travel")
    key_id = registered.key.key.id
    assert await worker.keyring.standing(key_id) == await worker.keyring.authenticate(registered.key.secret)
    await keys.revoke_key(key_id, "leaked", OPERATOR)
    for gone, reason in ((key_id, "revoked"), (KeyId("abcdefgh"), "unknown")):
        with pytest.raises(Unauthenticated) as refusal:
            await worker.keyring.standing(gone)
        assert refusal.value.details["reason"] == reason


async def test_a_suspended_organisation_is_refused_and_an_approved_one_has_its_new_plan(
    keys: ApiKeys, worker: Worker, organisations: Organisations
) -> None:
    registered = await keys.register("Rah", "rah@example.ir", "cheap travel")
    secret, organisation_id = registered.key.secret, registered.organisation.id
    await worker.keyring.authenticate(secret)
    suspended = await organisations.suspend(organisation_id, "abuse", OPERATOR)
    assert suspended.spread.is_everywhere
    assert worker.keyring.cached(secret) is None
    with pytest.raises(Unauthenticated, match="is suspended: abuse") as refusal:
        await worker.keyring.authenticate(secret)
    assert refusal.value.details["reason"] == "suspended"
    await organisations.approve(organisation_id, OPERATOR)
    assert (await worker.keyring.authenticate(secret)).plan == "approved"


async def test_a_wrong_secret_answers_like_an_unknown_key_even_when_the_key_is_revoked(
    keys: ApiKeys, worker: Worker
) -> None:
    """Why a key is refused is told only to who holds it."""
    issued = (await keys.register("Rah", "rah@example.ir", "cheap travel")).key
    await keys.revoke_key(issued.key.id, "lost", OPERATOR)
    answers = []
    for token in (_with_another_secret(issued.secret), draw(KeyKind.LIVE).text):
        with pytest.raises(Unauthenticated) as refusal:
            await worker.keyring.authenticate(token)
        answers.append(refusal.value.as_problem("req_1"))
    assert answers[0] == answers[1]
    assert answers[0]["details"] == {"reason": "unknown"}


async def test_memory_refuses_a_wrong_secret_of_a_known_key(keys: ApiKeys, worker: Worker) -> None:
    secret = await _secret(keys)
    await worker.keyring.authenticate(secret)
    assert worker.keyring.cached(_with_another_secret(secret)) is None
    assert worker.keyring.cached(secret[:-1]) is None
    assert worker.keyring.cached("") is None


@pytest.mark.parametrize(("token", "reason"), [("", "missing"), ("nonsense", "malformed"), ("gsbl_abc", "truncated")])
async def test_what_is_no_key_is_refused_without_asking(connections: Connections, token: str, reason: str) -> None:
    await connections.close()
    keyring = KeyRing(connections, Pulse(connections, "api"), PEPPER)
    assert await _reason(keyring, token) == reason


async def test_a_key_ends_by_the_clock_without_any_event(keys: ApiKeys, start_worker: StartWorker) -> None:
    clock = Clock()
    keyring = (await start_worker(clock=clock)).keyring
    secret = await _secret(keys)
    await keyring.authenticate(secret)
    clock.now += 366 * 86_400
    assert keyring.cached(secret) is None
    assert await _reason(keyring, secret) == "expired"


async def test_an_unknown_key_is_not_asked_for_again_within_five_seconds(
    keys: ApiKeys, connections: Connections, start_worker: StartWorker
) -> None:
    clock = Clock()
    keyring = (await start_worker(clock=clock)).keyring
    secret = await _secret(keys)
    async with connections.use() as connection:
        await connection.execute("create table hidden as select * from gsb.api_key")
        await connection.execute("delete from gsb.api_key")
        assert await _reason(keyring, secret) == "unknown"
        await connection.execute("insert into gsb.api_key select * from hidden")
    clock.now += UNKNOWN_SECONDS - 0.1
    assert await _reason(keyring, secret) == "unknown"
    clock.now += 0.1
    assert (await keyring.authenticate(secret)).plan == "open"


async def test_memory_is_bounded_and_drops_the_oldest(keys: ApiKeys, start_worker: StartWorker) -> None:
    keyring = (await start_worker(records_max=2, unknown_max=2)).keyring
    secrets = [await _secret(keys) for _ in range(3)]
    for secret in secrets:
        await keyring.authenticate(secret)
        await _reason(keyring, draw(KeyKind.LIVE).text)
    assert [keyring.cached(secret) is not None for secret in secrets] == [False, True, True]
    assert (len(keyring._records), len(keyring._unknown)) == (2, 2)


@pytest.mark.prove
async def test_under_load_no_request_sent_after_a_revocation_returned_is_ever_accepted(
    keys: ApiKeys, start_worker: StartWorker
) -> None:
    workers = [await start_worker() for _ in range(4)]
    late = 0
    for _ in range(300):
        issued = (await keys.register("Rah", "rah@example.ir", "cheap travel")).key
        returned = asyncio.Event()
        hammers = [asyncio.create_task(_hammer(each.keyring, issued.secret, returned)) for each in workers * 4]
        assert (await keys.revoke_key(issued.key.id, "lost", OPERATOR)).spread.is_everywhere
        returned.set()
        late += sum(await asyncio.gather(*hammers))
    assert late == 0


async def _hammer(keyring: KeyRing, secret: str, returned: asyncio.Event) -> int:
    """Ask until ten requests were sent after the revocation returned; how many of those were accepted."""
    late = after = 0
    while after < 10:
        is_after = returned.is_set()
        after += is_after
        try:
            _ = keyring.cached(secret) or await keyring.authenticate(secret)
            late += is_after
        except Unauthenticated:
            pass
        await asyncio.sleep(0)
    return late


class CutConnections(Connections):
    """A line to the database that can be cut for one process alone."""

    is_cut = False

    async def connect(self) -> Connection:
        if self.is_cut:
            raise Unavailable("The database does not answer.", reason="database")
        return await super().connect()


async def test_a_worker_that_is_cut_off_is_waited_for_until_its_fence_and_accepts_no_revoked_key_after_it(
    keys: ApiKeys, database_url: str
) -> None:
    own = CutConnections(database_url, size=2)
    pulse = Pulse(own, "api")
    keyring = KeyRing(own, pulse, PEPPER)
    await pulse.start()
    issued = (await keys.register("Rah", "rah@example.ir", "cheap travel")).key
    await keyring.authenticate(issued.secret)
    own.is_cut = True
    pulse._hang_up()
    done = await keys.revoke_key(issued.key.id, "lost", OPERATOR)
    assert (done.spread.is_everywhere, done.spread.open) == (True, 0)
    assert pulse.seconds_since_contact >= FENCE_SECONDS
    assert keyring.cached(issued.secret) is None
    own.is_cut = False
    await pulse.stop()
    await own.close()
