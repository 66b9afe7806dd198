"""1,400 datasets × 20 fields in a chain of links: what a worker needs, and what a release or a contract does to it."""

import asyncio
import json
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from graphql import get_introspection_query

from benchmarks import many, servers
from benchmarks.effort import Effort
from benchmarks.pace import Seen, steady
from benchmarks.place import Place
from benchmarks.results import Result
from benchmarks.rounds import WrongAnswerError, write_bodies
from publicgsb.datasets.agencies.service import add_dataset
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.model import Stage
from publicgsb.datasets.releases.service import release_file
from publicgsb.platform.kernel.pulse import barrier
from publicgsb.platform.server.demo.sources import Say
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.types.graft import Grafted, graft, static_schema
from publicgsb.schema.types.writer import SdlWriter

PER_SECOND = 500
_PATIENCE_SECONDS = 60.0
_AFTERWARDS_SECONDS = 1.0  # the schema before is taken apart, and the changelog gets its line

T = TypeVar("T")


@dataclass(slots=True)
class Figures:
    """Of one run, in seconds, milliseconds and megabytes as the names say."""

    datasets: int
    load_seconds: float = 0.0
    reload_seconds: float = 0.0
    graft_seconds: float = 0.0
    sdl_seconds: float = 0.0
    sdl_mb: float = 0.0
    sdl_again_seconds: float = 0.0
    start_seconds: float = 0.0
    memory_at_start_mb: float = 0.0
    memory_mb: float = 0.0
    misses_ms: list[float] = field(default_factory=list)
    introspection: str = ""
    visible_seconds: list[float] = field(default_factory=list)
    stall_release_ms: list[float] = field(default_factory=list)
    contract_seconds: list[float] = field(default_factory=list)
    stall_contract_ms: list[float] = field(default_factory=list)
    stall_loaded_ms: list[float] = field(default_factory=list)
    stall_release_cpu_ms: list[float] = field(default_factory=list)
    stall_contract_cpu_ms: list[float] = field(default_factory=list)
    cpu_release_seconds: list[float] = field(default_factory=list)
    cpu_contract_seconds: list[float] = field(default_factory=list)
    stall_gc_ms: float = 0.0
    stall_introspection_ms: float = 0.0
    seen: Seen = field(default_factory=Seen)


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    """Raises WrongAnswerError when a release did not become visible everywhere."""
    figures = Figures(effort.of(many.DATASETS, 200))
    await _timed_async(lambda: many.fill(place.connections, figures.datasets))
    registry, grafted = await _build(place, figures)
    figures.misses_ms = _misses(registry, grafted, figures.datasets)
    say(f"schema of {figures.datasets:,} datasets: {figures.graft_seconds:.2f} s, SDL {figures.sdl_seconds:.2f} s")
    with ExitStack() as stack:
        began = time.perf_counter()
        ports = [stack.enter_context(servers.ticking(place)) for _ in range(2)]
        figures.start_seconds = (time.perf_counter() - began) / 2
        figures.memory_at_start_mb = _probe(ports).memory_mb
        with steady(PER_SECOND, _bodies(place, figures.datasets), ports, place.key) as figures.seen:
            for number in range(effort.of(20, 3)):
                await _release(place, figures, ports, number)
            await _change(place, figures, ports, 1)
            figures.stall_loaded_ms = [*figures.stall_release_ms, *figures.stall_contract_ms]
        figures.stall_release_ms, figures.stall_contract_ms = [], []
        figures.stall_release_cpu_ms, figures.stall_contract_cpu_ms = [], []
        figures.cpu_release_seconds, figures.cpu_contract_seconds = [], []
        for number in range(effort.of(5, 1)):
            await _release(place, figures, ports, number)
        for minor in range(2, effort.of(4, 2) + 1):
            await _change(place, figures, ports, minor)
        say(f"{figures.seen.answered:,} requests answered, {figures.seen.failed} failed {figures.seen.failures}")
        figures.memory_mb = _probe(ports).memory_mb
        figures.stall_gc_ms = max(_ask(port, "/bench/collect")["stall_ms"] for port in ports)
        figures.introspection = _introspect(ports[0], place.key)
        figures.stall_introspection_ms = _probe(ports).stall_ms
    values = {
        "visible": _high(figures.visible_seconds),
        "stall": max(figures.stall_contract_ms),
        "stall_release": max(figures.stall_release_ms),
        "stall_gc": figures.stall_gc_ms,
        "memory": figures.memory_mb,
        "failed": float(figures.seen.failed),
    }
    return Result(values, _section(figures))


