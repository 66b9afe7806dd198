"""Certificates of releases are signed with the platform's signing key; who signs is decided here, for all processes."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt import api_jws

from publicgsb.apikeys.signing.model import SigningState
from publicgsb.apikeys.signing.ring import Signer
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.datasets.privacy.certificates.http import Sign
from publicgsb.platform.kernel.errors import Unavailable

TYPE = "gsb-certificate"  # no token and no answer is of this type


def signing_with(signer: Callable[[], Signer], clock: Callable[[], float] = time.time) -> Sign:
    """Signs with the key of the moment; the header says which and when, the payload is the document itself."""

    def sign(document: bytes) -> str:
        now = signer()
        said = {"typ": TYPE, "kid": now.kid, "iat": int(clock())}
        return api_jws.encode(document, now.private, algorithm="EdDSA", headers=said)

    return sign


async def signer_of(keys: SigningKeys, sealer: Sealer) -> Signer:
    """The active key, for a process that keeps no ring. Raises Unavailable when none can be opened."""
    await keys.ensure()
    now = datetime.now(UTC)
    for key in await keys.keys():
        if key.state(now) is SigningState.ACTIVE and key.sealed_key is not None:
            raw = sealer.open(key.kid, key.sealed_key)
            if raw is not None:
                return Signer(key.kid, Ed25519PrivateKey.from_private_bytes(raw))
    raise Unavailable(
        "There is no signing key that can be opened here.", reason="signing_key", hint="Was GSB_PEPPER changed?"
    )
