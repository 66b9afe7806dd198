"""docs/webhooks.md: the table names what is announced, and the receiver it shows works."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from publicgsb.apikeys.webhooks.courier import Courier
from publicgsb.apikeys.webhooks.model import KINDS, Holder, Terms
from publicgsb.apikeys.webhooks.service import Issued, Pinged, Webhooks
from publicgsb.apikeys.webhooks.store import Range
from publicgsb.platform.kernel.database import Connections

from .conftest import announce, states

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_table_names_every_kind_that_is_announced() -> None:
    assert dict(re.findall(r"^\| `([a-z_.]+)` \| (.*) \|$", PAGE, re.MULTILINE)) == KINDS


def test_the_page_tells_the_pauses_of_the_code() -> None:
    words = {1: "5 s", 2: "1 min", 3: "5 min", 4: "30 min", 5: "2 h", 6: "5 h", 7: "10 h", 8: "14 h", 9: "16 h"}
    units = {"s": 1, "min": 60, "h": 3600}
    seconds = [int(number) * units[unit] for number, unit in (word.split() for word in words.values())]
    assert [pause.total_seconds() for pause in Terms().pauses] == seconds
    assert f"{', '.join(list(words.values())[:-1])} and {words[9]}" in " ".join(PAGE.split())


@contextmanager
def _example(monkeypatch: pytest.MonkeyPatch, secret: str) -> Iterator[int]:
    """The page's receiver on a free port; its last line, which serves for ever, is left to a thread."""
    monkeypatch.setitem(os.environ, "WEBHOOK_SECRET", secret)
    *lines, last = EXAMPLE.strip().splitlines()
    assert last == 'HTTPServer(("", 8080), Hook).serve_forever()'
    assert len([line for line in EXAMPLE.splitlines() if line]) <= 20
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    hook: type[BaseHTTPRequestHandler] = names["Hook"]
    with HTTPServer(("127.0.0.1", 0), hook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


async def test_the_receiver_of_the_page_takes_a_message_once_and_nothing_that_another_secret_signed(
    connections: Connections,
    courier: Courier,
    webhooks: Webhooks,
    holder: Holder,
    issued: Issued,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await announce(connections, number=7)
    with _example(monkeypatch, issued.secret) as port:
        moved = await webhooks.change(
            holder, issued.webhook.id, url=f"http://hooks.test:{port}/", kinds=None, label=None
        )
        assert isinstance(moved, Pinged)
        assert moved.outcome.is_success
        await courier.run_once()
        await webhooks.replay(holder, issued.webhook.id, Range(None, None, None))
        assert await courier.run_once() == 1
        await webhooks.rotate(holder, issued.webhook.id, 0)
        await announce(connections, number=8)
        await courier.run_once()
    assert await states(connections) == [("delivered", 1), ("failed", 10)]
    told = capsys.readouterr().out
    assert (told.count('"number":7'), told.count('"number":8')) == (1, 0)
