"""Answers go out in pieces, each when there is room for it."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from publicgsb.schema.serving.sending import PIECE_BYTES, send_body


@pytest.mark.parametrize(("size", "pieces"), [(0, 1), (PIECE_BYTES, 1), (PIECE_BYTES + 1, 2), (5 * PIECE_BYTES, 5)])
async def test_the_pieces_are_the_answer(size: int, pieces: int) -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    await send_body(send, body)
    assert b"".join(message["body"] for message in sent) == body
    assert [message.get("more_body", False) for message in sent] == [True] * (pieces - 1) + [False]


async def test_a_caller_that_reads_nothing_is_given_one_piece_and_up(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        if sent:
            await asyncio.Event().wait()
        sent.append(message)

    await send_body(send, b"x" * 10 * PIECE_BYTES, seconds_max=0.01)
    assert [len(message["body"]) for message in sent] == [PIECE_BYTES]
    assert "reads too slowly" in caplog.text


async def test_the_time_of_others_is_not_taken_for_ones_own() -> None:
    """A cancelled request ends as cancelled."""

    async def send(_: MutableMapping[str, Any]) -> None:
        await asyncio.Event().wait()

    sending = asyncio.create_task(send_body(send, b"x" * 10 * PIECE_BYTES))
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
