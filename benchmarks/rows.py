"""The numbers that the project lives by: every row of the page's table, with its floor and its goal."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure should be. A missed goal is said, a missed floor is a bug."""

    floor: float
    goal: float
    is_ceiling: bool = False  # of times and sizes: smaller is better

    def verdict(self, value: float) -> str:
        if self._misses(value, self.floor):
            return "**FLOOR MISSED**"
        return "goal missed" if self._misses(value, self.goal) else "goal met"

    def _misses(self, value: float, bound: float) -> bool:
        return value > bound if self.is_ceiling else value < bound


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `part` measures it. Without a bound it is printed for comparison only."""

    key: str
    part: str
    what: str
    bound: Bound | None = None
    unit: str = "×"
    digits: int = 2

    def written(self, values: Mapping[str, float]) -> str:
        """As a line of the page; a figure that this run did not make is said to be missing."""
        at = ("≤ " if self.bound.is_ceiling else "≥ ") if self.bound else ""
        floor, goal = (f"{at}{bound:,g}{self.unit}" for bound in self._bounds) if self.bound else ("", "")
        value = values.get(self.key)
        if value is None:
            return f"| {self.what} | not measured in this run | {floor} | {goal} | |"
        verdict = self.bound.verdict(value) if self.bound else "for comparison"
        return f"| {self.what} | **{value:,.{self.digits}f}{self.unit}** | {floor} | {goal} | {verdict} |"

    @property
    def _bounds(self) -> tuple[float, float]:
        assert self.bound is not None
        return self.bound.floor, self.bound.goal


HOT_PATH = Bound(0.85, 1.2)
DOWNLOAD = Bound(1.0, 3.0)
RELEASE = Bound(5.0, 3.0, is_ceiling=True)
CACHED = Bound(0.5, 0.6)


def _at_most(floor: float, goal: float) -> Bound:
    return Bound(floor, goal, is_ceiling=True)


ROWS: tuple[Row, ...] = (
    Row("lookup_postgraphile", "peers", "look-up by key, against PostGraphile 5", Bound(2.5, 4)),
    Row("page_postgraphile", "peers", "page of 100 records, against PostGraphile 5", Bound(2.5, 3)),
    Row("nested_postgraphile", "peers", "20 parents × 5 children, against PostGraphile 5", Bound(1.8, 2.5)),
    Row("lookup_strawberry", "peers", "look-up by key, against Strawberry"),
    Row("page_strawberry", "peers", "page of 100 records, against Strawberry"),
    Row("nested_strawberry", "peers", "20 parents × 5 children, against Strawberry"),
    Row("cached_lookup", "queries", "repeated look-up, against a bare ASGI reply of its size", CACHED),
    Row("cached_page", "queries", "repeated page of 100, against a bare ASGI reply of its size", CACHED),
    Row("lookup_hand", "queries", "look-up by key, against by hand", HOT_PATH),
    Row("page_hand", "queries", "page of 100 records, against by hand", HOT_PATH),
    Row("nested_hand", "queries", "20 parents × 5 children, against by hand", HOT_PATH),
    Row("metering", "queries", "look-up with keys, quotas and metering on, against off", Bound(0.8, 0.9)),
    Row("plan_hits", "queries", "plan-hit ratio of 200 documents × 200 replays", Bound(99, 99), " %", 1),
    Row("release", "files", "release of 336,776 rows, time against `COPY` + indexes", RELEASE),
    Row("download", "files", "download, against `COPY TO STDOUT`", DOWNLOAD),
    Row("download_streamed", "files", "download while its files are not made, against `COPY TO STDOUT`"),
    Row("making", "files", "files of 336,776 rows made", None, " s", 1),
    Row("gate", "gate", "privacy gate, 1,000,000 rows × 20 fields", _at_most(60, 15), " s", 1),
    Row("gate_whole", "gate", "reading, checking and gating these rows", None, " s", 1),
    Row("validate_rows", "validating", "validation of 19 fields: rows per second", Bound(100_000, 100_000), "", 0),
    Row("validate_frictionless", "validating", "validation, against frictionless-py on the same file", Bound(20, 20)),
    Row("validate_whole", "validating", "validation with gate and file for COPY, against frictionless-py", None),
    Row("validate_memory", "validating", "validation: memory with 4 times the rows, against once", _at_most(1.2, 1.05)),
    Row("visible", "scale", "1,400 datasets: release visible on 2 workers, p99", _at_most(3, 1), " s", 2),
    Row("stall", "scale", "1,400 datasets: stall of a worker by a changed contract", _at_most(100, 50), " ms", 0),
    Row("stall_release", "scale", "1,400 datasets: stall of a worker by a release", _at_most(100, 50), " ms", 0),
    Row("stall_gc", "scale", "1,400 datasets: stall by a full garbage collection", _at_most(100, 50), " ms", 0),
    Row("memory", "scale", "1,400 datasets: memory per worker", _at_most(400, 250), " MB", 0),
    Row("failed", "scale", "1,400 datasets: requests failed by releases under 500 requests/s", _at_most(0, 0), "", 0),
    Row("deep", "deep", "page after 1,000,000 records, time against page 1", _at_most(1.5, 1.2)),
    Row("walked", "deep", "a walk of 1,000,000 records while releases land: missing or twice", _at_most(0, 0), "", 0),
    Row("prices", "prices", "rank correlation of price and database time", Bound(0.8, 0.8), ""),
    Row("attack_ms", "attacks", "1,400 datasets: the dearest of all attacks, CPU", _at_most(50, 50), " ms", 1),
    Row("attack_grown", "attacks", "1,400 datasets: memory that 200 of each attack left", _at_most(50, 20), " MB", 1),
    Row("overload_goodput", "overload", "nested at 3× the peak: goodput, of the peak", Bound(80, 90), " %", 0),
    Row("overload_refused", "overload", "nested at 3× the peak: p99 of the refusals", _at_most(100, 20), " ms", 1),
    Row("overload_lookups", "overload", "look-ups at 3× the peak: goodput, of the peak", None, " %", 0),
    Row("overload_recovery", "overload", "p99 usual again after 3× the peak", _at_most(2, 0.5), " s", 1),
    Row("overload_others", "overload", "answers at 3× the peak that are not 200, 429 or 503", _at_most(0, 0), "", 0),
    Row("guard_added", "guarding", "limit by address: latency added, of slowapi on Redis against ours", Bound(1, 5)),
    Row("guard_gap", "guarding", "limit by address: loop gap while Redis stalls for 1.5 s", _at_most(50, 50), " ms", 0),
    Row("guard_worst", "guarding", "limit by address: slowest answer meanwhile", _at_most(50, 50), " ms", 0),
    Row("guard_store", "guarding", "limit by address: bytes in Redis, moving window against ours", Bound(100, 500)),
    Row("workers_2", "workers", "look-ups with 2 workers, against 1"),
    Row("workers_4", "workers", "look-ups with 4 workers, against 1"),
    Row("replica_swap", "replica", "release visible on a streaming replica", None, " s", 2),
    Row(
        "replica_early", "replica", "answers from before the replica had the release, or errors", _at_most(0, 0), "", 0
    ),
)

# Exactness is proved by tests, not measured: design says 0, and one case more fails the suite.
HELD: tuple[tuple[str, str], ...] = (
    ("quota over-admission through any single fault", "`tests/quotas/test_leases.py`, `test_purse.py`"),
    ("revoked key or recalled release served after the call returned", "`tests/journeys/test_revocation.py`"),
)
