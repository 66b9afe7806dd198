"""Owner tokens: what a person manages keys with. A data key never does, so a leaked one stays harmless.

EdDSA and nothing else: a token names its algorithm, and a verifier that believes it can be talked into `none`
or into HMAC with the public key as secret. The key is looked up by `kid` in this process; nothing in a token
is ever fetched.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from publicgsb.apikeys.model import OWNER_TOKEN_LIFETIME, OwnerToken
from publicgsb.platform.kernel.errors import Unauthenticated

ISSUER = "publicgsb"
AUDIENCE = "publicgsb:keys"
SCOPE = "manage"
_ALGORITHM = "EdDSA"
_REQUIRED = ("iss", "aud", "sub", "jti", "iat", "exp", "scope", "gen")
_LENGTH_MAX = 2048
_SUBJECT = re.compile(r"[1-9][0-9]{0,17}").fullmatch  # a person's id, and never more than a bigint holds
_LEEWAY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says; `generation` must still be the person's, or the token was called back."""

    person_id: int
    generation: int
    expires_at: datetime


class OwnerTokens:
    """Issues and verifies owner tokens with one Ed25519 key (PKCS 8, PEM)."""

    def __init__(self, signing_key_pem: bytes) -> None:
        private = load_pem_private_key(signing_key_pem, password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("the signing key must be an Ed25519 private key")
        self._private = private
        self._public = private.public_key()
        raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.kid = urlsafe_b64encode(hashlib.sha256(raw).digest()[:12]).decode()

    def issue(self, person_id: int, generation: int, now: datetime) -> OwnerToken:
        """A token of scope `manage` that is valid for 90 days from `now`."""
        expires_at = (now + OWNER_TOKEN_LIFETIME).replace(microsecond=0)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(person_id),
            "jti": uuid4().hex,
            "iat": now,
            "exp": expires_at,
            "scope": SCOPE,
            "gen": generation,
        }
        text = jwt.encode(claims, self._private, algorithm=_ALGORITHM, headers={"kid": self.kid})
        return OwnerToken(expires_at, text)

    def verify(self, text: str) -> Claims:
        """The claims of a valid token; raises Unauthenticated (`malformed`, `unknown`, `expired`)."""
        try:
            if len(text) > _LENGTH_MAX or jwt.get_unverified_header(text).get("kid") != self.kid:
                raise _refused("unknown")
            claims = jwt.decode(
                text,
                self._public,
                algorithms=[_ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=_LEEWAY_SECONDS,
                options={"require": list(_REQUIRED), "strict_aud": True},
            )
        except jwt.ExpiredSignatureError:
            raise _refused("expired") from None
        except jwt.DecodeError as wrong:
            raise _refused("unknown" if isinstance(wrong, jwt.InvalidSignatureError) else "malformed") from None
        except (jwt.PyJWTError, UnicodeError):
            raise _refused("unknown") from None
        if claims["scope"] != SCOPE or not _SUBJECT(claims["sub"]) or type(claims["gen"]) is not int:
            raise _refused("unknown")
        return Claims(int(claims["sub"]), claims["gen"], datetime.fromtimestamp(claims["exp"], UTC))


def _refused(reason: str) -> Unauthenticated:
    sentences = {
        "expired": "This owner token has expired.",
        "malformed": "This is not an owner token.",
        "unknown": "This owner token is not valid here.",
    }
    return Unauthenticated(
        sentences[reason],
        reason=reason,
        hint="Send the owner token of your registration; the operator can issue another to you.",
    )


def looks_like_token(text: str) -> bool:
    """True for the shape of a signed token; a key has no dots."""
    return text.count(".") == 2
