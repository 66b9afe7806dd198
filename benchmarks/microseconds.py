"""Where the microseconds of a look-up go: each stage of the endpoint by itself, and a profile of the whole.

Processor time of the process, with as many requests under way as the load has clients. A stage by itself finds its
memory warm and, when it asks the database, its backends awake; the rest of the whole is what that flatters.
"""

import asyncio
import cProfile
import pstats
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from benchmarks.cases import LOOKUP
from benchmarks.effort import Effort
from benchmarks.load import CLIENTS
from benchmarks.place import Place
from benchmarks.results import Result
from benchmarks.unmetered import data_endpoint
from publicgsb.apikeys import credential
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.ids import RequestIds
from publicgsb.platform.server.app import build
from publicgsb.platform.server.demo.sources import Say
from publicgsb.schema.serving.answer import data_answer, extensions
from publicgsb.schema.serving.ask import parse_ask, read_body
from publicgsb.schema.serving.deadlines import Deadlines
from publicgsb.schema.serving.endpoint import GraphQLEndpoint
from publicgsb.schema.serving.execute import Runner
from publicgsb.schema.serving.negotiation import read_wishes

_TIMES = 320 * CLIENTS
_TOP = 15
_ICAO = "OIIE"

_Stage: TypeAlias = tuple[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Profile:
    whole_us: float
    stages: tuple[tuple[str, float], ...]  # name and microseconds, the longest first
    functions: tuple[tuple[str, float, float], ...]  # name, calls per request, share of the profiled time

    @property
    def section(self) -> str:
        stages = "\n".join(f"| {name} | {us:.1f} | {us / self.whole_us:.0%} |" for name, us in self.stages)
        rest = self.whole_us - sum(us for _, us in self.stages)
        functions = "\n".join(f"| `{name}` | {calls:.1f} | {share:.1%} |" for name, calls, share in self.functions)
        return f"""## Where the microseconds go

One look-up by key inside the endpoint, without uvicorn, {CLIENTS} under way at a time: **{self.whole_us:.0f} µs** of
our process each. Every stage was also run by itself, over and over, where it finds its memory warm and the database
awake. Made by `python -m benchmarks profile`.

| stage by itself | µs of processor | share |
|---|---|---|
{stages}
| the rest: cold memory, switching between requests, waking the database | {rest:.1f} | {rest / self.whole_us:.0%} |

The same under cProfile, which makes small functions look larger than they are:

| function, by its own time | calls | share |
|---|---|---|
{functions}
"""


async def measure(place: Place, _: Effort, say: Say) -> Result:
    found = await profile(place)
    say(f"{found.whole_us:.0f} µs for a look-up")
    return Result({}, found.section)


async def profile(place: Place) -> Profile:
    """Builds the whole application on the bench's database, as a worker does, and asks its endpoint directly."""
    app = build(place.settings, place.database_url, place.redis_url)
    async with app.router.lifespan_context(app):
        endpoint = data_endpoint(app)
        asked = _Asked(endpoint, place.key)
        whole = await _cpu_async(lambda: endpoint(asked.scope, asked.receive, asked.send))
        asked.check()
        stages = await _stages(endpoint, asked)
        return Profile(whole, stages, await _functions(asked))


class _Asked:
    """One request over and over, the way uvicorn hands it in."""

    def __init__(self, endpoint: GraphQLEndpoint, key: str) -> None:
        self.endpoint = endpoint
        self.body = orjson.dumps({"query": LOOKUP, "variables": {"icao": _ICAO}})
        self.headers = [
            (b"host", b"127.0.0.1"),
            (b"content-type", b"application/json"),
            (b"accept", b"application/json"),
            (b"authorization", f"Bearer {key}".encode()),
            (b"content-length", str(len(self.body)).encode()),
        ]
        self.scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b""}
        self.scope["headers"] = self.headers
        self.statuses: set[int] = set()

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if "status" in message:
            self.statuses.add(message["status"])

    def check(self) -> None:
        if self.statuses != {200}:
            raise SystemExit(f"the profiled request was refused: {self.statuses}")


