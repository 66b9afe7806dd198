"""Owner tokens: what a person manages keys with. A data key never does, so a leaked one stays harmless.

verifying.py says when one is believed.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from publicgsb.apikeys.model import OWNER_TOKEN_LIFETIME, OwnerToken
from publicgsb.apikeys.signing.model import kid_of
from publicgsb.apikeys.verifying import ALGORITHM, ISSUER, Kind, TokenRefused, refusal, verified

AUDIENCE = "publicgsb:keys"
SCOPE = "manage"
_OWNER_TOKEN = Kind(
    "owner token",
    AUDIENCE,
    ("iss", "aud", "sub", "jti", "iat", "exp", "scope", "gen"),
    length_max=2048,
    hint="Send the owner token of your registration; the operator can issue another to you.",
)
_SUBJECT = re.compile(r"[1-9][0-9]{0,17}").fullmatch  # a person's id, and never more than a bigint holds


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
        self.kid = kid_of(self._public.public_bytes(Encoding.Raw, PublicFormat.Raw))

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
        text = jwt.encode(claims, self._private, algorithm=ALGORITHM, headers={"kid": self.kid})
        return OwnerToken(expires_at, text)

    def verify(self, text: str) -> Claims:
        """The claims of a valid token; raises Unauthenticated (`malformed`, `unknown`, `expired`)."""
        try:
            claims = verified(text, self._public_key, _OWNER_TOKEN, time.time())
        except TokenRefused as refused:
            raise refusal(_OWNER_TOKEN, refused.reason) from None
        if claims["scope"] != SCOPE or not _SUBJECT(claims["sub"]) or type(claims["gen"]) is not int:
            raise refusal(_OWNER_TOKEN, "unknown")
        return Claims(int(claims["sub"]), claims["gen"], datetime.fromtimestamp(claims["exp"], UTC))

    def _public_key(self, kid: str) -> Ed25519PublicKey | None:
        return self._public if kid == self.kid else None
