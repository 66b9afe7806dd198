"""PostgreSQL goes away under load and comes back: what leases still give, and what a served process answers."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.migrate import migrate
from publicgsb.platform.server.settings import load_settings
from publicgsb.quotas.metering.check import check
from tests.chaos.outcome import Outcome
from tests.chaos.postgres.own import OwnPostgres
from tests.chaos.scale import Scale
from tests.chaos.stage import Stage
from tests.journeys.asking import Asking, under_load
from tests.journeys.load import keys_of, unlimited
from tests.processes import served, settings_env
from tests.redis_server import OwnRedis
from tests.schema.worlds import found

BEFORE_SECONDS, AFTER_SECONDS = 12.0, 12.0
LEASED_SECONDS = 15.0  # how long leases must last


@dataclass(frozen=True, slots=True)
class AwayScale:
    away_seconds: float
    workers: int = 4
    tasks: int = 2
    paced_per_second: int = 50
    seed: int = 4

    @property
    def load(self) -> Scale:
        seconds = BEFORE_SECONDS + self.away_seconds + AFTER_SECONDS
        return Scale(self.workers, self.tasks, seconds, 1, self.paced_per_second, self.seed)


AWAY_SHORT = AwayScale(away_seconds=5.0)
AWAY_15, AWAY_60 = AwayScale(away_seconds=15.0), AwayScale(away_seconds=60.0)


@dataclass(frozen=True, slots=True)
class AwayOutcome:
    """`leased`: share of the paced requests that got their points in the first 15 s without PostgreSQL. `refusals`: the
    statuses of those that did not, over the whole run. `answers`: statuses of a served process. Recovery is told in
    seconds from the moment at which PostgreSQL answers again to the last refusal.
    """

    windows: Outcome
    leased: float
    refusals: dict[int, int]
    answers: dict[int, int]
    quota_recovery_seconds: float
    answers_recovery_seconds: float
    breaches: int
    over_time: dict[str, list[tuple[float, float]]]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def away(folder: Path, scale: AwayScale) -> AwayOutcome:
    """Two loads at once on the same engines: processes that only take points, and `gsb serve` with its callers."""
    moments: list[float] = []
    with OwnPostgres(folder) as postgres, OwnRedis(folder) as redis:
        await migrate(postgres.url)
        stage = Stage(postgres.url, folder)

        async def fault() -> None:
            await asyncio.sleep(BEFORE_SECONDS)
            await asyncio.to_thread(postgres.stop_at_once)
            moments.append(time.time())
            await asyncio.sleep(scale.away_seconds)
            await asyncio.to_thread(postgres.start)
            moments.append(time.time())
            stage.struck.append((round(moments[0] * 1000), round(moments[1] * 1000)))

        settings = load_settings(
            state_dir=folder / "served",
            database_url=SecretStr(postgres.url),
            redis_url=SecretStr(redis.url),
            pepper=SecretStr("tests-only " * 4),
        )
        connections = Connections(postgres.url, size=4)
        settings.state_dir.mkdir()
        try:
            await found(connections, settings.state_dir)
            await unlimited(connections)
            made = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
            with served(settings_env(settings), workers=2) as server:
                async with under_load(server.url, made.key.secret, callers=4, pause_seconds=0.02) as asking:
                    windows = await stage.play("PostgreSQL away", scale.load, redis.url, fault)
            breaches = len(await check(connections))
        finally:
            await connections.close()
    return _judge(windows, stage, asking, (moments[0], moments[1]), breaches)


def _judge(windows: Outcome, stage: Stage, asking: Asking, moments: tuple[float, float], breaches: int) -> AwayOutcome:
    gone, back = moments
    paced = [at / 1000 for report in stage.reports for at, _ in report["paced"]]
    refused = [(at / 1000, status) for report in stage.reports for at, status in report["refused"]]
    until = min(back, gone + LEASED_SECONDS)
    given = sum(gone <= at <= until for at in paced)
    missed = sum(gone <= at <= until for at, _ in refused)
    answers_refused = [at for at, status in asking.told if status != 200]
    first = gone - BEFORE_SECONDS
    last = int(max(paced) - first)
    return AwayOutcome(
        windows=windows,
        leased=given / max(1, given + missed),
        refusals=dict(Counter(status for _, status in refused)),
        answers=dict(asking.statuses),
        quota_recovery_seconds=round(max([0.0, *(at - back for at, _ in refused)]), 2),
        answers_recovery_seconds=round(max([0.0, *(at - back for at in answers_refused)]), 2),
        breaches=breaches,
        over_time={
            "points given": _each_second(paced, first, last),
            "points refused": _each_second([at for at, _ in refused], first, last),
            "answers 200": _each_second([at for at, status in asking.told if status == 200], first, last),
            "answers 503": _each_second([at for at, status in asking.told if status == 503], first, last),
            "faults": [(gone - first, back - first)],
        },
    )


def _each_second(moments: Sequence[float], first: float, last: int) -> list[tuple[float, float]]:
    """How many there were in each second, but for the last, which was not whole."""
    seconds = Counter(int(at - first) for at in moments if at >= first)
    return [(second, seconds[second]) for second in range(last)]
