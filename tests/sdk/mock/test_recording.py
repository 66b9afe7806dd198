"""Recording contracts ends with a sentence where there is nothing to record, or nowhere to put it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from publicgsb_sdk.testing.__main__ import main


class SomethingElse(BaseHTTPRequestHandler):
    """What may stand at a wrong address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"hello": "world"}')

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), SomethingElse) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("into", "why"), [("folder", "cannot read"), ("file", "File exists")])
def test_what_cannot_be_recorded_is_told_in_a_sentence(
    url: str, into: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PGSB_URL", url)
    monkeypatch.setattr("sys.argv", ["testing", "record", "air.airports", "--into", str(tmp_path / into)])
    assert main() == 1
    assert why in capsys.readouterr().err
    assert list(tmp_path.glob("*/*")) == []
