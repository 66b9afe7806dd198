"""Files and releases beside psql, as one part of the page."""

import statistics
from collections.abc import Sequence

from benchmarks.effort import Effort
from benchmarks.files import Downloaded, Timed, download
from benchmarks.place import Place
from benchmarks.release import release
from benchmarks.results import Result
from publicgsb.platform.server.demo.sources import Say


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    downloaded = await download(place, rounds=effort.rounds)
    released = await release(place, rounds=effort.rounds)
    values = {
        "download": downloaded.made.psql_median / downloaded.made.ours_median,
        "download_streamed": downloaded.streamed.psql_median / downloaded.streamed.ours_median,
        "making": downloaded.making_seconds,
        "release": released.ours_median / released.psql_median,
    }
    say(f"download {values['download']:.2f}×, streamed {values['download_streamed']:.2f}×")
    say(f"files made in {values['making']:.1f} s, release {values['release']:.2f}×")
    return Result(values, _section(downloaded, released, effort))


def _section(download: Downloaded, release: Timed, effort: Effort) -> str:
    return f"""## Files and releases

The {release.size:,} flights of 2013: the download of the file ({download.made.size / 1e6:,.0f} MB of CSV, the same
but for the ends of its lines) beside psql's `COPY … TO STDOUT`, once its files are made (CSV
and {download.parquet_bytes / 1e6:,.1f} MB of Parquet in {download.making_seconds:.1f} s: {_stages(download)}) and as it
is streamed before; and `gsb dataset release` (every row checked, privacy gate, indexes,
links, swap; the clock stops when a running server answers from it) beside psql's `COPY` with the same indexes in one
transaction. Medians of {effort.rounds}.

| what | ours | psql | spread ours | spread psql |
|---|---|---|---|---|
{_downloaded("download", download.made)}
{_downloaded("download, streamed", download.streamed)}
{_row("release", release, f"{release.ours_median:.2f} s", f"{release.psql_median:.2f} s")}
"""


def _stages(download: Downloaded) -> str:
    return ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in download.stages.items())


def _downloaded(what: str, timed: Timed) -> str:
    return _row(what, timed, _speed(timed.size, timed.ours), _speed(timed.size, timed.psql))


def _row(what: str, timed: Timed, ours: str, psql: str) -> str:
    return f"| {what} | {ours} | {psql} | {_spread(timed.ours)} | {_spread(timed.psql)} |"


def _speed(size: int, seconds: Sequence[float]) -> str:
    return f"{size / statistics.median(seconds) / 1e6:,.0f} MB/s"


def _spread(seconds: Sequence[float]) -> str:
    return f"{(max(seconds) - min(seconds)) / statistics.median(seconds):.0%}"
