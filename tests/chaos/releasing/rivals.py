"""Several publishers of one dataset at once; jobs processes that are lost or stand still with a job in their hands."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from tests.chaos.releasing.editions import NAME
from tests.chaos.releasing.house import House, house
from tests.chaos.releasing.reading import read_on
from tests.chaos.releasing.ruins import half_published, orphans
from tests.chaos.releasing.stages import Stage, Watch, watching
from tests.processes import jobs, start_gsb

CONFLICT = 5  # exit code of `gsb`


@dataclass(frozen=True, slots=True)
class RivalsScale:
    rounds: int
    count: int = 30_000  # records of an edition: so many that publishers who begin together meet


RIVALS_SHORT = RivalsScale(rounds=2)
RIVALS_LONG = RivalsScale(rounds=12)
LOST_COUNT = 200_000  # so many that a job is under way for seconds, and is never over before its process is lost
LOST_SHORT = RivalsScale(rounds=1, count=LOST_COUNT)
LOST_LONG = RivalsScale(rounds=4, count=LOST_COUNT)


@dataclass(frozen=True, slots=True)
class RivalsOutcome:
    """`ended`: how the publishers ended, by exit code or state of their job. `wrong`: anything that must not be."""

    rounds: int
    ended: Mapping[str, int]
    wrong: list[str]
    answers: int
    failed: Mapping[str, int]
    mixed: int
    seconds: tuple[float, ...] = ()  # from a loss to the release


async def two_publishers(database_url: str, redis_url: str, folder: Path, scale: RivalsScale) -> RivalsOutcome:
    """Two at terminals and two files over HTTP, all for one dataset, with two jobs processes."""
    ended: Counter[str] = Counter()
    wrong: list[str] = []
    async with (
        house(database_url, redis_url, folder, count=scale.count) as here,
        read_on(here.server.url, here.key, workers=2) as reading,
    ):
        with jobs(here.env), jobs(here.env):
            for number in range(scale.rounds):
                first = 2 + 4 * number
                at_terminals = [
                    start_gsb(here.env, "dataset", "release", NAME, str(here.file(edition)))
                    for edition in (first, first + 1)
                ]
                handed_in = [await here.queued(edition) for edition in (first + 2, first + 3)]
                codes = await asyncio.gather(*(asyncio.to_thread(one.wait, 120) for one in at_terminals))
                states = [(await here.ended(location))["state"] for location in handed_in]
                ended.update([*(f"exit {code}" for code in codes), *states])
                wrong += [f"a terminal ended with {code}" for code in codes if code not in (0, CONFLICT)]
                wrong += [f"a job ended as {state}" for state in states if state != "released"]
                won = [first + at for at, code in enumerate(codes) if code == 0] + [first + 2, first + 3]
                wrong += await _compare(here, won, range(first, first + 4))
        wrong += await half_published(here.connections)
        wrong += await orphans(here.connections, here.state_dir)
        return RivalsOutcome(scale.rounds, ended, wrong, reading.answers, dict(reading.others), reading.mixed)


async def lost_jobs(database_url: str, redis_url: str, folder: Path, scale: RivalsScale) -> RivalsOutcome:
    """Killed, and another process takes over once the lease has run out; nothing helps it on here.

    In every other round it is stopped instead of killed, until its lease is over, and goes on: what it began must come
    to nothing or be the one release.
    """
    ended: Counter[str] = Counter()
    wrong: list[str] = []
    seconds: list[float] = []
    async with (
        house(database_url, redis_url, folder, count=scale.count) as here,
        watching(database_url, here.state_dir) as watch,
        read_on(here.server.url, here.key, workers=2) as reading,
    ):
        for number in range(scale.rounds):
            with ExitStack() as running:
                holder, other = [
                    (await asyncio.to_thread(running.enter_context, jobs(here.env))).process for _ in range(2)
                ]
                with _stopped(other):  # so that it is known which of the two takes the job
                    location = await _begun(here, watch, number + 2)
                    holder.send_signal(signal.SIGSTOP)
                if not await here.value("select bool_or(state = 'running') from gsb.job"):
                    wrong.append("the job had ended before its process was lost")
                began = time.monotonic()
                if number % 2:
                    await _stand_still(here, holder)
                else:
                    holder.kill()
                job = await here.ended(location)
                seconds.append(round(time.monotonic() - began, 1))
                ended[job["state"]] += 1
                wrong += await _compare(here, [number + 2], [number + 2])
        wrong += await half_published(here.connections)
        wrong += await orphans(here.connections, here.state_dir)
        return RivalsOutcome(
            *(scale.rounds, ended, wrong, reading.answers, dict(reading.others), reading.mixed), tuple(seconds)
        )


async def _begun(here: House, watch: Watch, edition: int) -> str:
    """The jobs process is at it: its rows are being read."""
    await watch.begin()
    location = await here.queued(edition)

    async def never() -> bool:
        return False

    assert await watch.until(Stage.READING, never)
    return location


@contextmanager
def _stopped(process: "Popen[bytes]") -> Iterator[None]:
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


async def _stand_still(here: House, holder: "Popen[bytes]") -> None:
    """Stopped as it is, until its lease is over or another has had the job in its hands."""
    try:
        async with asyncio.timeout(90):
            while not await here.value("select bool_or(lease_until < now() or state = 'queued') from gsb.job"):
                await asyncio.sleep(0.1)
    finally:
        holder.send_signal(signal.SIGCONT)


async def _compare(here: House, won: Collection[int], of: Collection[int]) -> list[str]:
    """Of these editions each that was said to be published stands once, and the others do not at all."""
    wrong = []
    for edition in of:
        times = await here.value("select count(*) from gsb.release where row_count = $1", here.count + edition)
        if times != (edition in won):
            wrong.append(f"edition {edition} stands {times} times")
    _, found, records = await here.current_file()
    if len(found) != 1 or records != here.count + min(found):
        wrong.append(f"the file has {records} records of editions {sorted(found)}")
    return wrong
