"""Look-ups with one, two and four workers of one server."""

from benchmarks import servers
from benchmarks.effort import Effort
from benchmarks.load import find_wrk
from benchmarks.place import Place
from benchmarks.queries import our_target, prepare_cases
from benchmarks.results import Result
from benchmarks.rounds import Series, in_turns
from publicgsb.platform.server.demo.sources import Say

WORKERS = (1, 2, 4)


async def measure(place: Place, effort: Effort, say: Say) -> Result:
    """Each number of workers by itself: they share the cores with the database and with wrk."""
    wrk = find_wrk()
    lookup = (await prepare_cases(place))[0]
    found: dict[int, Series] = {}
    for workers in WORKERS:
        with servers.ours(place, workers=workers) as port:
            target = our_target(place, lookup, port)
            found[workers] = in_turns(wrk, [target], effort)[target.name]
        say(f"{workers} workers: {found[workers].median:,.0f} look-ups/s")
    values = {f"workers_{workers}": found[workers].median / found[1].median for workers in WORKERS[1:]}
    return Result(values, _section(found))


def _section(found: dict[int, Series]) -> str:
    rows = "\n".join(
        f"| {workers} | {series.median:,.0f} | {series.median / workers:,.0f} "
        f"| {series.p50_ms:.2f} | {series.p99_ms:.2f} |"
        for workers, series in found.items()
    )
    return f"""## Workers

Random look-ups by key over one server with several workers. PostgreSQL and wrk run on the same cores, so what more
workers bring ends where the cores do.

| workers | requests/s | for each worker | p50 ms | p99 ms |
|---|---|---|---|---|
{rows}
"""
