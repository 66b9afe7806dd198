"""Answers on their way out: large ones in pieces, so that a caller who does not read holds a piece and not the whole.

A server takes whatever it is given into its buffer at once, 8 MiB for as long as the caller likes; only between two
pieces does it wait until the buffer is low again. Connections to the database were given back long before.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PIECE_BYTES = 128 * 1024
SECONDS_MAX = 60.0  # for a whole answer: 8 MiB at 1.1 Mbit/s

log = logging.getLogger(__name__)


async def send_body(send: Send, body: bytes, seconds_max: float = SECONDS_MAX) -> bool:
    """An answer of one piece costs no timer. One that is not read in time stays unfinished (False): the server
    then closes.
    """
    if len(body) <= PIECE_BYTES:
        await send({"type": "http.response.body", "body": body})
        return True
    try:
        async with asyncio.timeout(seconds_max):
            for start in range(0, len(body), PIECE_BYTES):
                piece = body[start : start + PIECE_BYTES]
                await send({"type": "http.response.body", "body": piece, "more_body": start + PIECE_BYTES < len(body)})
    except TimeoutError:
        log.warning("a caller reads too slowly", extra={"bytes": len(body)})
        return False
    return True
