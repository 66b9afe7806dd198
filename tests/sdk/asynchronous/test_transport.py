"""Retries and the deadline among tasks: against servers of the loopback that hang, and by a clock of ours."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest
from tests.sdk.conftest import KEY, Service

from publicgsb_sdk import AsyncClient, ConnectionFailed, DeadlineExceeded, Unavailable
from publicgsb_sdk.asynchronous.deadline import AsyncDeadline, AsyncTimes
from publicgsb_sdk.asynchronous.transport import AsyncTransport
from publicgsb_sdk.call import Call
from publicgsb_sdk.retry import Rule

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
QUERY = Call("POST", "/graphql", b"{}")


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[str]:
    """A server on the loopback that behaves as `talk` does until the test ends."""
    talks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A header that never ends: every read succeeds, so no socket timeout ever fires."""
    writer.write(b"HTTP/1.1 200 OK\r\nx: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def cut_short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
    await writer.drain()


async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await reader.readuntil(b"\r\n\r\n"):
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 18\r\n\r\n{"data": {"a": 1}}')
        await writer.drain()


@pytest.mark.parametrize("talk", [silent, dripping])
async def test_the_deadline_holds_against_a_server_that_hangs(talk: Talk) -> None:
    async with server(talk) as url, AsyncClient(KEY, url, timeout=30, deadline=0.3) as client:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded, match=r"0\.3 seconds"):
            await client.graphql("{ a }")
        assert time.monotonic() - began < 10, "the timeout of 30 s was waited for instead of the deadline"


async def test_calls_that_wait_for_one_that_hangs_end_by_their_deadlines_too() -> None:
    async with server(silent) as url, AsyncClient(KEY, url, timeout=30, deadline=0.3) as client:
        ended = await asyncio.gather(*(client.graphql("{ a }") for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in ended] == [DeadlineExceeded] * 5


async def test_an_answer_that_is_cut_short_is_an_error_of_this_package() -> None:
    async with server(cut_short) as url, AsyncClient(KEY, url, max_retries=0) as client:
        with pytest.raises(ConnectionFailed, match="broke after the request was sent"):
            await client.graphql("{ a }")


async def test_a_refused_connection_is_an_error_of_this_package() -> None:
    async with server(silent) as url:
        pass
    async with AsyncClient(KEY, url, max_retries=0) as client:
        with pytest.raises(ConnectionFailed, match="could not be made"):
            await client.graphql("{ a }")


async def test_a_client_that_is_closed_says_so_by_an_error_of_this_package() -> None:
    async with AsyncClient(KEY, "http://127.0.0.1:9") as client:
        pass
    with pytest.raises(ConnectionFailed, match="closed"):
        await client.graphql("{ a }")


async def test_a_cancelled_call_gives_its_connection_back() -> None:
    """One connection is all there is: a call that kept it would starve the next one."""
    async with server(silent) as silent_url, server(answering) as url:
        limits = httpx2.Limits(max_connections=1)
        async with httpx2.AsyncClient(limits=limits) as http:
            call = asyncio.create_task(AsyncClient(KEY, silent_url, http_client=http).graphql("{ a }"))
            await asyncio.sleep(0)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(call, 0.1)
            assert (await AsyncClient(KEY, url, http_client=http, deadline=20).graphql("{ a }")).data == {"a": 1}


async def test_retries_end_with_the_deadline_of_the_whole_call(service: Service) -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    service.reply(service.refusal(503, "UNAVAILABLE", 6))
    times = AsyncTimes(30.0, 20.0, lambda: now, sleep)
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(service)) as http:
        with pytest.raises(Unavailable):
            await AsyncTransport(http, "https://gsb.test", {}, times, Rule(99, jitter=lambda upper: 0.0)).send(QUERY)
    assert now <= 20.0 and len(service.requests) == 4


async def test_what_the_work_raises_passes_through_even_if_it_is_a_timeout() -> None:
    async def work() -> None:
        raise TimeoutError("of the work")

    with pytest.raises(TimeoutError, match="of the work"):
        await AsyncDeadline(5).run(work)
