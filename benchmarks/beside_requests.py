"""What attacks cost that are no request with an answer: callers that do not read, connections of another kind."""

import asyncio
import statistics
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp
from tests.attacks.direct import WEBSOCKET, Direct

from benchmarks.rounds import WrongAnswerError

UNREAD = 50
_SECONDS = 5.0
_RUNS = 200
_DOCUMENT = "query($n:Int!){air{airports(first:$n){nodes{icao name city}}}}"


async def websocket_ms(app: ASGIApp) -> float:
    """CPU of the process for one, the median of many. Raises WrongAnswerError when one is accepted."""
    took = []
    for _ in range(_RUNS):
        began = time.process_time()
        told = await _connect(app)
        took.append((time.process_time() - began) * 1000)
        if told != ["websocket.close"]:
            raise WrongAnswerError(f"A WebSocket was answered by {told}.")
    return statistics.median(took)


async def _connect(app: ASGIApp) -> list[str]:
    told: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message["type"])

    await app(dict(WEBSOCKET), receive, send)
    return told


async def unread_ms_per_second(direct: Direct) -> float:
    """CPU of the process while `UNREAD` answers have begun and nobody takes them."""
    read = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(UNREAD):
            group.create_task(direct.post(_DOCUMENT, {"n": number + 1}, read))
        for _ in range(600):
            if direct.answering == UNREAD:
                break
            await asyncio.sleep(0.05)
        else:
            raise WrongAnswerError(f"Of {UNREAD} answers {direct.answering} have begun.")
        began = time.process_time()
        await asyncio.sleep(_SECONDS)
        took = (time.process_time() - began) * 1000
        read.set()
    return took / _SECONDS
