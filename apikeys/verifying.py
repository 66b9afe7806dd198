"""The one rule by which a signed token of ours is believed, whoever it is for.

EdDSA and nothing else: a token names its algorithm, and a verifier that believes it can be talked into `none` or into
HMAC with the public key as secret. The key is looked up by `kid` in this process; nothing in a token is ever fetched,
and a header that says more than which key it was is refused.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from publicgsb.apikeys.signing.model import LEEWAY_SECONDS
from publicgsb.platform.kernel.errors import Unauthenticated

ISSUER = "publicgsb"
ALGORITHM = "EdDSA"
_HEADER_LENGTH_MAX = 256
_HEADER_MEMBERS = frozenset({"alg", "typ", "kid"})
_MOMENT_MAX = 2**40

PublicKeyOf: TypeAlias = Callable[[str], Ed25519PublicKey | None]


class TokenRefused(Exception):
    """`reason` is `malformed`, `unknown` or `expired`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of token must be: for whom, with which claims, and no longer than `length_max`; `hint` says where
    one comes from.
    """

    name: str
    audience: str
    required: Sequence[str]
    length_max: int
    hint: str


def verified(text: str, public_key_of: PublicKeyOf, kind: Kind, now: float) -> dict[str, Any]:
    """The claims of a token that is what it says, at `now`. Raises TokenRefused.

    Its moments may be off by the leeway on either side: it was made by another machine's clock.
    """
    key = public_key_of(kid_named(text)) if len(text) <= kind.length_max else None
    if key is None:
        raise TokenRefused("unknown")
    try:
        claims: dict[str, Any] = jwt.decode(
            text,
            key,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=kind.audience,
            options={
                "require": list(kind.required),
                "strict_aud": True,
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidSignatureError:
        raise TokenRefused("unknown") from None
    except jwt.DecodeError:
        raise TokenRefused("malformed") from None
    except (jwt.PyJWTError, UnicodeError):
        raise TokenRefused("unknown") from None
    _check_moments(claims, now)
    return claims


def refusal(kind: Kind, reason: str) -> Unauthenticated:
    """A TokenRefused in words for whoever sent it."""
    sentences = {
        "expired": f"This {kind.name} has expired.",
        "malformed": f"This is no {kind.name} of this service.",
        "unknown": f"This {kind.name} is not valid here.",
    }
    return Unauthenticated(sentences[reason], reason=reason, hint=kind.hint)


def looks_like_token(text: str) -> bool:
    """True for the shape of a signed token; a key has no dots."""
    return text.count(".") == 2


def kid_named(text: str) -> str:
    """The name of the key in a token's header, which is not verified yet. Raises TokenRefused."""
    head, _, rest = text.partition(".")
    if len(head) > _HEADER_LENGTH_MAX or rest.count(".") != 1:
        raise TokenRefused("malformed")
    try:
        header = orjson.loads(b64decode(head + "=" * (-len(head) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):  # orjson's error is one, and so is text that is not ASCII
        raise TokenRefused("malformed") from None
    if not isinstance(header, dict):
        raise TokenRefused("malformed")
    kid = header.get("kid")
    if not isinstance(kid, str) or header.get("alg") != ALGORITHM or not _HEADER_MEMBERS.issuperset(header):
        raise TokenRefused("unknown")
    return kid


def _check_moments(claims: dict[str, Any], now: float) -> None:
    for name in ("iat", "nbf", "exp"):
        moment = claims.get(name)
        if moment is None:
            continue  # that it is there is the kind's to require
        if type(moment) is not int or not 0 <= moment <= _MOMENT_MAX:
            raise TokenRefused("unknown")
        if name == "exp" and moment <= now - LEEWAY_SECONDS:
            raise TokenRefused("expired")
        if name != "exp" and moment > now + LEEWAY_SECONDS:
            raise TokenRefused("unknown")
