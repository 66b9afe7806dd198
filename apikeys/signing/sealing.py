"""Private keys at rest: encrypted, with a secret that the database does not hold, so that a stolen dump signs nothing.

The secret is the pepper, which every machine of an installation has already, through a derivation of its own: what is
derived for sealing tells nothing of what digests keys, nor the other way round.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_PURPOSE = b"publicgsb signing keys 1"


class Sealer:
    """AES-256-GCM, bound to the name of the key: one sealed key cannot be passed off as another."""

    def __init__(self, secret: bytes) -> None:
        self._aead = AESGCM(HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret))

    def seal(self, kid: str, private_key: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, private_key, kid.encode())

    def open(self, kid: str, sealed: bytes) -> bytes | None:
        """The private key; None when it was sealed under another secret, for another name, or was changed."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], kid.encode())
        except (InvalidTag, ValueError):
            return None
