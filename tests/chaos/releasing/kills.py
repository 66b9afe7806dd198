"""kill -9 at random moments of ingestion and release, again and again, while everybody reads.

Moments are drawn within a stage that is seen from outside, evenly over the time that the stage takes undisturbed: short
stages get as many as long ones. Three of four editions are released by `gsb jobs`, the others by `gsb dataset release`.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from subprocess import Popen

from publicgsb.datasets.jobs.given_up import LOST_LEASES_MAX
from tests.chaos.releasing.editions import NAME
from tests.chaos.releasing.house import House, house
from tests.chaos.releasing.reading import read_on
from tests.chaos.releasing.ruins import half_published, orphans
from tests.chaos.releasing.stages import Stage, Watch, watching
from tests.processes import gsb, jobs, start_gsb

AGAIN = 0.25  # how likely the attempt that takes a killed job up is killed too, short of its being given up
BY_HAND = 4  # each so many rounds a release at a terminal is killed
OF_HAND = (Stage.READING, Stage.COPY, Stage.INDEXES, Stage.SWAP)  # `gsb jobs` makes the files
UNMADE = """
    select count(*) from gsb.release as release
    left join gsb.export as export on export.release_id = release.id
    where export.made_at is null
"""
HELD = """
    select count(*) from pg_locks
    where locktype = 'advisory' and classid = 1196638770
      and database = (select oid from pg_database where datname = current_database())
