"""kill -9 at random moments of ingestion and release, again and again, while everybody reads.

Moments are drawn within a stage that is seen from outside, evenly over the time that the stage takes undisturbed, so
that short stages get as many as long ones. Three of four kills hit `gsb jobs`, the others `gsb dataset release`.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.releasing.editions import NAME
from tests.chaos.releasing.house import House, house
from tests.chaos.releasing.reading import Reading, read_on
from tests.chaos.releasing.ruins import half_published, orphans
from tests.chaos.releasing.stages import Stage, Watch, watching
from tests.processes import Jobs, gsb, jobs, start_gsb

AGAIN = 0.25  # how likely the attempt that takes a killed job up is killed too
BY_HAND = 4  # each so many rounds a release at a terminal is killed
OF_HAND = tuple(stage for stage in Stage if stage is not Stage.FILES)  # `gsb jobs` makes the files


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
        killing = _Killing(here, watch, random.Random(scale.seed))
        await killing.measure()
        while killing.outcome.kills < scale.kills:
            await killing.round()
        return _judged(killing.outcome, reading)


class _Killing:
    def __init__(self, here: House, watch: Watch, choose: random.Random) -> None:
        self.outcome = KillsOutcome()
        self._here = here
        self._watch = watch
        self._choose = choose
        self._edition = 1
        self._lasts: dict[Stage, float] = {}
        self._stages = list(Stage)

    async def measure(self) -> None:
        """How long each stage lasts, of a release that nobody disturbs."""
        with jobs(self._here.env):
            await self._files_made()
            self._edition += 1
            self._watch.begin()
            handed_in = await self._here.queued(self._edition)
            assert await self._watch.until(Stage.FILES, self._is_idle)
            await self._files_made()
            ended_at = asyncio.get_running_loop().time()
            await self._published(handed_in)
        starts = [*self._watch.entered.values(), ended_at]
        stages = list(self._watch.entered)
        self._lasts = {
            stage: until - since for stage, since, until in zip(stages, starts[:-1], starts[1:], strict=True)
        }

    async def round(self) -> None:
        """One edition, killed on its way at least once, published in the end."""
        number = self.outcome.editions
        self._edition += 1
        self._watch.begin()
        if number % BY_HAND == BY_HAND - 1:
            await self._by_hand()
        else:
            await self._by_jobs()
        await self._look()

    async def _by_jobs(self) -> None:
        handed_in = await self._here.queued(self._edition)
        is_killed_again = True
        while is_killed_again:
            with jobs(self._here.env) as process:
                await self._strike(process, self._next_stage(list(Stage)))
            is_killed_again = self._choose.random() < AGAIN and not await self._is_idle()
        with jobs(self._here.env):
            await self._published(handed_in)
            await self._files_made()

    async def _by_hand(self) -> None:
        command = ("dataset", "release", NAME, str(self._here.file(self._edition)))
        before = await self._here.value("select max(seq) from gsb.release")
        process = start_gsb(self._here.env, *command)
        await self._strike(Jobs(process, Path()), self._next_stage(list(OF_HAND)))
        if await self._here.value("select max(seq) from gsb.release") == before:
            await self._until_let_go()
            gsb(self._here.env, *command)
        with jobs(self._here.env):
            await self._is_current()
            await self._files_made()

    def _next_stage(self, of: list[Stage]) -> Stage:
        """In turns, so that each stage gets its share."""
        stage = next(one for one in self._stages if one in of)
        self._stages.remove(stage)
        self._stages.append(stage)
        return stage

    async def _strike(self, process: Jobs, stage: Stage) -> None:
        self._watch.begin()
        if await self._watch.until(stage, self._is_idle):
            entered = self._watch.entered.get(stage) or asyncio.get_running_loop().time()
            moment = entered + self._choose.random() * self._lasts.get(stage, 0.05)
            while (now := asyncio.get_running_loop().time()) < moment:
                await self._watch.look()
                await asyncio.sleep(min(0.001, moment - now))
        process.process.kill()
        process.process.wait(30)
        self.outcome.kills += 1
        self.outcome.hit[str(self._watch.stage or "before it began")] += 1
        self.outcome.half += await half_published(self._here.connections)
        # The process is dead for certain, so nobody has to wait until its lease has run out.
        await self._here.value("update gsb.job set lease_until = null where state = 'running'")

    async def _is_idle(self) -> bool:
        """Whether nothing of this edition is left to be done."""
        waiting = "select count(*) from gsb.job where state in ('queued', 'running')"
        return await self._here.value(waiting) == 0 and await self._unmade() == 0

    async def _unmade(self) -> int:
        query = """
            select count(*) from gsb.release as release
            left join gsb.export as export on export.release_id = release.id
            where export.made_at is null
        """
        return int(await self._here.value(query))

    async def _files_made(self) -> None:
        async with asyncio.timeout(60):
            while await self._unmade() > 0:
                await asyncio.sleep(0.01)

    async def _until_let_go(self) -> None:
        """The server has yet to notice the death of a session: until then the dataset is said to be busy."""
        query = "select count(*) from pg_locks where locktype = 'advisory' and classid = 1196638770"
        async with asyncio.timeout(30):
            while await self._here.value(query) > 0:
                await asyncio.sleep(0.01)

    async def _published(self, handed_in: str) -> None:
        job = await self._here.ended(handed_in)
        if job["state"] != "released":
            self.outcome.wrong.append(f"edition {self._edition}: job {job['state']} {job.get('error')}")
            return
        await self._is_current()

    async def _is_current(self) -> None:
        _, found, records = await self._here.current_file()
        if found != {self._edition} or records != self._here.count + self._edition:
            self.outcome.wrong.append(f"edition {self._edition}: its file has {records} records of {sorted(found)}")

    async def _look(self) -> None:
        """After everything has come to its end: each edition stands once, and nothing is left over."""
        self.outcome.editions += 1
        times = await self._here.value(
            "select count(*) from gsb.release where row_count = $1", self._here.count + self._edition
        )
        self.outcome.published += times
        if times != 1:
            self.outcome.wrong.append(f"edition {self._edition} was published {times} times")
        self.outcome.half += await half_published(self._here.connections)
        self.outcome.orphans += await orphans(self._here.connections, self._here.state_dir)


def _judged(outcome: KillsOutcome, reading: Reading) -> KillsOutcome:
    outcome.answers, outcome.mixed, outcome.failed = reading.answers, reading.mixed, dict(reading.others)
    return outcome
