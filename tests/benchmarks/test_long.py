"""The long run asks what it says it asks, counts every answer, and its page tells growth and failures."""

import asyncio
import json
from collections import Counter
from contextlib import suppress

import pytest
from benchmarks import mixture
from benchmarks.lines import Seen, ask
from benchmarks.long_page import page
from benchmarks.mixture import Mixture
from tests.schema.registries import small_registry

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.price import price
from publicgsb.schema.types.graft import graft, static_schema

REFUSED = json.dumps({"errors": [{"extensions": {"code": "UNAVAILABLE", "details": {"reason": "windows"}}}]}).encode()


def test_documents_are_planned_but_for_those_that_are_meant_to_be_refused() -> None:
    registry = small_registry()
    grafted = graft(registry, static_schema())
    plans = PlanCache(grafted.core)
    one = Mixture(1, ["key"])
    texts = [*mixture._LISTS, *mixture._ABOUT, mixture._UP, mixture._SEARCH, mixture._WHERE, mixture._ON]
    for text in [*texts, *(one._novel() for _ in range(50))]:
        family = plans.family(text, None)
        family.plan(registry, family.variables({"k": "OIIE", "n": 3} if "$k" in text else {}))
    for text in mixture._WRONG:
        with pytest.raises(InvalidRequest):
            family = plans.family(text, None)
            plan, _ = family.plan(registry, family.variables({"n": None}))
            price(plan, {}, registry)


def test_a_seed_tells_the_requests_and_novelty_how_many_of_them_are_new() -> None:
    one, other, new = (Mixture(1, ["key"], novelty) for novelty in (0.0, 0.0, 1.0))
    asked = [one.next() for _ in range(500)]
    known = [other.next() for _ in range(500)]
    assert [a for a in asked if b"gsbl_" not in a] == [b for b in known if b"gsbl_" not in b]
    assert len({new.next() for _ in range(500)}) == 500


async def test_every_answer_is_counted_whatever_pieces_it_comes_in() -> None:
    """Also those after a connection that the server closed, and those with nothing but a head."""
    answers = Counter[int]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            sizes = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
            await reader.readexactly(int(sizes[0].split()[1]) if sizes else 0)
            number = sum(answers.values())
            status = (200, 503, 304)[number % 3]
            answers[status] += 1
            body = {200: b"x" * 100_000, 503: REFUSED, 304: b""}[status]
            writer.write(f"HTTP/1.1 {status} S\r\ncontent-length: {len(body)}\r\n".encode())
            await writer.drain()
            writer.write(b"\r\n" + (b"" if head.startswith(b"HEAD") else body))
            if number % 10 == 9:
                break
        writer.close()

    async def serve_quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)

    server = await asyncio.start_server(serve_quietly, "127.0.0.1", 0)
    seen = Seen()
    async with server:
        await ask(server.sockets[0].getsockname()[1], Mixture(1, ["key"]), 300, seen)
    assert (seen.count, seen.lost) == (300, 0)
    assert seen.closed
    assert seen.statuses[200] > 50
    assert set(seen.failures) <= {"UNAVAILABLE windows", ""}
    assert sum(seen.failures.values()) == seen.statuses[503] > 50


def test_the_page_tells_growth_since_the_warm_up_and_why_answers_failed() -> None:
    def memory(mb: float) -> dict[str, object]:
        return {"resident_mb": mb, "filled": {"documents": [1_500, 2_000]}}

    seen = Seen(Counter({200: 990, 503: 10}), Counter({"UNAVAILABLE windows": 10}))
    looks = [(500, memory(90.0)), (1_000, memory(100.0)), (2_000, memory(104.0))]
    text = page(looks, 1_000, 10.0, seen)
    assert "**+4.0%**" in text
    assert "10 × UNAVAILABLE windows" in text
    assert "| documents | 1,500 | 1,500 | 2,000 |" in text
    assert "| 500 |" not in text
