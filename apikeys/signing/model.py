"""A signing key and its life: next → active → retiring → retired, by moments that are fixed when they are decided.

A state is a function of the key and the clock. So no process has to be up to turn a key from one state into the next,
and all workers do it at the same moment, give or take their clocks, for which every step has room.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

JWKS_SECONDS = 300  # for so long anybody may keep the key set without asking again
TOKEN_SECONDS = 600
LEEWAY_SECONDS = 30  # by so much two clocks may differ

# Whoever fetched the key set just before a key was added has asked again, twice over, before it signs anything.
PUBLISHED_BEFORE = timedelta(seconds=2 * JWKS_SECONDS + LEEWAY_SECONDS)
# The last token of a worker whose clock is late outlives the key by its lifetime and the leeway of both clocks.
RETIRED_AFTER = timedelta(seconds=TOKEN_SECONDS + 2 * LEEWAY_SECONDS)


class SigningState(StrEnum):
    NEXT = "next"  # published, does not sign yet
    ACTIVE = "active"
    RETIRING = "retiring"  # signs no more; what it signed stands
    RETIRED = "retired"  # what it signed is refused, and its private half is erased


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`sealed_key` is the private half, encrypted. Once it is erased (None), the key is retired by every clock."""

    kid: str
    public_key: bytes
    sealed_key: bytes | None = field(repr=False)
    published_at: datetime
    active_from: datetime
    active_until: datetime | None
    retired_from: datetime | None

    def state(self, now: datetime) -> SigningState:
        if self.sealed_key is None or (self.retired_from is not None and self.retired_from <= now):
            return SigningState.RETIRED
        if self.active_until is not None and self.active_until <= now:
            return SigningState.RETIRING
        return SigningState.ACTIVE if self.active_from <= now else SigningState.NEXT


def kid_of(public_key: bytes) -> str:
    """The name of a key says which key it is: nobody can put another one under it."""
    return urlsafe_b64encode(hashlib.sha256(public_key).digest()[:12]).decode()


def published(keys: Iterable[SigningKey], now: datetime) -> tuple[SigningKey, ...]:
    """What the key set shows: all but the retired."""
    return tuple(key for key in keys if key.state(now) is not SigningState.RETIRED)
