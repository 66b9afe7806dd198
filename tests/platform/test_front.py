"""What is refused before it is taken apart: whole plain requests only, and a connection that goes on afterwards."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from publicgsb.platform.kernel.plain_request import whole_request
from publicgsb.platform.server.front import Front
from publicgsb.schema.serving.answer import Answer
from publicgsb.schema.serving.sending import PIECE_BYTES

BODY = b'{"query":"{ a }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n" % len(BODY)
WHOLE = HEAD + b"\r\n" + BODY
AT_ONCE = Answer(200, b"kept", ((b"content-length", b"4"),))
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nno"


def test_a_whole_request_gives_its_headers() -> None:
    assert whole_request(WHOLE) == [(b"host", b"a"), (b"content-length", b"17")]
    assert whole_request(HEAD + b"Connection: Keep-Alive\r\n\r\n" + BODY) is not None


@pytest.mark.parametrize(
    "data",
    [
        WHOLE[:-1],
        WHOLE + b"P",
        WHOLE + WHOLE,
        HEAD,
        HEAD + b"Content-Length: 17\r\n\r\n" + BODY,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + BODY,
        HEAD + b"transfer-encoding : chunked\r\n\r\n" + BODY,
        HEAD + b"Connection: close\r\n\r\n" + BODY,
        HEAD + b"Expect: 100-continue\r\n\r\n" + BODY,
        HEAD + b"Upgrade: h2c\r\n\r\n" + BODY,
        HEAD + b" folded: a\r\n\r\n" + BODY,
        HEAD + b"X: a\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
        HEAD + b"X: a\rTransfer-Encoding: chunked\r\n\r\n" + BODY,
        HEAD + b"X: " + b"a" * 9_000 + b"\r\n\r\n" + BODY,
        b"POST /graphql HTTP/1.1\r\nContent-Length: +17\r\n\r\n" + BODY,
        b"POST /graphql HTTP/1.1\r\nContent-Length: 017\r\n\r\n" + BODY,
        b"POST /graphql HTTP/1.1\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nContent-Length: 0",  # the rest of the head may come
    ],
)
def test_whatever_else_it_may_be_goes_the_usual_way(data: bytes) -> None:
    assert whole_request(data) is None


class Endpoint:
    """Full or not, as the test says."""

    def __init__(self) -> None:
        self.is_full = False
        self.known = b""  # a body that has an answer at once
        self.refused: list[bytes] = []
        self.has_read = asyncio.Event()
        self.asked: asyncio.Queue[asyncio.Future[bytes]] = asyncio.Queue()
        self.is_known = False  # the head of what comes
        self.line: Front | None = None  # the connection that was read from last

    def ask(self, data: bytes) -> Coroutine[Any, Any, Answer] | None:
        return self._answer() if self.is_known and whole_request(data) is not None else None

    async def _answer(self) -> Answer:
        """As the test says, when it says so."""
        told: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.asked.put_nowait(told)
        body = await told
        return Answer(200, body, ((b"content-length", b"%d" % len(body)),))

    def full(self) -> str | None:
        return "wait" if self.is_full else None

    def refuse(self, data: bytes, _: str, __: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        if whole_request(data) is None:
            return None
        self.refused.append(data)
        return REFUSED

    def again(self, data: bytes) -> Answer | None:
        return AT_ONCE if self.known and data.endswith(self.known) else None


class Watched(Front):
    """Tells when a packet was read."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.app.endpoint.line = self
        self.app.endpoint.has_read.set()


