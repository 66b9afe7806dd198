"""The figures as a page: docs/benchmarks.md, and the same verdicts at the terminal."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.files import Timed
from benchmarks.load import CLIENTS
from benchmarks.microseconds import Profile
from benchmarks.place import CONNECTIONS
from benchmarks.queries import BARE, BY_HAND, OURS, CaseResult
from benchmarks.rounds import ROUND_SECONDS, ROUNDS, SAMPLE


@dataclass(frozen=True, slots=True)
class Bound:
    """What a ratio should be. A missed goal is said, a missed floor is a bug."""

    floor: float
    goal: float
    is_ceiling: bool = False  # of times: smaller is better

    def verdict(self, ratio: float) -> str:
        if self._misses(ratio, self.floor):
            return "**FLOOR MISSED**"
        return "goal missed" if self._misses(ratio, self.goal) else "goal met"

    def _misses(self, ratio: float, bound: float) -> bool:
        return ratio > bound if self.is_ceiling else ratio < bound


HOT_PATH = Bound(0.85, 1.2)
DOWNLOAD = Bound(1.0, 3.0)
RELEASE = Bound(5.0, 3.0, is_ceiling=True)


@dataclass(frozen=True, slots=True)
class Verdict:
    what: str
    ratio: float
    bound: Bound

    @property
    def row(self) -> str:
        bound = self.bound
        at = "≤ " if bound.is_ceiling else "≥ "
        return (
            f"| {self.what} | **{self.ratio:.2f}×** | {at}{bound.floor:g}× | {at}{bound.goal:g}× "
            f"| {bound.verdict(self.ratio)} |"
        )


def verdicts(queries: Sequence[CaseResult], download: Timed, release: Timed) -> list[Verdict]:
    return [
        *(Verdict(f"{one.case.title}, against by hand", one.ratio, HOT_PATH) for one in queries),
        Verdict("download, against `COPY TO STDOUT`", download.psql_median / download.ours_median, DOWNLOAD),
        Verdict("release, time against `COPY` + indexes", release.ours_median / release.psql_median, RELEASE),
    ]


def page(
    facts: Mapping[str, str], queries: Sequence[CaseResult], download: Timed, release: Timed, profile: Profile
) -> str:
    judged = "\n".join(one.row for one in verdicts(queries, download, release))
    machine = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    return "\n".join([_HEAD, judged, "", machine, "", _queries(queries), _files(download, release), profile.section])


_HEAD = """# Benchmarks

Written by `make bench`; run it to get the figures of your machine. Only the ratios travel from one machine to another:
both sides were measured in the same run, in turns, on the same PostgreSQL.

| what | ratio | floor | goal | |
|---|---|---|---|---|"""


def _queries(queries: Sequence[CaseResult]) -> str:
    return f"""## Queries

Medians of {ROUNDS} rounds of {ROUND_SECONDS} s, in turns; one process each with {CONNECTIONS} connections to
PostgreSQL, {CLIENTS} client connections by wrk, random questions. After every round {SAMPLE} answers were compared
with the SQL's byte by byte, and no request may be refused or left unanswered. The spread is between the slowest and
the fastest round.

- **{OURS}**: `gsb serve` with keys, quotas (windows, month, concurrency) and metering on; afterwards the usage facts
  must hold every request that wrk saw answered.
- **{BY_HAND}**: a Starlette function endpoint with asyncpg's own pool and orjson, one route per query, that runs the
  very SQL that our planner makes. No key, no quota, no metering, no planning (`benchmarks/handwritten.py`).
- **{BARE}**: reads the request and answers as many bytes; for orientation.

| query | our answer | server | requests/s | spread | p50 ms | p99 ms |
|---|---|---|---|---|---|---|
{_query_rows(queries)}
"""


def _files(download: Timed, release: Timed) -> str:
    return f"""## Files and releases

The {release.size:,} flights of 2013: the download of the whole file ({download.size / 1e6:,.0f} MB of CSV, the same
to the byte) beside psql's `COPY … TO STDOUT`, and `gsb dataset release` (every row checked, privacy gate, indexes,
links, swap; the clock stops when a running server answers from it) beside psql's `COPY` with the same indexes in one
transaction. Medians of {ROUNDS}.

| what | ours | psql | spread ours | spread psql |
|---|---|---|---|---|
{_file_row("download", download, _speed(download.size, download.ours), _speed(download.size, download.psql))}
{_file_row("release", release, f"{release.ours_median:.2f} s", f"{release.psql_median:.2f} s")}
"""


def _file_row(what: str, timed: Timed, ours: str, psql: str) -> str:
    return f"| {what} | {ours} | {psql} | {_spread(timed.ours)} | {_spread(timed.psql)} |"


def _query_rows(queries: Sequence[CaseResult]) -> str:
    return "\n".join(
        f"| {one.case.title} | {one.answer_bytes:,} B | {name} | {series.median:,.0f} | {series.spread:.0%} "
        f"| {series.p50_ms:.2f} | {series.p99_ms:.2f} |"
        for one in queries
        for name, series in one.series.items()
    )


def _speed(size: int, seconds: Sequence[float]) -> str:
    return f"{size / statistics.median(seconds) / 1e6:,.0f} MB/s"


def _spread(seconds: Sequence[float]) -> str:
    return f"{(max(seconds) - min(seconds)) / statistics.median(seconds):.0%}"
