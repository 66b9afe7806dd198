"""All scenarios in the order of the page's table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from tests.chaos import releasing_scenarios as releasing
from tests.chaos import store_scenarios as stores
from tests.chaos import tested_scenarios as tested
from tests.chaos import windows
from tests.chaos import worker_scenarios as workers
from tests.chaos.ground import Ground
from tests.chaos.postgres.away import AWAY_15, AWAY_60
from tests.chaos.report.finding import Finding

Play: TypeAlias = Callable[[Ground], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`row`: of tests/chaos/report/demands.py. `seconds`: about how long the long form takes on two cores."""

    name: str
    row: int
    seconds: int
    play: Play


SCENARIOS = (
    Scenario("crowd", 1, 80, stores.crowd),
    Scenario("month", 2, 30, stores.month),
    Scenario("rush", 3, 210, stores.rush),
    Scenario("six_policies", 4, 200, tested.six_policies),
    Scenario("flushall", 5, 75, stores.fault(windows.flushall)),
    Scenario("kill_and_empty_restart", 5, 75, stores.fault(windows.kill_and_empty_restart)),
    Scenario("stall", 5, 90, stores.fault(windows.stall)),
    Scenario("absent", 5, 75, stores.fault(windows.absent)),
    Scenario("bad_line", 5, 75, stores.fault(windows.bad_line)),
    Scenario("kills", 6, 110, stores.kills),
    Scenario("postgres_stops", 7, 25, workers.postgres_stops),
    Scenario("postgres_away_15", 7, 55, workers.postgres_away(AWAY_15)),
    Scenario("postgres_away_60", 7, 95, workers.postgres_away(AWAY_60)),
    Scenario("lost_acknowledgements", 7, 25, workers.lost_acknowledgements),
    Scenario("revocations", 8, 800, tested.revocations),
    Scenario("rotation", 9, 35, tested.rotation),
    Scenario("many_keys", 10, 25, tested.many_keys),
    Scenario("scanner", 10, 15, tested.scanner),
    Scenario("timing", 11, 25, tested.timing),
    Scenario("no_secret", 11, 20, tested.no_secret),
    Scenario("tokens", 12, 20, tested.tokens),
    Scenario("hit", 13, 75, workers.hit),
    Scenario("nginx", 14, 50, tested.nginx),
    Scenario("side_by_side", 15, 90, workers.side_by_side),
    Scenario("release_kills", 16, 600, releasing.release_kills),
    Scenario("release_full_disks", 17, 90, releasing.release_full_disks),
    Scenario("release_restarts", 18, 240, releasing.release_restarts),
    Scenario("release_lost_jobs", 19, 180, releasing.release_lost_jobs),
    Scenario("release_rivals", 20, 180, releasing.release_rivals),
    Scenario("release_swaps", 21, 60, releasing.release_swaps),
    Scenario("hostile_files", 22, 60, releasing.hostile_files),
)
