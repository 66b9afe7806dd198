"""gzip, as the last step: what is signed, counted and remembered is the body before it.

Level 1: records come to about a third of their size; higher levels take long for the little that they save.
"""

import asyncio
import hashlib
import zlib

_LEVEL = 1
_IN_THREAD_BYTES = 64 * 1024  # from here on another thread does it: zlib lets go of the interpreter

# Another zlib may write other bytes, and a strong tag names bytes.
CODING = b".gz" + hashlib.sha256(f"{zlib.ZLIB_RUNTIME_VERSION} {_LEVEL}".encode()).hexdigest()[:4].encode()


async def compressed(body: bytes) -> bytes:
    if len(body) >= _IN_THREAD_BYTES:
        return await asyncio.to_thread(_gzip, body)
    return _gzip(body)


def _gzip(body: bytes) -> bytes:
    """The same bytes each time: no name and no date in the head."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()
