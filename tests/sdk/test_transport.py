"""Retries: what is tried again, how often, and that one deadline is above them all."""

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from publicgsb_sdk import Client, ConnectionFailed, DeadlineExceeded, QuotaExhausted, RateLimited, Unavailable
from publicgsb_sdk.call import Call
from publicgsb_sdk.deadline import Deadline, Times
from publicgsb_sdk.retry import Rule
from publicgsb_sdk.transport import Transport

QUERY = Call("POST", "/graphql", b"{}")
MUTATION = Call("POST", "/graphql", b"{}", is_safe=False)


class FakeTime:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def transport(service: Any, fake_time: FakeTime) -> Iterator[Transport]:
    times = Times(30.0, 20.0, fake_time.clock, fake_time.sleep)
    with httpx2.Client(transport=httpx2.MockTransport(service)) as http:
        yield Transport(http, "https://gsb.test", {}, times, Rule(2, jitter=lambda upper: upper))


def broken(kind: type[httpx2.HTTPError]) -> Callable[[httpx2.Request], httpx2.Response]:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise kind("broken")

    return answer


def good(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={})


@pytest.mark.parametrize("status", [408, 502, 503, 504])
def test_a_passing_trouble_is_tried_again_with_growing_waits(
    transport: Transport, service: Any, fake_time: FakeTime, status: int
) -> None:
    service.reply(httpx2.Response(status), httpx2.Response(status), good)
    assert transport.send(QUERY).status == 200
    assert fake_time.slept == [0.5, 1.0]


def test_a_refused_connection_is_tried_again_and_then_told(transport: Transport, service: Any) -> None:
    service.reply(broken(httpx2.ConnectError))
    with pytest.raises(ConnectionFailed, match=r"https://gsb\.test"):
        transport.send(QUERY)
    assert len(service.requests) == 3


def test_a_time_out_is_tried_again_once_only(transport: Transport, service: Any) -> None:
    service.reply(broken(httpx2.ReadTimeout))
    with pytest.raises(ConnectionFailed):
        transport.send(QUERY)
    assert len(service.requests) == 2


@pytest.mark.parametrize("kind", [httpx2.ReadError, httpx2.RemoteProtocolError, httpx2.ReadTimeout])
def test_a_mutation_that_may_have_arrived_is_never_sent_twice(
    transport: Transport, service: Any, kind: type[httpx2.HTTPError]
) -> None:
    service.reply(broken(kind))
    with pytest.raises(ConnectionFailed):
        transport.send(MUTATION)
    assert len(service.requests) == 1


def test_a_rate_limit_waits_as_long_as_the_service_says(
    transport: Transport, service: Any, fake_time: FakeTime
) -> None:
    service.reply(service.refusal(429, "RATE_LIMITED", 7), good)
    transport.send(QUERY)
    assert fake_time.slept == [7.5]


def test_a_wait_beyond_the_deadline_is_not_begun(transport: Transport, service: Any, fake_time: FakeTime) -> None:
    service.reply(service.refusal(429, "RATE_LIMITED", 21))
    with pytest.raises(RateLimited) as refused:
        transport.send(QUERY)
    assert refused.value.retry_after == 21.0
    assert fake_time.slept == []


def test_a_spent_quota_causes_exactly_one_request(transport: Transport, service: Any) -> None:
    service.reply(service.refusal(429, "QUOTA_EXHAUSTED", 1))
    with pytest.raises(QuotaExhausted):
        transport.send(QUERY)
    assert len(service.requests) == 1


@pytest.mark.parametrize(("word", "requests"), [("false", 1), ("true", 3)])
def test_the_service_has_the_last_word_on_trying_again(
    transport: Transport, service: Any, word: str, requests: int
) -> None:
    service.reply(httpx2.Response(503, headers={"gsb-should-retry": word}))
    with pytest.raises(Unavailable):
        transport.send(QUERY)
    assert len(service.requests) == requests


