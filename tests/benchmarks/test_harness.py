"""That the bench measures what it says: the same bytes from the same SQL, every miss noticed. Never how fast."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from benchmarks.handwritten import create
from benchmarks.load import read_summary
from benchmarks.planner import Planner, Question, recipe
from benchmarks.report import page
from benchmarks.results import Result, Run
from benchmarks.rounds import Target, WrongAnswerError, check_sample, data_of, write_bodies
from benchmarks.rows import HOT_PATH, RELEASE, ROWS
from benchmarks.servers import environment
from tests.app import running
from tests.schema.worlds import found

from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings, load_settings

LOOKUP = "query ($icao: String!) { air { airport(by: {icao: $icao}) { icao city elevation } } }"
ICAOS = ("OIIE", "OIYY", "LTFM")


@pytest.fixture
async def planner(connections: Connections, settings: Settings, state_dir: Path) -> AsyncIterator[Planner]:
    await found(connections, state_dir)
    async with connections.use() as connection:
        registry = await load_registry(connection)
    pepper = load_secrets(settings).pepper
    yield Planner(registry, hmac.digest(pepper, b"cursors", hashlib.sha256)[:16])


def questions(planner: Planner) -> list[Question]:
    return [planner.question(LOOKUP, {"icao": icao}) for icao in ICAOS]


async def test_our_endpoint_answers_the_bytes_that_the_planner_expects(
    planner: Planner, settings: Settings, connections: Connections
) -> None:
    async with running(settings, connections) as service:
        answer = await service.ask(await service.data_key(), LOOKUP, {"icao": "OIIE"})
    async with connections.use() as connection:
        assert data_of(answer.content) == await questions(planner)[0].answer(connection)


async def test_a_page_ends_with_the_cursor_that_our_server_makes(
    planner: Planner, settings: Settings, connections: Connections
) -> None:
    """Else no page of the peer would be the same to the byte."""
    document = "{ air { airports(first: 2) { nodes { icao } pageInfo { hasNextPage endCursor } } } }"
    async with running(settings, connections) as service:
        answer = await service.ask(await service.data_key(), document)
    async with connections.use() as connection:
        assert data_of(answer.content) == await planner.question(document, {}).answer(connection)


async def test_the_peer_answers_the_same_bytes_for_the_values_of_a_question(
    planner: Planner, database_url: str, connections: Connections
) -> None:
    asked = questions(planner)
    made = recipe(asked)
    app = create(database_url, 1, {"lookup": made})
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://peer") as http,
    ):
        answers = [await http.post("/lookup", json={"values": made.values(question)}) for question in asked]
    async with connections.use() as connection:
        assert [data_of(answer.content) for answer in answers] == [await one.answer(connection) for one in asked]


def test_a_request_brings_only_what_differs_between_questions() -> None:
    asked = [Question("select", (10, key, b"secret"), b"", b"") for key in ("a", "b")]
    assert recipe(asked).places == (1,)
    assert recipe(asked).values(asked[1]) == ["b"]


def test_data_is_what_stands_before_the_extensions() -> None:
    assert data_of(b'{"data":{"a":1},"extensions":{"receipt":[]}}') == b'{"a":1}'
    assert data_of(b'{"data":{"a":1}}') == b'{"a":1}'


def test_an_answer_with_errors_is_not_the_data() -> None:
    assert data_of(b'{"data":{"a":null},"errors":[{}],"extensions":{}}') != b'{"a":null}'


async def test_a_wrong_answer_stops_the_bench(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"data":{"a":1}}')
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        target = Target("peer", port, "/", tmp_path / "unused", expected=[(b"{}", b'{"a":2}')])
        with pytest.raises(WrongAnswerError):
            await asyncio.to_thread(check_sample, target, 1)


def test_the_summary_of_wrk_is_its_last_line() -> None:
    line = '{"requests": 10, "microseconds": 2000000, "bytes": 5, "refused": 1, "broken": 2, "p50_us": 3, "p99_us": 4}'
    load = read_summary(f"Running 2s test @ http://…\n  10 requests\n\n{line}\n")
    assert (load.per_second, load.refused, load.broken) == (5.0, 1, 2)


def test_bodies_stand_one_on_a_line(tmp_path: Path) -> None:
    file = write_bodies(tmp_path / "bodies", [{"query": "{\n}"}, {"query": "ن"}])
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2


def test_a_missed_floor_is_said_louder_than_a_missed_goal() -> None:
    assert [HOT_PATH.verdict(ratio) for ratio in (0.84, 0.85, 1.2)] == ["**FLOOR MISSED**", "goal missed", "goal met"]
    assert [RELEASE.verdict(ratio) for ratio in (5.1, 5.0, 3.0)] == ["**FLOOR MISSED**", "goal missed", "goal met"]


def test_the_page_has_every_row_and_says_which_were_not_measured() -> None:
    text = page({"Cores": "2"}, {"queries": Result({"lookup_hand": 0.5}, "## Queries")}, ("queries",))
    assert text.count("not measured in this run") == len(ROWS) - 1
    assert "| look-up by key, against by hand | **0.50×** | ≥ 0.85× | ≥ 1.2× | **FLOOR MISSED** |" in text


def test_a_part_measured_again_replaces_its_own_figures_only(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.keep("queries", Result({"lookup_hand": 1.0}, "a"))
    run.keep("deep", Result({"deep": 1.0}, "b"))
    Run(tmp_path).keep("deep", Result({"deep": 1.1}, "c", {"Peers": "none"}))
    assert Run(tmp_path).results() == {
        "queries": Result({"lookup_hand": 1.0}, "a"),
        "deep": Result({"deep": 1.1}, "c", {"Peers": "none"}),
    }
    run.forget()
    assert run.results() == {}


def test_our_server_gets_the_settings_of_the_bench_only(
    settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GSB_READER_URL", "postgresql://elsewhere")
    variables = environment(settings)
    assert variables["GSB_DATABASE_URL"] == database_url
    assert "GSB_READER_URL" not in variables


def test_that_no_answer_is_remembered_reaches_our_server() -> None:
    """Else a few thousand questions, asked for seconds, would measure the memory of answers."""
    assert environment(load_settings(kept_answers_bytes=0))["GSB_KEPT_ANSWERS_BYTES"] == "0"
