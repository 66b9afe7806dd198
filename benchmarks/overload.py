"""Three times as many requests as one worker can answer, and what becomes of them."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import servers
from benchmarks.arrivals import CONNECTIONS, PAUSE_SECONDS, Seen, arrive
from benchmarks.effort import Effort
from benchmarks.load import CLIENTS
from benchmarks.place import Place, organisation
from benchmarks.queries import our_target, prepare_cases
from benchmarks.results import Result
from publicgsb.platform.server.demo.sources import Say

TIMES = 3
CALM = 0.7
ORGANISATIONS = 4  # so that no plan's own limit on concurrency is what holds the load back
DEADLINE_MS = 1_000.0  # a caller that waits longer for a page has gone
REFUSALS = (429, 503)
WINDOW_SECONDS = 0.2
STEADY_WINDOWS = 5


@dataclass(frozen=True, slots=True)
class Round:
    """At `CALM` of the peak, then at `TIMES` the peak, then at `CALM` again."""

    peak: float  # answers a second when 32 connections ask as fast as they are answered, before and afterwards
    calm: Seen
    over: Seen
    after: Seen

    @property
    def goodput(self) -> float:
        """Answers in time, as a share of the peak."""
        in_time = sum(
            status == 200 and ms <= DEADLINE_MS
            for status, ms in zip(self.over.statuses, self.over.took_ms, strict=True)
        )
        return in_time / self.over.seconds / self.peak

    def refused_ms(self, share: float) -> float:
        return percentile(_of(self.over, REFUSALS), share)

    def answered_ms(self, share: float) -> float:
        return percentile(_of(self.over, (200,)), share)

    @property
    def others(self) -> int:
        """Requests, in all three phases, that came to anything but an answer or a refusal."""
        phases = (self.calm, self.over, self.after)
        wrong = sum(status != 200 and status not in REFUSALS for seen in phases for status in seen.statuses)
        return wrong + sum(seen.unsent for seen in phases)

    @property
    def usual_ms(self) -> float:
        return percentile(self.calm.took_ms, 0.99)

    @property
    def recovery_seconds(self) -> float:
        return recovery(self.after, 2 * self.usual_ms)

    @property
    def load_share(self) -> float:
        """Of a core, taken by the load itself while it was highest."""
        return self.over.cpu_seconds / self.over.seconds


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    lookup, _, nested = await prepare_cases(place)
    more = [await organisation(place.connections, place.settings) for _ in range(ORGANISATIONS - 1)]
    keys = [place.key, *(key for key, _ in more)]
    found: dict[str, list[Round]] = {}
    for one in (nested, lookup):
        with servers.ours(place) as port:
            bodies = our_target(place, one, port).bodies
            rounds = [_round(port, bodies, keys, effort) for _ in range(effort.rounds)]
        found[one.case.title] = rounds
        good, recovered = _median(one.goodput for one in rounds), _median(one.recovery_seconds for one in rounds)
        say(f"{one.case.title}: goodput {good:.0%} of the peak, usual again after {recovered:.1f} s")
    heavy, light = found.values()
    values = {
        "overload_goodput": 100 * _median(one.goodput for one in heavy),
        "overload_lookups": 100 * _median(one.goodput for one in light),
        "overload_refused": _median(one.refused_ms(0.99) for one in heavy),
        "overload_recovery": max(_median(one.recovery_seconds for one in rounds) for rounds in (heavy, light)),
        "overload_others": sum(one.others for rounds in (heavy, light) for one in rounds),
    }
    return Result(values, _section(found, _seconds(effort), effort.rounds))


def _round(port: int, bodies: Path, keys: Sequence[str], effort: Effort) -> Round:
    seconds = _seconds(effort)
    before = _peak(port, bodies, keys, effort)
    calm, over = f"{CALM * before:.0f}:{seconds}", f"{TIMES * before:.0f}:{seconds}"
    phases = arrive(port, bodies, keys, [calm, over, calm])
    return Round((before + _peak(port, bodies, keys, effort)) / 2, *phases)


def _peak(port: int, bodies: Path, keys: Sequence[str], effort: Effort) -> float:
    (closed,) = arrive(port, bodies, keys, [f"c{CLIENTS}:{effort.of(3, 2)}"])
    return closed.statuses.count(200) / closed.seconds


def _seconds(effort: Effort) -> int:
    return effort.of(6, 4)


def recovery(after: Seen, usual_ms: float) -> float:
    """Seconds until a second began in which the p99 was usual and nothing was refused; all of the phase if none did."""
    windows: list[list[float]] = [[] for _ in range(int(after.seconds / WINDOW_SECONDS))]
    for due, ms, status in zip(after.due, after.took_ms, after.statuses, strict=True):
        if (number := int(due / WINDOW_SECONDS)) < len(windows):
            windows[number].append(ms if status == 200 else float("inf"))
    is_usual = [percentile(window, 0.99) <= usual_ms for window in windows]
    for number in range(len(windows) - STEADY_WINDOWS + 1):
        if all(is_usual[number : number + STEADY_WINDOWS]):
            return number * WINDOW_SECONDS
    return after.seconds


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)] if values else 0.0


def _of(seen: Seen, statuses: tuple[int, ...]) -> list[float]:
    return [ms for ms, status in zip(seen.took_ms, seen.statuses, strict=True) if status in statuses]


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def _row(title: str, rounds: Sequence[Round]) -> str:
    def median(read: Callable[[Round], float]) -> float:
        return _median(read(one) for one in rounds)

    statuses = sum((Counter(one.over.statuses) for one in rounds), Counter[int]())
    seen = ", ".join(f"{status or 'none'} {count / statuses.total():.0%}" for status, count in sorted(statuses.items()))
    cells = (
        title,
        f"{median(lambda one: one.peak):,.0f}",
        f"{median(lambda one: one.goodput):.0%}",
        seen,
        f"{median(lambda one: one.answered_ms(0.5)):.0f} / {median(lambda one: one.answered_ms(0.99)):.0f}",
        f"{median(lambda one: one.refused_ms(0.5)):.1f} / {median(lambda one: one.refused_ms(0.99)):.1f}",
        f"{median(lambda one: one.usual_ms):.1f}",
        f"{median(lambda one: one.recovery_seconds):.1f}",
        f"{median(lambda one: one.load_share):.0%}",
        f"{median(lambda one: one.over.late_ms_p99):.1f}",
    )
    return f"| {' | '.join(cells)} |"


def _section(found: Mapping[str, Sequence[Round]], seconds: int, rounds: int) -> str:
    rows = "\n".join(_row(title, of_one) for title, of_one in found.items())
    return f"""## Overload

Medians of {rounds} rounds on one worker with the keys of {ORGANISATIONS} organisations. The peak is what {CLIENTS}
connections get that ask again as soon as they are answered, before the load and after it. Between that requests arrive
at random moments on {CONNECTIONS} connections, whatever becomes of the others: {seconds} s each at {CALM:g} times the
peak, at {TIMES} times, and at {CALM:g} times again. Goodput is what is answered within {DEADLINE_MS / 1000:g} s of the
moment at which it was due; refusals are 429 and 503. Usual is the p99 before the overload; it is usual again when a
second begins in which nothing is refused and no p99 of {WINDOW_SECONDS:g} s is above twice that. The load runs on the
same cores: its share of one and its own delay stand in the last columns, and are in all the times. It looks for
answers every {PAUSE_SECONDS * 1000:g} ms: woken by each it took twice the processor, which the server then lacked
(`benchmarks/arrivals.py`).

| query | peak/s | goodput | answers | answered ms, p50 / p99 | refused ms | usual ms | again s | load | late ms |
|---|---|---|---|---|---|---|---|---|---|
{rows}
"""
