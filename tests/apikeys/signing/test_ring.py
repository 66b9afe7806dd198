"""What a process knows of signing keys: never behind the others, and never asked of anybody in between."""

import asyncio
from datetime import timedelta

import pytest

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.signing.model import PUBLISHED_BEFORE, RETIRED_AFTER, SigningKey
from publicgsb.apikeys.signing.ring import SigningRing
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.pulse import Pulse

from .conftest import SECRET, Clock, StartWorker


async def test_all_workers_follow_a_rotation_and_switch_at_the_same_moment(
    start_worker: StartWorker, signing_keys: SigningKeys, clock: Clock
) -> None:
    rings = [(await start_worker()).ring for _ in range(3)]
    old = rings[0].signer().kid
    new = (await signing_keys.rotate(OPERATOR)).new.kid
    for moment, signs in ((timedelta(0), old), (PUBLISHED_BEFORE, new)):
        clock.forward(moment)
        assert {ring.signer().kid for ring in rings} == {signs}
        assert all([key.kid for key in ring.published()] == [new, old] for ring in rings)
    assert all(ring.public(old) for ring in rings)
    clock.forward(RETIRED_AFTER)
    assert [ring.public(old) for ring in rings] == [None] * 3
    assert all([key.kid for key in ring.published()] == [new] for ring in rings)


async def test_distrust_reaches_every_worker_before_it_returns_and_is_told_once(
    start_worker: StartWorker, signing_keys: SigningKeys
) -> None:
    workers = [await start_worker() for _ in range(2)]
    heard: list[int] = []
    for number, worker in enumerate(workers):
        worker.ring.on_distrust(lambda number=number: heard.append(number))  # type: ignore[misc]
    old = workers[0].ring.signer().kid
    await signing_keys.rotate(OPERATOR)
    assert heard == []
    new = (await signing_keys.distrust(OPERATOR)).new.kid
    assert sorted(heard) == [0, 1]
    assert [(worker.ring.public(old), worker.ring.signer().kid) for worker in workers] == [(None, new)] * 2


async def test_a_worker_with_another_pepper_verifies_but_signs_nothing(start_worker: StartWorker) -> None:
    good = (await start_worker()).ring
    stranger = (await start_worker(secret=b"another secret of the same length")).ring
    assert stranger.public(good.signer().kid) is not None
    with pytest.raises(Unavailable, match="no signing key"):
        stranger.signer()


async def test_an_unknown_name_is_unknown_at_once(start_worker: StartWorker) -> None:
    ring = (await start_worker()).ring
    assert [ring.public(kid) for kid in ("", "x" * 16, "é", "../../x")] == [None] * 4


@pytest.mark.parametrize("behind", [-20, 0, 20])
async def test_distrust_does_not_wait_for_a_clock_that_is_behind(
    connections: Connections, signing_keys: SigningKeys, clock: Clock, behind: int
) -> None:
    pulse = Pulse(connections, "api")
    ring = SigningRing(signing_keys, pulse, Sealer(SECRET), clock=lambda: clock.seconds() - behind)
    await pulse.start()
    await ring.start()
    old = ring.signer().kid
    await signing_keys.rotate(OPERATOR)
    new = (await signing_keys.distrust(OPERATOR)).new.kid
    assert (ring.public(old), ring.signer().kid, [key.kid for key in ring.published()]) == (None, new, [new])
    await pulse.stop()


class HeldKeys(SigningKeys):
    """Reads at once and answers the first reader only when `gate` opens."""

    def hold(self) -> None:
        self.gate = asyncio.Event()
        self.has_read = asyncio.Event()

    async def keys(self) -> tuple[SigningKey, ...]:
        found = await super().keys()
        if not self.has_read.is_set():
            self.has_read.set()
            await self.gate.wait()
        return found


async def test_a_load_that_a_distrust_overtakes_does_not_put_back_what_it_ended(
    connections: Connections, signing_keys: SigningKeys, clock: Clock
) -> None:
    pulse, held = Pulse(connections, "api"), HeldKeys(connections, Sealer(SECRET), now=clock.now)
    held.hold()
    held.has_read.set()
    ring = SigningRing(held, pulse, Sealer(SECRET), clock=clock.seconds)
    await pulse.start()
    await ring.start()
    old = ring.signer().kid
    held.hold()
    before = asyncio.create_task(ring.load())
    await held.has_read.wait()
    distrust = asyncio.create_task(signing_keys.distrust(OPERATOR))
    await asyncio.wait({distrust}, timeout=0.5)  # as far as it gets while the load from before is under way
    held.gate.set()
    await before
    assert (await distrust).spread.is_everywhere
    assert ring.public(old) is None
    await pulse.stop()


async def test_a_process_without_contact_asks_which_keys_count_before_it_believes_one(
    connections: Connections, signing_keys: SigningKeys, clock: Clock
) -> None:
    ring = SigningRing(signing_keys, Pulse(connections, "api"), Sealer(SECRET), clock=clock.seconds)
    await ring.start()  # and its pulse never does: it hears of nothing
    old = ring.signer().kid
    await signing_keys.distrust(OPERATOR)
    assert ring.public(old) is not None
    await ring.caught_up()
    assert ring.public(old) is None


async def test_what_was_missed_while_contact_was_lost_is_read_until_it_was_read(
    start_worker: StartWorker, signing_keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, asked = await start_worker(), asyncio.Event()
    old = worker.ring.signer().kid

    async def away() -> tuple[SigningKey, ...]:
        monkeypatch.undo()
        asked.set()
        raise Unavailable("The database does not answer.", reason="database")

    monkeypatch.setattr("publicgsb.apikeys.signing.ring.RELOAD_SECONDS", 0.01)
    monkeypatch.setattr(signing_keys, "keys", away)
    worker.ring._reload()
    await asked.wait()
    async with asyncio.timeout(60):
        await worker.ring._reloading  # type: ignore[misc]
    assert worker.ring.signer().kid == old
