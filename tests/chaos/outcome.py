"""What a scenario found out, and the rule that judges it: brute force over every admission."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.chaos.plans import LIMIT, PACED_LIMIT, PACED_WINDOW_SECONDS, WINDOW_SECONDS

STEP_MS = 250  # of the picture


@dataclass(frozen=True, slots=True)
class Outcome:
    """`over_admitted` units above the limit in the worst true window, 0 is exact. `success`: of the requests of an
    account that stays below its limits. `used`: of what the other one's window gives at most. Times are for the page.
    """

    scenario: str
    workers: int
    seconds: float
    admitted: int
    most_in_any_window: int
    limit: int
    over_admitted: int
    used: float
    paced: int
    success: float
    failures: dict[str, int]
    longest_hold_ms: int
    loop_gap_ms: int
    epochs: int
    over_time: list[tuple[float, int]]  # second, units of the exhausted account in the window that ends then
    struck: list[tuple[float, float]]  # from which second to which something was broken

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def most_in_any(admissions: Sequence[Sequence[int]], span_ms: int) -> int:
    """The most units in any true span, by brute force over (moment, units) in order of time."""
    ordered = sorted((at, units) for at, units in admissions)
    most = total = first = 0
    for at, units in ordered:
        total += units
        while ordered[first][0] <= at - span_ms:
            total -= ordered[first][1]
            first += 1
        most = max(most, total)
    return most


def in_each(admissions: Sequence[Sequence[int]], span_ms: int, first_ms: int, step_ms: int) -> list[tuple[float, int]]:
    """The units in the span that ends at each step, from `first_ms` to the last admission."""
    ordered = sorted((at, units) for at, units in admissions)
    found: list[tuple[float, int]] = []
    total = entering = leaving = 0
    last = ordered[-1][0] if ordered else first_ms
    for end in range(first_ms, last + step_ms, step_ms):
        while entering < len(ordered) and ordered[entering][0] <= end:
            total += ordered[entering][1]
            entering += 1
        while leaving < entering and ordered[leaving][0] <= end - span_ms:
            total -= ordered[leaving][1]
            leaving += 1
        found.append(((end - first_ms) / 1000, total))
    return found


def judge(
    scenario: str, seconds: float, reports: Sequence[dict[str, Any]], struck: Sequence[tuple[int, int]] = ()
) -> Outcome:
    """`struck`: from when to when something was broken, in milliseconds since 1970 as the admissions."""
    hammered = [one for report in reports for one in report["hammered"]]
    paced = [one for report in reports for one in report["paced"]]
    most = most_in_any(hammered, WINDOW_SECONDS * 1000)
    most_paced = most_in_any(paced, PACED_WINDOW_SECONDS * 1000)
    failures: dict[str, int] = {}
    for report in reports:
        for name, count in report["failures"].items():
            failures[name] = failures.get(name, 0) + count
    asked = len(paced) + sum(failures.values())
    first = min((at for at, _ in (*hammered, *paced)), default=0)
    return Outcome(
        scenario=scenario,
        workers=len(reports),
        seconds=seconds,
        admitted=sum(units for _, units in hammered),
        most_in_any_window=most,
        limit=LIMIT,
        over_admitted=max(0, most - LIMIT) + max(0, most_paced - PACED_LIMIT),
        used=round(sum(units for _, units in hammered) / (LIMIT * math.ceil(seconds / WINDOW_SECONDS)), 4),
        paced=asked,
        success=round(len(paced) / asked, 5) if asked else 1.0,
        failures=failures,
        longest_hold_ms=round(max(report["longest_hold"] for report in reports) * 1000),
        loop_gap_ms=round(max(report["loop_gap"] for report in reports) * 1000),
        epochs=sum(report["epochs_begun"] for report in reports),
        over_time=in_each(hammered, WINDOW_SECONDS * 1000, first, STEP_MS),
        struck=[((begin - first) / 1000, (end - first) / 1000) for begin, end in struck],
    )
