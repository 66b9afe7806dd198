"""Across a rotation nobody notices anything, whoever's clock is off and whenever the key set was fetched."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from publicgsb.apikeys.data_tokens import DataTokens
from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.signing.model import JWKS_SECONDS, LEEWAY_SECONDS, PUBLISHED_BEFORE, RETIRED_AFTER, TOKEN_SECONDS
from publicgsb.apikeys.signing.ring import SigningRing
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.apikeys.verifying import kid_named
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.pulse import Pulse

from .conftest import SECRET, Clock

LIVE = Caller("abcdefgh", KeyKind.LIVE, 3, 7, "open")
STEP = 5
SPAN = round((PUBLISHED_BEFORE + RETIRED_AFTER).total_seconds()) + TOKEN_SECONDS


class Skewed:
    """A worker whose clock is off by so many seconds."""

    def __init__(self, keys: SigningKeys, pulse: Pulse, clock: Clock, seconds: float) -> None:
        self.ring = SigningRing(keys, pulse, Sealer(SECRET), clock=lambda: clock.seconds() + seconds)
        self.tokens = DataTokens(self.ring, clock=lambda: clock.seconds() + seconds)


@pytest.mark.parametrize("makers_clock", [-LEEWAY_SECONDS / 2, 0, LEEWAY_SECONDS / 2])
@pytest.mark.parametrize("readers_clock", [-LEEWAY_SECONDS / 2, 0, LEEWAY_SECONDS / 2])
async def test_every_token_made_at_any_moment_of_a_rotation_lasts_its_time_everywhere(
    connections: Connections, signing_keys: SigningKeys, clock: Clock, makers_clock: float, readers_clock: float
) -> None:
    pulse = Pulse(connections, "api")
    maker = Skewed(signing_keys, pulse, clock, makers_clock)
    reader = Skewed(signing_keys, pulse, clock, readers_clock)
    await signing_keys.ensure()
    first = (await signing_keys.keys())[0].kid
    await signing_keys.rotate(OPERATOR)
    for worker in (maker, reader):
        await worker.ring.load()
    made: list[tuple[float, str]] = []
    fetched: list[tuple[float, set[str]]] = [(clock.seconds() - 1, {first})]  # somebody just before it all began
    kids = set()
    for _ in _steps(clock):
        now = clock.seconds()
        text = maker.tokens.issue(LIVE, None).text
        made.append((now, text))
        kids.add(kid_named(text))
        fetched.append((now, {key.kid for key in reader.ring.published()}))
        made = [(at, one) for at, one in made if now - at < TOKEN_SECONDS]
        assert all(reader.tokens.read(one).key_id == LIVE.key_id for _, one in (made[0], made[-1]))
        fetched = [(at, names) for at, names in fetched if now - at <= JWKS_SECONDS]
        assert all(kid_named(text) in names for _, names in fetched)
    assert len(kids) == 2


def _steps(clock: Clock) -> Iterator[None]:
    for _ in range(0, SPAN, STEP):
        yield None
        clock.forward(timedelta(seconds=STEP))
