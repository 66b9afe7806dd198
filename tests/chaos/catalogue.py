"""All scenarios in the order of the page's table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from tests.chaos import store_scenarios as stores
from tests.chaos import windows
from tests.chaos.ground import Ground
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
    Scenario("month", 2, 60, stores.month),
    Scenario("rush", 3, 60, stores.rush),
    Scenario("flushall", 5, 75, stores.fault(windows.flushall)),
    Scenario("kill_and_empty_restart", 5, 75, stores.fault(windows.kill_and_empty_restart)),
    Scenario("stall", 5, 90, stores.fault(windows.stall)),
    Scenario("absent", 5, 75, stores.fault(windows.absent)),
    Scenario("bad_line", 5, 75, stores.fault(windows.bad_line)),
    Scenario("kills", 6, 150, stores.kills),
)
