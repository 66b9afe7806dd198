"""Data tokens: a key's right to read for ten minutes, in whole or for some datasets, for where a key must not go.

A browser, a phone, a partner's server. A token stands on its key at every request: the key ring looks at the key's
record each time, so whatever ends the key ends its tokens in the same moment.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple
from uuid import uuid4

import jwt

from publicgsb.apikeys.format import is_id
from publicgsb.apikeys.model import KeyRecord
from publicgsb.apikeys.signing.model import LEEWAY_SECONDS, TOKEN_SECONDS
from publicgsb.apikeys.signing.ring import SigningRing
from publicgsb.apikeys.verifying import ALGORITHM, ISSUER, Kind, TokenRefused, kid_named, refusal, verified
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.platform.kernel.ids import KeyId

AUDIENCE = "publicgsb:data"
TOKENS_MAX = 10_000  # verified ones that a worker remembers
LENGTH_MAX = 4096
_READ = "read"  # all that the key may read; `read:agency/dataset`, one or several, only these
_DATA_TOKEN = Kind(
    "token",
    AUDIENCE,
    ("iss", "aud", "sub", "jti", "key_id", "scope", "iat", "nbf", "exp"),
    LENGTH_MAX,
    hint="POST /api/v1/auth/token with a key gives a new one. An owner token manages keys and reads no data.",
)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token as its key's holder gets it, once."""

    expires_at: datetime
    text: str = field(repr=False)


class TokenClaims(NamedTuple):
    """What a verified token says: whose right it is, for which datasets (None: all), and until when."""

    key_id: KeyId
    only: frozenset[str] | None
    expires_at: int


class DataTokens:
    """Issues, verifies and remembers them; one per worker. A text is remembered by a keyed digest, never itself."""

    def __init__(
        self, ring: SigningRing, *, clock: Callable[[], float] = time.time, tokens_max: int = TOKENS_MAX
    ) -> None:
        self._ring = ring
        self._clock = clock
        self._tokens_max = tokens_max
        self._digest_key = secrets.token_bytes(32)
        self._remembered: OrderedDict[bytes, KeyRecord] = OrderedDict()

    def issue(self, caller: Caller, only: frozenset[str] | None) -> IssuedToken:
        """A token of the caller's key, for `only` or for all that the key reads. Raises NotPermitted, Unavailable.

        What the key itself is narrowed to is not written into it: that is looked at when the token is used.
        """
        _refuse_beyond(caller, only)
        signer = self._ring.signer()
        now = int(self._clock())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"application:{caller.application_id}",
            "jti": uuid4().hex,
            "key_id": caller.key_id,
            "scope": _READ if only is None else " ".join(f"{_READ}:{name}" for name in sorted(only)),
            "iat": now,
            "nbf": now,
            "exp": now + TOKEN_SECONDS,
        }
        text = jwt.encode(claims, signer.private, algorithm=ALGORITHM, headers={"kid": signer.kid})
        return IssuedToken(datetime.fromtimestamp(now + TOKEN_SECONDS, UTC), text)

    async def caught_up(self) -> bool:
        """A process that may have missed something asks which signing keys still count. True: read the token again."""
        return await self._ring.caught_up()

    def read(self, text: str) -> TokenClaims:
        """What a valid token says; raises Unauthenticated (`malformed`, `unknown`, `expired`)."""
        try:
            claims = verified(text, self._ring.public, _DATA_TOKEN, self._clock())
            key_id, scope = claims["key_id"], claims["scope"]
            if not isinstance(key_id, str) or not is_id(key_id) or not isinstance(scope, str):
                raise TokenRefused("unknown")
            return TokenClaims(KeyId(key_id), _only(scope), claims["exp"])
        except TokenRefused as refused:
            raise refusal(_DATA_TOKEN, refused.reason) from None

    def is_signed_here(self, text: str) -> bool:
        """Whether a token names one of our keys for data tokens; nothing of it is verified by that."""
        try:
            return self._ring.public(kid_named(text)) is not None
        except TokenRefused:
            return False

    def remembered(self, text: str) -> KeyRecord | None:
        """What was made of a token that was verified before; whether it still stands is the key ring's to say."""
        digest = self._digest(text)
        found = self._remembered.get(digest)
        if found is not None:
            self._remembered.move_to_end(digest)
        return found

    def remember(self, text: str, claims: TokenClaims, record: KeyRecord) -> KeyRecord:
        """The record of a token: its key's, narrowed, and no longer than the token lasts."""
        narrowed = record_of(claims, record)
        self._remembered[self._digest(text)] = narrowed
        if len(self._remembered) > self._tokens_max:
            self._remembered.popitem(last=False)
        return narrowed

    def forget_all(self) -> None:
        self._remembered.clear()

    def _digest(self, text: str) -> bytes:
        return blake2b(text.encode("utf-8"), digest_size=16, key=self._digest_key).digest()


def record_of(claims: TokenClaims, record: KeyRecord) -> KeyRecord:
    """What a token with these claims may do, given its key's record."""
    return replace(
        record,
        caller=replace(record.caller, only=_both(record.caller.only, claims.only), is_token=True),
        usable_until=min(record.usable_until, claims.expires_at + LEEWAY_SECONDS),
        parent=record,
    )


def _refuse_beyond(caller: Caller, only: frozenset[str] | None) -> None:
    if caller.kind is KeyKind.AGENCY:
        raise NotPermitted(
            "An agency key releases data; it does not read it, and neither would its token.",
            reason="agency_key",
            hint="Use the key of an application (gsbl_…).",
        )
    beyond = sorted(only - caller.only) if only is not None and caller.only is not None else []
    if beyond:
        raise NotPermitted(f"This key does not read {', '.join(beyond)}.", reason="key_dataset")


def _both(first: frozenset[str] | None, second: frozenset[str] | None) -> frozenset[str] | None:
    if first is None or second is None:
        return second if first is None else first
    return first & second


def _only(scope: str) -> frozenset[str] | None:
    """Raises TokenRefused for a scope that is not of our making."""
    if scope == _READ:
        return None
    names = scope.split(" ") if scope else []
    if not all(name.startswith(f"{_READ}:") for name in names):
        raise TokenRefused("unknown")
    return frozenset(name.removeprefix(f"{_READ}:") for name in names)
