"""`python -m benchmarks.long [requests]`: requests of every kind to one worker, and whether its memory grows.

First it is warmed up: with a tenth of the documents never seen before, until what it remembers of documents, bodies,
searches and answers is full; then by the mixture that is counted, with a release in every 50,000 requests, until these
make it grow by less than 2 %; all that with at most 400,000 requests. Then as many are counted as were asked for,
1,000,000 when no number is given (`make prove-long`), with releases and a changed contract among them. It ends with
status 1 when memory grew by more than 5 % since the warm-up, or when anything was answered by 5xx or broken off.
"""

import asyncio
import json
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from tests.schema.sql.test_near import PLACES
from tests.schema.sql.test_near import ROWS as PLACE_ROWS
from tests.schema.worlds import COUNTRIES, COUNTRY_ROWS, declare, found, release

from benchmarks import servers
from benchmarks.lines import Seen, ask
from benchmarks.long_page import page
from benchmarks.mixture import NOVELTY, Mixture
from benchmarks.place import Place, organisation, place
from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.server.settings import load_settings

REQUESTS = 1_000_000
LINES = 16
KEYS = 4
GROWTH_MAX = 0.05
STEPS = 20
PAGE = Path(__file__).resolve().parent.parent / "docs" / "long-run.md"
_WARM_UP_MAX = 400_000
_LEVEL_STEP = 50_000
_LEVEL_GROWTH = 0.02
_WARM_UP_STEP = 10_000
_WARM_UP_NOVELTY = 0.1
_FULL = ("documents", "seen bodies", "searches", "kept answers MB")
_ENOUGH = 0.97
_WIDER_FROM = 6  # the step in which a contract gets one more field


@dataclass(frozen=True, slots=True)
class Look:
    """The worker at one moment."""

    asked: int
    memory: dict[str, Any]

    @property
    def mb(self) -> float:
        found: float = self.memory["resident_mb"]
        return found

    @property
    def is_full(self) -> bool:
        sizes = self.memory["filled"]
        return all(sizes[name][0] >= _ENOUGH * sizes[name][1] for name in _FULL)


@dataclass(slots=True)
class Run:
    here: Place
    keys: list[str]
    port: int
    seen: Seen = field(default_factory=Seen)
    looks: list[Look] = field(default_factory=list)
    seeds: int = 0
    cpu_seconds: float = 0.0

    async def step(self, requests: int, novelty: float) -> Look:
        """Ask, and look at the worker afterwards."""
        began, before = time.monotonic(), self.seen.count
        lines = []
        for number in range(LINES):
            self.seeds += 1
            share = requests // LINES + (number < requests % LINES)
            lines.append(ask(self.port, Mixture(self.seeds, self.keys, novelty), share, self.seen))
        await asyncio.gather(*lines)
        seconds = time.monotonic() - began
        self.looks.append(Look(self.seen.count, await asyncio.to_thread(_memory, self.port)))
        filled = ", ".join(f"{name} {size:,.0f}" for name, (size, _) in self.looks[-1].memory["filled"].items() if size)
        count, memory = self.seen.count - before, self.looks[-1].memory
        cpu, self.cpu_seconds = memory["cpu_seconds"] - self.cpu_seconds, memory["cpu_seconds"]
        pace = f"{count / seconds:>6,.0f}/s  {1000 * cpu / count:.2f} ms each  gc {memory['longest_ms']:3.0f} ms"
        failed = "".join(f"  {count} × {why}" for why, count in self.seen.failures.items())
        _say(f"{self.seen.count:>11,}  {pace}  {self.looks[-1].mb:6.1f} MB{failed}  {filled}")
        return self.looks[-1]

    async def warm_up(self) -> Look:
        """Until it is full and level: full memories still change what they hold for a while, and releases begin."""
        while not (look := await self.step(_WARM_UP_STEP, _WARM_UP_NOVELTY)).is_full and look.asked < _WARM_UP_MAX:
            pass
        before, number = 0.0, 0
        while look.mb > before * (1 + _LEVEL_GROWTH) and look.asked < _WARM_UP_MAX:
            before, number = look.mb, number - 1
            look = await self.with_release(number, _LEVEL_STEP)
        return look

    async def counted(self, requests: int) -> Look:
        """With a release in each step, and a contract that changes in the sixth."""
        for number in range(1, STEPS + 1):
            look = await self.with_release(number, requests // STEPS + (number <= requests % STEPS))
        return look

    async def with_release(self, number: int, requests: int) -> Look:
        changing = asyncio.create_task(_change(self.here, number))
        look = await self.step(requests, NOVELTY)
        await changing
        return look


async def measure(requests: int) -> bool:
    """Whether memory stayed and nothing broke."""
    settings = load_settings()
    async with place(settings, (), print) as here:
        keys = [here.key, *[(await organisation(here.connections, here.settings))[0] for _ in range(KEYS - 1)]]
        await _found(here)
        port = servers.free_port()
        variables = servers.environment(here.settings)
        del variables["GSB_KEPT_ANSWERS_BYTES"]  # the bench keeps none; this is about what is kept
        variables["GSB_REDIS_TIMEOUT_MS"] = "1000"  # load, worker and engines share the cores
        command = [sys.executable, "-m", "benchmarks.remembering", str(port)]
        with servers.running(command, f"http://127.0.0.1:{port}/health/ready", variables):
            run, began = Run(here, keys, port), time.monotonic()
            warm = await run.warm_up()
            warm_seconds = time.monotonic() - began
            end = await run.counted(requests)
    seconds = time.monotonic() - began - warm_seconds
    growth, broken = end.mb / warm.mb - 1, sum(run.seen.failures.values()) + run.seen.lost
    text = page([(look.asked, look.memory) for look in run.looks], warm.asked, seconds, run.seen)
    target = PAGE if requests >= REQUESTS else settings.state_dir / "bench-quick" / PAGE.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    _say(f"{warm.mb:.1f} MB after {warm.asked:,} requests, {end.mb:.1f} MB after {end.asked:,}: {growth:+.1%}")
    _say(f"{broken} failed {dict(run.seen.failures)}; {target} is written")
    return growth <= GROWTH_MAX and not broken


async def _found(here: Place) -> None:
    folder = Path(here.settings.state_dir)
    await found(here.connections, folder)
    await add_agency(here.connections, "lab", Label("آزمایشگاه", "Laboratory"), "bench")
    await declare(here.connections, PLACES)
    await release(here.connections, folder, "lab/places", PLACE_ROWS)


async def _change(here: Place, number: int) -> None:
    """A release of a dataset that the requests read; from the sixth on under a contract with one more field."""
    head, *rows = [*COUNTRY_ROWS.splitlines(), f"N{number},Number {number},{number}"]
    if number == _WIDER_FROM:
        wider = COUNTRIES.replace('version: "1.0.0"', 'version: "1.1.0"')
        more = '  - { name: capital, type: string, label: { fa: "پایتخت", en: "Capital" }, filters: [eq] }\n'
        await declare(here.connections, wider + more)
    if number >= _WIDER_FROM:
        head, rows = f"{head},capital", [f"{row},Somewhere" for row in rows]
    folder = Path(here.settings.state_dir)
    outcome = await release(here.connections, folder, "geo/countries", "\n".join([head, *rows, ""]))
    assert outcome.release is not None, outcome.report.as_table("en")


def _memory(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/bench/memory", timeout=60) as response:
        told: dict[str, Any] = json.load(response)
        return told


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(0 if uvloop.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS)) else 1)
