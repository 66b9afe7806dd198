"""That the load keeps its rate whatever the server does, loses no request, and that its figures are read rightly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from benchmarks.arrivals import UNANSWERED, Seen, arrive, request
from benchmarks.overload import Round, recovery

CALM = Seen(seconds=1.0, due=[0.1, 0.2], took_ms=[4.0, 5.0], statuses=[200, 200])


class Server:
    """Answers `ok` by 200, `no` by 503, and hangs up on the rest."""

    def __init__(self) -> None:
        self.port = 0
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
                status = {b"ok": b"200 OK", b"no": b"503 Gone"}.get(await reader.readexactly(length))
                self.asked += 1
                self.at_once += 1
                self.most_at_once = max(self.at_once, self.most_at_once)
                await asyncio.sleep(0)
                self.at_once -= 1
                if status is None:
                    break
                writer.write(b"HTTP/1.1 %b\r\ncontent-length: 100000\r\n\r\n" % status + b"x" * 100_000)
        except asyncio.IncompleteReadError:
            pass
        writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Server]:
    server = Server()
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listener:
        server.port = listener.sockets[0].getsockname()[1]
        yield server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with listening() as server:
        yield server


def bodies(folder: Path, *lines: str) -> Path:
    file = folder / "bodies"
    file.write_text("\n".join(lines))
    return file


async def test_every_request_of_every_phase_is_accounted_for(server: Server, tmp_path: Path) -> None:
    file = bodies(tmp_path, "ok", "no", "bye")
    first, second = await asyncio.to_thread(arrive, server.port, file, ["key"], ["300:0.5", "200:0.5"])
    for seen in (first, second):
        assert set(seen.statuses) == {200, 503, UNANSWERED}
        assert len(seen.statuses) == len(seen.took_ms) == len(seen.due)
        assert all(0 <= due <= 0.5 for due in seen.due)
    assert len(first.statuses) + len(second.statuses) == server.asked


async def test_clients_that_wait_for_their_answers_are_never_more(server: Server, tmp_path: Path) -> None:
    (seen,) = await asyncio.to_thread(arrive, server.port, bodies(tmp_path, "ok"), ["key"], ["c4:0.3"])
    assert set(seen.statuses) == {200}
    assert len(seen.statuses) == server.asked >= 4
    assert server.most_at_once <= 4


async def test_a_server_that_answers_nothing_is_asked_all_the_same(server: Server, tmp_path: Path) -> None:
    """The arrivals of one seed are the same whatever comes back."""
    counts = []
    for what in ("ok", "bye"):
        (seen,) = await asyncio.to_thread(arrive, server.port, bodies(tmp_path, what), ["key"], ["400:0.4"])
        counts.append(len(seen.statuses))
    assert counts[0] == counts[1]


def test_a_request_is_a_post_with_its_key() -> None:
    sent = request(b"{}", "secret")
    assert sent.startswith(b"POST /graphql HTTP/1.1\r\n")
    assert b"Authorization: Bearer secret\r\nContent-Length: 2\r\n\r\n{}" in sent


def test_goodput_is_what_was_answered_in_time() -> None:
    over = Seen(
        seconds=2.0, due=[0.0] * 5, took_ms=[10, 999, 1_001, 5, 3], statuses=[200, 200, 200, 503, UNANSWERED], unsent=1
    )
    found = Round(2.0, CALM, over, CALM)
    assert found.goodput == 0.5
    assert found.refused_ms(0.99) == 5
    assert found.others == 2  # one without an answer, one that was never sent


def spread(slow_until: float, status: int = 200) -> Seen:
    """A request every 10 ms for 3 s, the first ones slow."""
    due = [number / 100 for number in range(300)]
    is_slow = [moment < slow_until for moment in due]
    return Seen(
        seconds=3.0,
        due=due,
        took_ms=[90.0 if slow else 4.0 for slow in is_slow],
        statuses=[status if slow else 200 for slow in is_slow],
    )


@pytest.mark.parametrize(("slow_until", "seconds"), [(0.0, 0.0), (0.3, 0.4), (1.0, 1.0), (2.5, 3.0)])
def test_recovery_ends_where_a_steady_second_begins(slow_until: float, seconds: float) -> None:
    assert recovery(spread(slow_until), usual_ms=10.0) == pytest.approx(seconds)


def test_a_refusal_however_fast_is_no_recovery() -> None:
    assert recovery(spread(0.5, status=503), usual_ms=100.0) == pytest.approx(0.6)