class Application:
    """Answers everything with the body that came."""

    def __init__(self) -> None:
        self.endpoint = Endpoint()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def is_closed(self) -> bool:
        return await self._reader.read() == b""

    def leave(self) -> None:
        self._writer.transport.abort()

    async def read(self) -> tuple[int, bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r")[0])
        return int(head[9:12]), await self._reader.readexactly(length)


@asynccontextmanager
async def _also(application: Application) -> AsyncIterator[Caller]:
    """A caller of a server of its own, with the same endpoint."""
    async with _served(application) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield Caller(reader, writer)
        writer.close()


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
async def caller(application: Application) -> AsyncIterator[Caller]:
    async with _also(application) as one:
        yield one


@asynccontextmanager
async def _served(application: Application) -> AsyncIterator[int]:
    async with _server(application) as server:
        yield server.servers[0].sockets[0].getsockname()[1]


@asynccontextmanager
async def _server(application: Application) -> AsyncIterator[uvicorn.Server]:
    config = uvicorn.Config(
        application, http=Watched, interface="asgi3", proxy_headers=False, lifespan="off", log_config=None, port=0
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server
    finally:
        await server.shutdown()


async def test_while_it_is_full_requests_are_refused_on_a_connection_that_goes_on(
    application: Application, caller: Caller
) -> None:
    answers = []
    for is_full in (True, False, True, True, False):
        application.endpoint.is_full = is_full
        caller.send(WHOLE)
        answers.append(await caller.read())
    no, yes = (503, b"no"), (200, BODY)
    assert answers == [no, yes, no, no, yes]
    assert application.endpoint.refused == [WHOLE] * 3


async def test_what_has_an_answer_at_once_is_answered_on_a_connection_that_goes_on(
    application: Application, caller: Caller
) -> None:
    answers = []
    for known in (BODY, b"", BODY, BODY, b""):
        application.endpoint.known = known
        caller.send(WHOLE)
        answers.append(await caller.read())
    kept, made = (200, b"kept"), (200, BODY)
    assert answers == [kept, made, kept, kept, made]


async def test_while_it_is_full_an_answer_at_once_is_refused_too(application: Application, caller: Caller) -> None:
    application.endpoint.known, application.endpoint.is_full = BODY, True
    caller.send(WHOLE)
    assert await caller.read() == (503, b"no")


async def test_a_request_that_has_an_answer_at_once_waits_for_the_one_before(
    application: Application, caller: Caller
) -> None:
    application.endpoint.known = BODY
    caller.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + WHOLE)
    assert [await caller.read() for _ in range(2)] == [(200, b""), (200, BODY)]


async def test_what_looks_like_a_request_inside_a_body_is_a_body(application: Application, caller: Caller) -> None:
    """Else whoever shares a connection behind a proxy could be given another's answer."""
    outer = b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(WHOLE)
    application.endpoint.is_full = True
    caller.send(outer)
    await application.endpoint.has_read.wait()
    caller.send(WHOLE)
    assert await caller.read() == (200, WHOLE)
    caller.send(WHOLE)
    assert await caller.read() == (503, b"no")


async def test_what_looks_like_a_request_inside_a_header_is_a_header(application: Application, caller: Caller) -> None:
    application.endpoint.is_full = True
    caller.send(b"POST /other HTTP/1.1\r\nX: ")
    await application.endpoint.has_read.wait()
    caller.send(WHOLE)
    assert await caller.read() == (200, BODY)
    assert application.endpoint.refused == []


async def test_other_paths_are_never_refused(application: Application, caller: Caller) -> None:
    application.endpoint.is_full = True
    caller.send(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
    assert await caller.read() == (200, b"")
    caller.send(WHOLE.replace(b"/graphql", b"/graphql2"))
    assert await caller.read() == (200, BODY)


async def test_requests_sent_ahead_are_answered_in_order(application: Application, caller: Caller) -> None:
    application.endpoint.is_full = True
    caller.send(WHOLE + WHOLE)
    assert [await caller.read() for _ in range(2)] == [(200, BODY), (200, BODY)]


async def test_a_known_head_is_answered_on_a_connection_that_goes_on(application: Application, caller: Caller) -> None:
    answers = []
    for is_known in (True, False, True, True, False):
        application.endpoint.is_known = is_known
        caller.send(WHOLE)
        if is_known:
            (await application.endpoint.asked.get()).set_result(b"known")
        answers.append(await caller.read())
    known, made = (200, b"known"), (200, BODY)
    assert answers == [known, made, known, known, made]


async def test_what_comes_before_the_answer_waits_for_it(application: Application, caller: Caller) -> None:
    endpoint = application.endpoint
    endpoint.is_known = True
    caller.send(WHOLE)
    first = await endpoint.asked.get()
    endpoint.has_read.clear()
    endpoint.is_known, endpoint.known = False, BODY  # this one could be answered at once
    caller.send(b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n" + WHOLE)
    await endpoint.has_read.wait()
    first.set_result(b"first")
    assert [await caller.read() for _ in range(3)] == [(200, b"first"), (200, b""), (200, BODY)]


async def test_a_large_answer_arrives_as_a_whole(application: Application, caller: Caller) -> None:
    application.endpoint.is_known = True
    large = bytes(range(256)) * (3 * PIECE_BYTES // 256) + b"end"
    caller.send(WHOLE)
    (await application.endpoint.asked.get()).set_result(large)
    assert await caller.read() == (200, large)
    caller.send(WHOLE)
    (await application.endpoint.asked.get()).set_result(b"small")
    assert await caller.read() == (200, b"small")


async def test_the_timer_of_an_idle_connection_ends_none_that_asks_or_asked_lately(
    application: Application, caller: Caller
) -> None:
    endpoint = application.endpoint
    endpoint.is_known = True
    caller.send(WHOLE)
    asked = await endpoint.asked.get()
    line = endpoint.line
    assert line is not None
    line.timeout_keep_alive_handler()
    asked.set_result(b"first")
    assert await caller.read() == (200, b"first")
    line.timeout_keep_alive_handler()
    caller.send(WHOLE)
    (await endpoint.asked.get()).set_result(b"second")
    assert await caller.read() == (200, b"second")
    line.timeout_keep_alive = 0
    line.timeout_keep_alive_handler()
    assert await caller.is_closed()


async def test_an_answer_that_fails_ends_the_connection(application: Application, caller: Caller) -> None:
    application.endpoint.is_known = True
    caller.send(WHOLE)
    (await application.endpoint.asked.get()).set_exception(RuntimeError("broken"))
    assert await caller.is_closed()


async def test_a_caller_that_leaves_takes_nobody_with_it(application: Application, caller: Caller) -> None:
    application.endpoint.is_known = True
    caller.send(WHOLE)
    left = await application.endpoint.asked.get()
    caller.leave()
    async with _also(application) as other:
        other.send(WHOLE)
        asked = await application.endpoint.asked.get()
        left.set_result(b"late")
        asked.set_result(b"there")
        assert await other.read() == (200, b"there")


async def test_a_server_that_stops_answers_first_and_then_ends_the_connection() -> None:
    application = Application()
    application.endpoint.is_known = True
    async with _server(application) as server:
        port = server.servers[0].sockets[0].getsockname()[1]
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        caller.send(WHOLE)
        asked = await application.endpoint.asked.get()
        stopping = asyncio.create_task(server.shutdown())
        await asyncio.sleep(0)
        asked.set_result(b"last")
        assert await caller.read() == (200, b"last")
        assert await caller.is_closed()
        await stopping
        caller.leave()
