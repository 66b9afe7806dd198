"""Files over a line that cuts, forgets, flips bytes and refuses: whole and right, or a named error."""

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from publicgsb_sdk import ConnectionFailed, NotPermitted
from publicgsb_sdk.cli.fetching import ATTEMPTS, FileDamaged, Wanted, fetch

CONTENT = random.Random(1).randbytes(700_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers as the test says, in turn; the last answer again and again."""

    protocol_version = "HTTP/1.1"
    server: "Files"

    def do_GET(self) -> None:
        self.server.asked.append(self.headers.get("range"))
        answers = self.server.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, *_: object) -> None:
        pass

    @property
    def begins_at(self) -> int:
        asked = self.headers.get("range")
        return int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0

    def give(self, content: bytes = CONTENT, *, keeps_to_range: bool = True, ends_after: int | None = None) -> None:
        begin = self.begins_at if keeps_to_range else 0
        body = content[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if ends_after is None else body[:ends_after])
        if ends_after is not None:
            self.wfile.flush()
            self.close_connection = True


class Files(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = [Handler.give]
        self.asked: list[str | None] = []

    @property
    def wanted(self) -> Wanted:
        return Wanted(f"http://127.0.0.1:{self.server_address[1]}/file", len(CONTENT), SHA256, {})


@pytest.fixture
def files() -> Iterator[Files]:
    with Files() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client() as client:
        yield client


def cut(after: int) -> Answer:
    return lambda handler: handler.give(ends_after=after)


def flipped(handler: Handler) -> None:
    handler.give(CONTENT[:1000] + bytes([CONTENT[1000] ^ 1]) + CONTENT[1001:])


def test_a_file_is_there_when_it_is_whole(files: Files, http: httpx2.Client, tmp_path: Path) -> None:
    reported: list[int] = []
    assert fetch(http, files.wanted, tmp_path / "f", reported.append) == len(CONTENT)
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert [one.name for one in tmp_path.iterdir()] == ["f"]
    assert (reported == sorted(reported), reported[-1]) == (True, len(CONTENT))


def test_after_a_cut_it_goes_on_where_it_stopped(files: Files, http: httpx2.Client, tmp_path: Path) -> None:
    files.answers = [cut(300_000), cut(100_000), Handler.give]
    assert fetch(http, files.wanted, tmp_path / "f") >= len(CONTENT) - 400_000
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert files.asked[0] is None and all(files.asked[1:])


def test_a_server_that_knows_no_ranges_is_read_from_the_start(
    files: Files, http: httpx2.Client, tmp_path: Path
) -> None:
    (tmp_path / "f.incomplete").write_bytes(CONTENT[:5000])
    files.answers = [lambda handler: handler.give(keeps_to_range=False)]
    fetch(http, files.wanted, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_wrong_byte_is_fetched_once_more(files: Files, http: httpx2.Client, tmp_path: Path) -> None:
    files.answers = [flipped, Handler.give]
    fetch(http, files.wanted, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_wrong_byte_that_comes_again_is_refused_and_nothing_is_kept(
    files: Files, http: httpx2.Client, tmp_path: Path
) -> None:
    files.answers = [flipped]
    with pytest.raises(FileDamaged):
        fetch(http, files.wanted, tmp_path / "f")
    assert list(tmp_path.iterdir()) == []
    assert len(files.asked) == 2


def test_what_had_come_before_was_wrong_and_is_found_out(files: Files, http: httpx2.Client, tmp_path: Path) -> None:
    (tmp_path / "f.incomplete").write_bytes(b"x" * 5000)
    fetch(http, files.wanted, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_more_than_the_file_is_long_is_not_taken(files: Files, http: httpx2.Client, tmp_path: Path) -> None:
    files.answers = [lambda handler: handler.give(CONTENT + b"more" * 1000)]
    fetch(http, files.wanted, tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_line_that_breaks_each_time_is_given_up_and_what_came_is_kept(
    files: Files, http: httpx2.Client, tmp_path: Path
) -> None:
    files.answers = [cut(1000)]
    with pytest.raises(ConnectionFailed, match="goes on from there"):
        fetch(http, files.wanted, tmp_path / "f")
    assert len(files.asked) == ATTEMPTS
    assert [one.name for one in tmp_path.iterdir()] == ["f.incomplete"]


def test_a_refusal_is_the_service_own_error(files: Files, http: httpx2.Client, tmp_path: Path) -> None:
    def refuse(handler: Handler) -> None:
        handler.send_response(403)
        handler.send_header("content-length", "0")
        handler.end_headers()

    files.answers = [refuse]
    with pytest.raises(NotPermitted):
        fetch(http, files.wanted, tmp_path / "f")
    assert list(tmp_path.iterdir()) == []