async def _build(place: Place, figures: Figures) -> tuple[Registry, Grafted]:
    async with place.connections.use() as connection:
        registry, figures.load_seconds = await _timed_async(lambda: load_registry(connection))
        registry, figures.reload_seconds = await _timed_async(lambda: load_registry(connection, registry))
    grafted, figures.graft_seconds = _timed(lambda: graft(registry, static_schema()))
    writer = SdlWriter()
    figures.sdl_mb, figures.sdl_seconds = _timed(lambda: sum(map(len, grafted.written(writer))) / 1e6)
    key = many.slug_of(figures.datasets // 2)
    changed = parse(many.document(figures.datasets // 2, figures.datasets, minor=1))
    entries = {**registry.datasets, key: replace(registry.datasets[key], contract=changed)}
    another = graft(replace(registry, datasets=entries), static_schema())
    figures.sdl_again_seconds = _timed(lambda: sum(map(len, another.written(writer))))[1]
    return registry, grafted


def _misses(registry: Registry, grafted: Grafted, datasets: int) -> list[float]:
    """Documents never seen before, three datasets deep, from text to plan."""
    plans = PlanCache(grafted.core)
    found = []
    for number in range(300):
        document = _document(number * 4 % (datasets - 3), number)

        def plan(document: str = document) -> None:
            family = plans.family(document, None)
            family.plan(registry, family.variables({}))

        found.append(_timed(plan)[1] * 1000)
    return found


def _document(dataset: int, number: int) -> str:
    agency, slug = many.slug_of(dataset)
    return (
        f"query Q{number} {{ {agency} {{ {slug}(first: 5) {{ nodes {{ code text{number % 8} count0 day "
        "following { code text1 following { code amount0 } } } } } }"
    )


def _bodies(place: Place, datasets: int) -> Path:
    """Pages of a hundred datasets, the ones that are released anew among them."""
    documents = [_document(number * 2 % (datasets - 3), 0) for number in range(100)]
    return write_bodies(Path(place.settings.state_dir) / "scale.bodies", [{"query": text} for text in documents])


async def _release(place: Place, figures: Figures, ports: list[int], number: int) -> None:
    """One more release of a dataset under its contract."""
    before = _probe(ports)
    figures.visible_seconds.append(await _swap(place, number * 2, figures.datasets, 0))
    after = _probe(ports)
    figures.stall_release_ms.append(after.stall_ms)
    figures.stall_release_cpu_ms.append(after.stall_cpu_ms)
    figures.cpu_release_seconds.append(after.cpu_seconds - before.cpu_seconds)


async def _change(place: Place, figures: Figures, ports: list[int], minor: int) -> None:
    """A contract with a field more takes effect with its first release."""
    number = figures.datasets // 2
    await add_dataset(place.connections, parse(many.document(number, figures.datasets, minor=minor)), "bench")
    before = _probe(ports)
    figures.contract_seconds.append(await _swap(place, number, figures.datasets, minor))
    await asyncio.sleep(_AFTERWARDS_SECONDS)
    after = _probe(ports)
    figures.stall_contract_ms.append(after.stall_ms)
    figures.stall_contract_cpu_ms.append(after.stall_cpu_ms)
    figures.cpu_contract_seconds.append(after.cpu_seconds - before.cpu_seconds)


async def _swap(place: Place, number: int, datasets: int, minor: int) -> float:
    """Seconds from the beginning of the swap until both workers answer from the new release."""
    agency, slug = many.slug_of(number)
    file = Path(place.settings.state_dir) / "rows.csv"
    file.write_text(many.rows(number, datasets, minor=minor), encoding="utf-8")
    began = 0.0

    def note(stage: Stage, *_: int) -> None:
        nonlocal began
        if stage is Stage.SWAPPING:
            began = time.perf_counter()

    outcome = await release_file(
        place.connections, place.settings.state_dir, agency, slug, file, "bench", progress=note
    )
    if outcome.release is None:
        raise WrongAnswerError(outcome.report.as_table())
    async with place.connections.use() as connection:
        newest = await connection.fetchval("select seq from gsb.event_clock")
    reached = await barrier(place.connections, newest, timeout_seconds=_PATIENCE_SECONDS)
    if not reached.is_everywhere:
        raise WrongAnswerError(f"a release was not visible after {_PATIENCE_SECONDS} s")
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class _Probe:
    """Of all workers the highest figure, since they were asked last; of their processor time the sum."""

    stall_ms: float
    stall_cpu_ms: float
    memory_mb: float
    cpu_seconds: float


def _probe(ports: list[int]) -> _Probe:
    found = [_ask(port, "/bench/stall") for port in ports]
    highest = {name: max(one[name] for one in found) for name in ("stall_ms", "stall_cpu_ms", "memory_mb")}
    return _Probe(**highest, cpu_seconds=sum(one["cpu_seconds"] for one in found))


def _introspect(port: int, key: str) -> str:
    """The standard query; it is refused for a while when the answer is still being made."""
    (first, size), (second, _) = _introspected(port, key), _introspected(port, key)
    return f"{size / 1e6:.1f} MB; there after {first:.2f} s, again in {second:.2f} s"


def _introspected(port: int, key: str) -> tuple[float, int]:
    """Seconds until it was answered, and its bytes."""
    began = time.perf_counter()
    body = json.dumps({"query": get_introspection_query()}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    while True:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as response:
                return time.perf_counter() - began, len(response.read())
        except urllib.error.HTTPError as refused:
            if refused.code != 503 or time.perf_counter() - began > 2 * _PATIENCE_SECONDS:
                raise WrongAnswerError(
                    f"introspection was refused with {refused.code}: {refused.read()[:300]!r}"
                ) from None
            time.sleep(0.2)


def _ask(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=_PATIENCE_SECONDS) as response:
        return json.load(response)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


async def _timed_async(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return await work(), time.perf_counter() - began


def _high(values: list[float]) -> float:
    """The 99th percentile; of a few values the highest."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]


def _most(values: list[float], unit: str, digits: int = 0) -> str:
    return f"{statistics.median(values):.{digits}f} {unit} / {_high(values):.{digits}f} {unit}"


def _processor(stalls_ms: list[float], seconds: list[float]) -> str:
    return f"{max(stalls_ms):.0f} ms / {statistics.median(seconds):.2f} s"


def _section(figures: Figures) -> str:
    seen = figures.seen
    lines = (
        ("registry read at start / at each release", f"{figures.load_seconds:.2f} s / {figures.reload_seconds:.2f} s"),
        ("schema built and validated", f"{figures.graft_seconds:.2f} s"),
        (
            "SDL written / after one contract changed",
            f"{figures.sdl_seconds:.2f} s, {figures.sdl_mb:.1f} MB / {figures.sdl_again_seconds:.2f} s",
        ),
        ("a worker starts", f"{figures.start_seconds:.1f} s"),
        ("memory per worker at start", f"{figures.memory_at_start_mb:.0f} MB"),
        ("memory per worker after the releases", f"{figures.memory_mb:.0f} MB"),
        ("new document over three datasets planned, p50 / p99", _most(figures.misses_ms, "ms", 2)),
        ("release: swap until both workers answer from it, p50 / p99", _most(figures.visible_seconds, "s", 2)),
        ("release: longest stall of a worker, p50 / p99", _most(figures.stall_release_ms, "ms")),
        ("contract: swap until both workers answer from it, p50 / p99", _most(figures.contract_seconds, "s", 2)),
        ("contract: longest stall of a worker, p50 / p99", _most(figures.stall_contract_ms, "ms")),
        ("longest stall of a worker while the load ran, p50 / p99", _most(figures.stall_loaded_ms, "ms")),
        (
            "release: processor time of the longest stall / of both workers in all",
            _processor(figures.stall_release_cpu_ms, figures.cpu_release_seconds),
        ),
        (
            "contract: processor time of the longest stall / of both workers in all",
            _processor(figures.stall_contract_cpu_ms, figures.cpu_contract_seconds),
        ),
        ("full garbage collection afterwards", f"{figures.stall_gc_ms:.0f} ms"),
        ("standard introspection over HTTP", figures.introspection),
        ("introspection: longest stall of a worker", f"{figures.stall_introspection_ms:.0f} ms"),
        ("requests answered / failed", f"{seen.answered:,} / {seen.failed}"),
        ("requests per second that were answered", f"{seen.answered / max(seen.seconds, 1e-9):,.0f}"),
        ("slowest request", f"{seen.slowest_ms:.0f} ms"),
    )
    rows = "\n".join(f"| {what} | {figure} |" for what, figure in lines)
    return f"""## Many datasets

{figures.datasets:,} released datasets × 20 fields, each with a link to the next and back: a chain of links as long as
that. Two workers; {len(figures.visible_seconds)} releases and {len(figures.contract_seconds)} changed contracts landed,
most of the releases under {PER_SECOND} requests/s (pages over three datasets), in which none may fail. Stalls are the
longest gap of a 1 ms ticker in the workers' event loops, without that load unless it is said: under it the cores are
full, and whoever waits for a core stalls too. Processor time does not depend on who else uses the machine.

| what | figure |
|---|---|
{rows}
"""
