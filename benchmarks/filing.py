"""Files and releases beside psql, as one part of the page."""

import statistics
from collections.abc import Sequence

from benchmarks.effort import Effort
from benchmarks.files import Timed, download
from benchmarks.place import Place
from benchmarks.release import release
from benchmarks.results import Result
from publicgsb.platform.server.demo.sources import Say


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    downloaded = await download(place, rounds=effort.rounds)
    released = await release(place, rounds=effort.rounds)
    values = {
        "download": downloaded.psql_median / downloaded.ours_median,
        "release": released.ours_median / released.psql_median,
    }
    say(f"download {values['download']:.2f}×, release {values['release']:.2f}×")
    return Result(values, _section(downloaded, released, effort))


def _section(download: Timed, release: Timed, effort: Effort) -> str:
    return f"""## Files and releases

The {release.size:,} flights of 2013: the download of the whole file ({download.size / 1e6:,.0f} MB of CSV, the same
to the byte) beside psql's `COPY … TO STDOUT`, and `gsb dataset release` (every row checked, privacy gate, indexes,
links, swap; the clock stops when a running server answers from it) beside psql's `COPY` with the same indexes in one
transaction. Medians of {effort.rounds}.

| what | ours | psql | spread ours | spread psql |
|---|---|---|---|---|
{_row("download", download, _speed(download.size, download.ours), _speed(download.size, download.psql))}
{_row("release", release, f"{release.ours_median:.2f} s", f"{release.psql_median:.2f} s")}
"""


def _row(what: str, timed: Timed, ours: str, psql: str) -> str:
    return f"| {what} | {ours} | {psql} | {_spread(timed.ours)} | {_spread(timed.psql)} |"


def _speed(size: int, seconds: Sequence[float]) -> str:
    return f"{size / statistics.median(seconds) / 1e6:,.0f} MB/s"


def _spread(seconds: Sequence[float]) -> str:
    return f"{(max(seconds) - min(seconds)) / statistics.median(seconds):.0%}"
