"""Addresses that need no header, for tools that can send none: they say whose key they were made for, and end.

A signature is an HMAC over the path, the end and the key's id. It holds no secret of the key, and gives no right by
itself: whoever comes with one is taken for the key's holder as that key stands now. So an address ends with its key,
with a grant and with the release, and its bytes are the account's.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from publicgsb.platform.kernel.errors import Unauthenticated

URL_SECONDS = 3600
PARAMETERS = frozenset({"for", "expires", "signature"})
_SIGNATURE_BYTES = 24


@dataclass(frozen=True, slots=True)
class Signer:
    """`secret` is derived from the installation's own, and used for nothing else."""

    secret: bytes = field(repr=False)

    def url(self, base_url: str, path: str, key_id: str, expires: int) -> str:
        """`expires` in seconds since 1970."""
        signature = self._signature(path, key_id, str(expires))
        return f"{base_url}{path}?{urlencode({'for': key_id, 'expires': expires, 'signature': signature})}"

    def key_of(self, path: str, parameters: Mapping[str, str], now: float) -> str | None:
        """The id of the key that the address was made for; None for an address that is not signed.

        Raises Unauthenticated (`signature`, `expired`).
        """
        if not PARAMETERS & set(parameters):
            return None
        key_id, expires = parameters.get("for", ""), parameters.get("expires", "")
        given = parameters.get("signature", "").encode()
        if not hmac.compare_digest(given, self._signature(path, key_id, expires).encode()):
            raise Unauthenticated(
                "This address was not made here, or was changed.",
                reason="signature",
                hint="Take it from the release's list of files as it stands.",
            )
        if int(expires) < now:
            raise Unauthenticated(
                "This address has expired.", reason="expired", hint="The release's list of files has new ones."
            )
        return key_id

    def _signature(self, path: str, key_id: str, expires: str) -> str:
        # Lengths first: no two requests say the same.
        told = f"{len(path)}:{path}{len(key_id)}:{key_id}{expires}".encode()
        return urlsafe_b64encode(hmac.digest(self.secret, told, hashlib.sha256)[:_SIGNATURE_BYTES]).decode()