async def _stages(endpoint: GraphQLEndpoint, asked: _Asked) -> tuple[tuple[str, float], ...]:
    parts = endpoint._parts
    token = credential.read(by_name(asked.headers), b"")
    caller = parts.keys.cached(token) or await parts.keys.authenticate(token)
    account, plan_name = caller.account, caller.plan
    ask = parse_ask(asked.body)
    planned, _ = endpoint._answering.planning.plan_in(parts.worlds.current, caller, ask)
    statement = planned.prepared.statement
    assert statement is not None
    runner = Runner(parts.reader)
    records = await runner.run(statement, planned.arguments, 1)
    purses = parts.purses

    async def take() -> None:
        found = purses.try_take(account, plan_name, 1) or await purses.take(account, plan_name, 1)
        found.settle(1)

    def body() -> bytes:
        more = extensions(
            1, 1, purses.remaining(account, plan_name), planned.prepared.receipt, planned.prepared.terms, "req_0"
        )
        return data_answer(planned.plan, records.roots, {}, [], more)

    def record() -> None:
        parts.facts.record_answer(
            caller.account[1], caller.key_id, planned.family.hash, planned.prepared.touched,
            points=0, bytes=0, errors=0, ms=0,
        )  # fmt: skip

    ids = RequestIds()
    deadlines = Deadlines(5)

    async def under_deadline() -> None:
        deadlines.leave(deadlines.enter())

    stages: list[_Stage] = [
        ("request id, media type", lambda: (ids.next(), read_wishes(by_name(asked.headers)))),
        ("key: read, digest, compare", lambda: parts.keys.cached(credential.read(by_name(asked.headers), b""))),
        ("JSON of the request", lambda: parse_ask(asked.body)),
        ("plan, access, price, bind", lambda: endpoint._answering.planning.plan_in(parts.worlds.current, caller, ask)),
        ("splice the answer", body),
        ("usage facts", record),
        ("rate-limit headers", lambda: purses.headers(account, plan_name, caller.key_id)),
        ("count for /metrics", lambda: parts.metrics(200, 0.001)),
    ]
    found = [(name, _cpu(stage)) for name, stage in stages]
    found += [
        ("time-out of the request", await _cpu_async(under_deadline)),
        ("read the body", await _cpu_async(lambda: read_body(by_name(asked.headers), asked.receive))),
        ("quota: take and settle", await _cpu_async(take)),
        ("statement", await _cpu_async(lambda: runner.run(statement, planned.arguments, 1))),
    ]
    found.sort(key=lambda stage: -stage[1])
    return tuple(found)


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(_TIMES):
        work()
    return (time.process_time() - began) / _TIMES * 1e6


async def _cpu_async(work: Callable[[], Awaitable[object]]) -> float:
    """After a warm-up of a tenth."""
    await _many(work, _TIMES // 10)
    began = time.process_time()
    await _many(work, _TIMES)
    return (time.process_time() - began) / _TIMES * 1e6


async def _many(work: Callable[[], Awaitable[object]], times: int) -> None:
    async def some() -> None:
        for _ in range(times // CLIENTS):
            await work()

    await asyncio.gather(*(some() for _ in range(CLIENTS)))


async def _functions(asked: _Asked) -> tuple[tuple[str, float, float], ...]:
    profiler = cProfile.Profile()
    profiler.enable()
    await _many(lambda: asked.endpoint(asked.scope, asked.receive, asked.send), _TIMES)
    profiler.disable()
    entries: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total = sum(own for _, _, own, _, _ in entries.values())
    heaviest = sorted(entries.items(), key=lambda entry: -entry[1][2])[:_TOP]
    return tuple((_named(*where), calls / _TIMES, own / total) for where, (_, calls, own, _, _) in heaviest)


def _named(file: str, line: int, function: str) -> str:
    """The module from `publicgsb` on; elsewhere only its file's name."""
    if file == "~":
        return function
    _, found, inside = file.rpartition("/publicgsb/")
    name = inside if found else file.rpartition("/")[2]
    return f"{name} {function}"
