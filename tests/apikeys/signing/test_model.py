"""The life of a signing key is a function of its moments and the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from publicgsb.apikeys.signing.model import (
    JWKS_SECONDS,
    LEEWAY_SECONDS,
    PUBLISHED_BEFORE,
    RETIRED_AFTER,
    TOKEN_SECONDS,
    SigningKey,
    SigningState,
    kid_of,
    published,
)

T = datetime(2026, 11, 27, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
KEY = SigningKey("k" * 16, b"p" * 32, b"sealed", T, T + HOUR, T + 2 * HOUR, T + 3 * HOUR)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (T, SigningState.NEXT),
        (T + HOUR - TICK, SigningState.NEXT),
        (T + HOUR, SigningState.ACTIVE),
        (T + 2 * HOUR - TICK, SigningState.ACTIVE),
        (T + 2 * HOUR, SigningState.RETIRING),
        (T + 3 * HOUR - TICK, SigningState.RETIRING),
        (T + 3 * HOUR, SigningState.RETIRED),
    ],
)
def test_a_key_is_next_then_active_then_retiring_then_retired(at: datetime, state: SigningState) -> None:
    assert KEY.state(at) is state
    assert bool(published([KEY], at)) is (state is not SigningState.RETIRED)


def test_a_key_is_known_twice_over_before_it_signs_and_outlives_what_it_signed() -> None:
    assert timedelta(seconds=2 * JWKS_SECONDS) <= PUBLISHED_BEFORE
    assert timedelta(seconds=TOKEN_SECONDS + LEEWAY_SECONDS) <= RETIRED_AFTER


def test_the_name_of_a_key_follows_from_it_and_its_private_half_is_in_no_repr() -> None:
    assert len({kid_of(bytes([byte]) * 32) for byte in range(256)}) == 256
    assert "sealed" not in repr(KEY).replace("sealed_key", "")
