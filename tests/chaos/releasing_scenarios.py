"""The rows about releasing, as findings."""

from collections.abc import Mapping

from tests.chaos.ground import Ground
from tests.chaos.releasing.full_disks import full_disks as play_full_disks
from tests.chaos.releasing.hostile import hostile as play_hostile
from tests.chaos.releasing.kills import KILLS_LONG, KILLS_SHORT
from tests.chaos.releasing.kills import kills as play_kills
from tests.chaos.releasing.restarts import RESTARTS_LONG, RESTARTS_SHORT
from tests.chaos.releasing.restarts import restarts as play_restarts
from tests.chaos.releasing.rivals import LOST_LONG, LOST_SHORT, RIVALS_LONG, RIVALS_SHORT
from tests.chaos.releasing.rivals import lost_jobs as play_lost_jobs
from tests.chaos.releasing.rivals import two_publishers as play_two_publishers
from tests.chaos.releasing.small_disk import why_none
from tests.chaos.releasing.swaps import SWAPS_LONG, SWAPS_SHORT
from tests.chaos.releasing.swaps import swaps as play_swaps
from tests.chaos.report.finding import Claim, Finding, at_most, broken, exactly

MEMORY_MIB_MAX = 256


def _none(says: str, found: Mapping[str, int] | list[str]) -> Claim:
    """Holds when nothing was found; else it says what, as far as a cell of the table goes."""
    told = [f"{count} × {what}" for what, count in found.items()] if isinstance(found, Mapping) else found
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    return Claim(says, "; ".join(told[:3]) + more if told else "0", not told)


async def release_kills(ground: Ground) -> Finding:
    scale = KILLS_SHORT if ground.is_short else KILLS_LONG
    with ground.database() as database_url, ground.redis() as redis_url, ground.folder() as folder:
        outcome = await play_kills(database_url, redis_url, folder, scale)
    return Finding(
        did=f"{outcome.kills} times kill -9 of whoever released {outcome.editions} editions of {scale.count:,} "
        "records, at random moments of each stage in turns, some attempts again, while 2 workers answer",
        claims=(
            _none("half-published", outcome.half),
            _none("orphans", outcome.orphans),
            _none("jobs that did not resume, other contents", outcome.wrong),
            exactly("published", outcome.published, outcome.editions),
            _none("failed requests", outcome.failed),
            exactly("mixed answers", outcome.mixed, 0),
        ),
        figures=(
            "killed while: " + ", ".join(f"{stage} {count}" for stage, count in outcome.hit.items()),
            f"{outcome.answers:,} answers",
        ),
        seed=scale.seed,
    )


async def release_full_disks(ground: Ground) -> Finding:
    did = "file systems of 0.25 to 2.5 MB in the place of each folder and of the tablespace, then made larger"
    if (why := why_none()) is not None:
        return broken(did, why)
    with ground.redis() as redis_url, ground.folder() as folder:
        outcome = await play_full_disks(redis_url, folder)
    return Finding(
        did=did,
        claims=(
            _none("unclear errors", outcome.unclear),
            exactly("bytes not given back", outcome.kept_bytes, 0),
            _none("anything else wrong", outcome.wrong),
            _none("failed requests", outcome.failed),
            exactly("mixed answers", outcome.mixed, 0),
        ),
        figures=(f"full: {', '.join(outcome.told)}", f"{outcome.answers:,} answers"),
    )


async def release_restarts(ground: Ground) -> Finding:
    scale = RESTARTS_SHORT if ground.is_short else RESTARTS_LONG
    with ground.redis() as redis_url, ground.folder() as folder:
        outcome = await play_restarts(redis_url, folder, scale)
    return Finding(
        did=f"PostgreSQL restarted at each of the stages {', '.join(scale.stages)}, in order and by a crash, with "
        "`gsb jobs` and `gsb serve` running on",
        claims=(
            exactly("published", outcome.published, outcome.restarts),
            _none("anything else wrong", outcome.wrong),
            _none("answers other than data and 503", outcome.failed),
            exactly("mixed answers", outcome.mixed, 0),
            exactly("bytes of the database that no table names, after restarts in order", outcome.left_bytes, 0),
        ),
        figures=(
            f"the same after crashes, which PostgreSQL itself leaves: {outcome.left_by_crashes_bytes:,}",
            f"{outcome.answers:,} answers, {outcome.unavailable:,} × 503",
        ),
    )


async def release_lost_jobs(ground: Ground) -> Finding:
    scale = LOST_SHORT if ground.is_short else LOST_LONG
    with ground.database() as database_url, ground.redis() as redis_url, ground.folder() as folder:
        outcome = await play_lost_jobs(database_url, redis_url, folder, scale)
    return Finding(
        did=f"{scale.rounds} times the jobs process that reads a file killed, or stopped until its lease was over and "
        "continued, with another one there",
        claims=(
            _none("published other than once, anything half-published or orphaned", outcome.wrong),
            _none("failed requests", outcome.failed),
            exactly("mixed answers", outcome.mixed, 0),
        ),
        figures=(f"released after {', '.join(f'{one:g}' for one in outcome.seconds)} s (the lease is 30 s)",),
    )


async def release_rivals(ground: Ground) -> Finding:
    scale = RIVALS_SHORT if ground.is_short else RIVALS_LONG
    with ground.database() as database_url, ground.redis() as redis_url, ground.folder() as folder:
        outcome = await play_two_publishers(database_url, redis_url, folder, scale)
    return Finding(
        did=f"{scale.rounds} times two `gsb dataset release` and two uploads begun together, with two jobs processes",
        claims=(
            _none("ended otherwise than published or CONFLICT, mixed or published twice", outcome.wrong),
            _none("failed requests", outcome.failed),
            exactly("mixed answers", outcome.mixed, 0),
        ),
        figures=(", ".join(f"{count} × {how}" for how, count in sorted(outcome.ended.items())),),
    )


async def release_swaps(ground: Ground) -> Finding:
    scale = SWAPS_SHORT if ground.is_short else SWAPS_LONG
    with ground.database() as database_url, ground.redis() as redis_url, ground.folder() as folder:
        outcome = await play_swaps(database_url, redis_url, folder, scale)
    return Finding(
        did=f"{outcome.swaps} releases and rollbacks of {scale.count:,} records while {2 * scale.each} connections to "
        "2 workers ask for nested pages and walk by cursor without a pause",
        claims=(
            _none("failed requests", outcome.failed),
            exactly("mixed pages and walks", outcome.mixed, 0),
            exactly("workers that had not heard when a swap returned", outcome.behind, 0),
        ),
        figures=(f"{outcome.answers:,} answers, {outcome.walks:,} walks, {outcome.editions} editions",),
    )


async def hostile_files(ground: Ground) -> Finding:
    with ground.folder() as folder:
        outcome = await play_hostile(folder)
    return Finding(
        did="each handed to `gsb dataset validate`, in a process of its own whose peak memory the kernel tells: "
        + ", ".join(outcome.refused),
        claims=(
            _none("not refused with a clear error", outcome.wrong),
            at_most("most memory above that of a good file", outcome.mib_above, MEMORY_MIB_MAX, " MiB"),
        ),
        figures=(f"{len(outcome.refused)} files, the slowest refused in {outcome.seconds_max:.1f} s",),
    )
