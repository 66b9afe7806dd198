"""Answers signed for whoever asks for it (`Prefer: gsb-signature`), to be shown to others and checked offline.

GSB-Signature is a JWS whose payload is the body itself, before compression, and does not travel in it (RFC 7515,
appendix F; RFC 7797). Its header says by which key, when, to which request, and to which question: else an answer could
be shown for another question. It is made when the bytes are about to leave, for this request alone; nothing that is
kept or shared between requests ever holds one.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from jwt import api_jws

from publicgsb.apikeys.signing.ring import Signer, SigningRing
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.schema.serving.ask import Ask
from publicgsb.schema.serving.negotiation import SIGNATURE_PREFERENCE
from publicgsb.schema.serving.question import question_hash

TYPE = "gsb-answer"  # no token is of this type, and no answer of a token's
_IN_THREAD_BYTES = 256 * 1024  # from here on it takes more than a millisecond

log = logging.getLogger(__name__)


class Signatures:
    """One per worker."""

    def __init__(self, ring: SigningRing | None, clock: Callable[[], float] = time.time) -> None:
        self._ring = ring
        self._clock = clock

    async def headers(self, ask: Ask, request_id: str, body: bytes) -> list[tuple[bytes, bytes]]:
        """The signature of `body`; nothing when it cannot be made: it is a preference, and the answer is good."""
        if self._ring is None:
            return []
        try:
            signer, question = self._ring.signer(), question_hash(ask)
        except (Unavailable, RecursionError) as failure:
            log.warning("an answer is not signed: %s", type(failure).__name__)
            return []
        said = {
            "typ": TYPE,
            "kid": signer.kid,
            "iat": int(self._clock()),
            "requestId": request_id,
            "question": question,
        }
        if len(body) >= _IN_THREAD_BYTES:
            signed = await asyncio.to_thread(_sign, signer, said, body)
        else:
            signed = _sign(signer, said, body)
        return [(b"gsb-signature", signed.encode()), (b"preference-applied", SIGNATURE_PREFERENCE)]


def _sign(signer: Signer, said: dict[str, object], body: bytes) -> str:
    return api_jws.encode(body, signer.private, algorithm="EdDSA", headers=said, is_payload_detached=True)