def test_retries_end_with_the_deadline_of_the_whole_call(service: Any, fake_time: FakeTime) -> None:
    service.reply(service.refusal(503, "UNAVAILABLE", 6))
    times = Times(30.0, 20.0, fake_time.clock, fake_time.sleep)
    with httpx2.Client(transport=httpx2.MockTransport(service)) as http, pytest.raises(Unavailable):
        Transport(http, "https://gsb.test", {}, times, Rule(99, jitter=lambda upper: 0.0)).send(QUERY)
    assert fake_time.now <= 20.0 and len(service.requests) == 4


def test_a_file_starts_anew_at_each_try(transport: Transport, service: Any) -> None:
    def cut(request: httpx2.Request) -> httpx2.Response:
        def pieces() -> Iterator[bytes]:
            yield b"half of"
            raise httpx2.ReadError("cut")

        return httpx2.Response(200, content=pieces())

    sink = io.BytesIO()
    service.reply(cut, httpx2.Response(200, content=b"whole"))
    transport.send(Call("GET", "/files/a/b/1.csv"), sink)
    assert sink.getvalue() == b"whole"


@contextmanager
def server(talk: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server on the loopback that accepts, and then behaves as `talk` does until the test ends."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                talk(connection, ended)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def silent(connection: socket.socket, ended: threading.Event) -> None:
    ended.wait()


def dripping(connection: socket.socket, ended: threading.Event) -> None:
    """A header that never ends: every read succeeds, so no socket timeout ever fires."""
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
        while not ended.wait(0.02):
            connection.sendall(b"x")
    except OSError:
        return


def answering_once(connection: socket.socket, ended: threading.Event) -> None:
    """Says that the connection stays open, and closes it: what a restarting server or an idle proxy does."""
    head, body = b"", b'{"data": {"a": 1}}'
    while b"\r\n\r\n{" not in head or not head.endswith(b"}"):
        piece = connection.recv(65_536)
        if not piece:
            return
        head += piece
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))


def test_a_connection_closed_between_two_calls_is_not_noticed(api_key: str) -> None:
    with server(answering_once) as url, Client(api_key, url) as client:
        assert [client.graphql("{ a }").data["a"] for _ in range(5)] == [1] * 5


@pytest.mark.parametrize("talk", [silent, dripping])
def test_the_deadline_holds_against_a_server_that_hangs(
    talk: Callable[[socket.socket, threading.Event], None], api_key: str
) -> None:
    with server(talk) as url, Client(api_key, url, timeout=30, deadline=0.3) as client:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded, match=r"0\.3 seconds"):
            client.graphql("{ a }")
        assert time.monotonic() - began < 10, "the timeout of 30 s was waited for instead of the deadline"


def test_what_the_work_raises_passes_through_even_if_it_is_a_timeout() -> None:
    def work() -> None:
        raise TimeoutError("of the work")

    with pytest.raises(TimeoutError, match="of the work"):
        Deadline(5).run(work)


def exceptions_of_the_transport_below() -> list[type[Exception]]:
    """All that httpx2 raises, but for what only its own users can do wrong."""
    kinds = [kind for kind in vars(httpx2).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    meant = [kind for kind in kinds if issubclass(kind, httpx2.HTTPError | httpx2.InvalidURL | httpx2.StreamError)]
    return sorted(meant, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", exceptions_of_the_transport_below(), ids=lambda kind: kind.__name__)
def test_no_exception_of_the_transport_below_leaks(client: Client, service: Any, kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "broken")

    def answer(request: httpx2.Request) -> httpx2.Response:
        def pieces() -> Iterator[bytes]:
            yield b'{"data": '
            raise error

        return httpx2.Response(200, content=pieces())

    service.reply(answer)
    with pytest.raises(ConnectionFailed, match=kind.__name__) as failed:
        client.graphql("{ a }")
    assert failed.value.__cause__ is error


def test_a_client_that_is_closed_says_so_by_an_error_of_this_package(api_key: str) -> None:
    with Client(api_key, "http://127.0.0.1:9") as client:
        pass
    with pytest.raises(ConnectionFailed, match="closed"):
        client.graphql("{ a }")


def test_a_disk_that_is_full_is_no_trouble_of_the_network(transport: Transport, service: Any) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    service.reply(httpx2.Response(200, content=b"rows"))
    with pytest.raises(OSError, match="No space"):
        transport.send(Call("GET", "/files/a/b/1.csv"), Full())
    assert len(service.requests) == 1
