"""What a process knows of signing keys: never behind the others, and never asked of anybody in between."""

from datetime import timedelta

import pytest

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.signing.model import PUBLISHED_BEFORE, RETIRED_AFTER
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