"""


@dataclass(frozen=True, slots=True)
class KillScale:
    kills: int
    count: int = 20_000  # records of an edition
    seed: int = 5


KILLS_SHORT = KillScale(kills=10)
KILLS_LONG = KillScale(kills=100)


@dataclass(slots=True)
class KillsOutcome:
    """`hit`: kills by the stage in which they came. `published` counts releases, each edition once."""

    kills: int = 0
    hit: Counter[str] = field(default_factory=Counter)
    half: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    editions: int = 0
    published: int = 0
    wrong: list[str] = field(default_factory=list)  # jobs that ended otherwise, files of another edition
    answers: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    mixed: int = 0


async def kills(database_url: str, redis_url: str, folder: Path, scale: KillScale) -> KillsOutcome:
    async with (
        house(database_url, redis_url, folder, count=scale.count) as here,
        watching(database_url, here.state_dir) as watch,
        read_on(here.server.url, here.key, workers=2) as reading,
    ):
        with ExitStack() as running:
            killing = _Killing(here, watch, random.Random(scale.seed), running)
            await killing.measure()
            while killing.outcome.kills < scale.kills:
                await killing.round()
        outcome = killing.outcome
        outcome.answers, outcome.mixed, outcome.failed = reading.answers, reading.mixed, dict(reading.others)
        return outcome


class _Killing:
    """`running` ends the jobs process that is there."""

    def __init__(self, here: House, watch: Watch, choose: random.Random, running: ExitStack) -> None:
        self.outcome = KillsOutcome()
        self._here = here
        self._watch = watch
        self._choose = choose
        self._running = running
        self._edition = 1
        self._lasts: dict[Stage, float] = {}
        self._turns = list(Stage)

    async def measure(self) -> None:
        """How long each stage lasts, of a release that nobody disturbs."""
        await self._start_jobs()
        await self._files_made()
        self._edition += 1
        await self._watch.begin()
        handed_in = await self._here.queued(self._edition)
        assert await self._watch.until(Stage.FILES, _never)
        await self._files_made()
        moments = [*self._watch.entered.values(), time.monotonic()]
        self._lasts = {stage: until - since for stage, (since, until) in zip(Stage, pairwise(moments), strict=True)}
        await self._published(handed_in)

    async def round(self) -> None:
        """One edition, killed on its way at least once, published in the end."""
        self._edition += 1
        if self.outcome.editions % BY_HAND == BY_HAND - 1:
            await self._by_hand()
        else:
            await self._by_jobs()
        await self._files_made()
        await self._look()

    async def _by_jobs(self) -> None:
        await self._watch.begin()
        handed_in = await self._here.queued(self._edition)
        kills, is_killed_again = 0, True
        while is_killed_again:
            kills += 1
            await self._strike(self._jobs, self._next_stage(list(Stage)), self._is_idle)
            await self._start_jobs()
            may_be_again = self._choose.random() < AGAIN and kills < LOST_LEASES_MAX - 1
            is_killed_again = may_be_again and not await self._is_idle()
        await self._published(handed_in)

    async def _by_hand(self) -> None:
        """Whoever had begun it begins it again."""
        command = ("dataset", "release", NAME, str(self._here.file(self._edition)))
        await self._watch.begin()
        process = start_gsb(self._here.env, *command)

        async def has_ended() -> bool:
            return process.poll() is not None

        await self._strike(process, self._next_stage(list(OF_HAND)), has_ended)
        if not await self._times():
            await self._until_let_go()
            await asyncio.to_thread(gsb, self._here.env, *command)
        await self._is_current()

    async def _start_jobs(self) -> None:
        """In a thread, as readers go on meanwhile."""
        self._running.close()
        self._jobs = (await asyncio.to_thread(self._running.enter_context, jobs(self._here.env))).process

    def _next_stage(self, of: list[Stage]) -> Stage:
        """In turns, so that each stage gets its share."""
        stage = next(one for one in self._turns if one in of)
        self._turns.remove(stage)
        self._turns.append(stage)
        return stage

    async def _strike(self, process: "Popen[bytes]", stage: Stage, is_over: Callable[[], Awaitable[bool]]) -> None:
        if await self._watch.until(stage, is_over):
            moment = self._watch.entered.get(stage, time.monotonic()) + self._choose.random() * self._lasts[stage]
            while time.monotonic() < moment:
                await self._watch.look()
                await asyncio.sleep(0.001)
        process.kill()
        await asyncio.to_thread(process.wait, 30)
        self.outcome.kills += 1
        self.outcome.hit[str(self._watch.stage or "before it began")] += 1
        self.outcome.half += await half_published(self._here.connections)
        # The process is dead for certain, so nobody has to wait until its lease has run out.
        await self._here.value("update gsb.job set lease_until = null where state = 'running'")
        await self._watch.begin()

    async def _is_idle(self) -> bool:
        """Whether nothing of this edition is left to be done."""
        waiting = "select count(*) from gsb.job where state in ('queued', 'running')"
        return not await self._here.value(waiting) and not await self._here.value(UNMADE)

    async def _files_made(self) -> None:
        async with asyncio.timeout(60):
            while await self._here.value(UNMADE) > 0:
                await asyncio.sleep(0.01)

    async def _until_let_go(self) -> None:
        """The server has yet to notice the death of a session: until then the dataset is said to be busy."""
        async with asyncio.timeout(60):
            while await self._here.value(HELD) > 0:
                await asyncio.sleep(0.01)

    async def _published(self, handed_in: str) -> None:
        job = await self._here.ended(handed_in)
        if job["state"] == "released":
            await self._is_current()
        else:
            self.outcome.wrong.append(f"edition {self._edition}: job {job['state']} {job.get('error')}")

    async def _is_current(self) -> None:
        _, found, records = await self._here.file_of(self._edition)
        if found != {self._edition} or records != self._here.count + self._edition:
            self.outcome.wrong.append(f"edition {self._edition}: its file has {records} records of {sorted(found)}")

    async def _times(self) -> int:
        """How often this edition was published: each has a number of records that no other has."""
        records = self._here.count + self._edition
        return int(await self._here.value("select count(*) from gsb.release where row_count = $1", records))

    async def _look(self) -> None:
        """After everything has come to its end: the edition stands once, and nothing is left over."""
        self.outcome.editions += 1
        times = await self._times()
        self.outcome.published += times
        if times != 1:
            self.outcome.wrong.append(f"edition {self._edition} was published {times} times")
        self.outcome.half += await half_published(self._here.connections)
        self.outcome.orphans += await orphans(self._here.connections, self._here.state_dir)


async def _never() -> bool:
    return False
