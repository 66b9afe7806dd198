"""A download ends once, with what it sent, also at a client that leaves everything to lie there."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from publicgsb.datasets import downloading
from publicgsb.datasets.downloading import file_response


class OneDownload:
    def __init__(self) -> None:
        self.ends: list[tuple[int, bool]] = []

    async def reach(self, total: int) -> None:
        pass

    def end(self, total: int, *, is_whole: bool) -> None:
        self.ends.append((total, is_whole))


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
@pytest.mark.parametrize("stuck_at", ["http.response.start", "http.response.body"])
async def test_a_client_that_reads_nothing_does_not_keep_its_place(
    monkeypatch: pytest.MonkeyPatch, spec_version: str, stuck_at: str
) -> None:
    monkeypatch.setattr(downloading, "SEND_SECONDS", 0.01)
    download, is_closed = OneDownload(), asyncio.Event()

    async def chunks() -> AsyncGenerator[bytes, None]:
        try:
            yield b"one"
            yield b"two"
        finally:
            is_closed.set()

    async def send(message: Any) -> None:
        if message["type"] == stuck_at:
            await asyncio.Event().wait()

    async def receive() -> Any:
        await asyncio.Event().wait()

    response = await file_response(download, chunks(), {})
    async with asyncio.timeout(60):
        await response({"type": "http", "asgi": {"spec_version": spec_version}}, receive, send)
    sent = 0 if stuck_at == "http.response.start" else len(b"one")
    assert (download.ends, is_closed.is_set()) == ([(sent, False)], True)
