"""Capacities: limits for everybody together, of a dataset or of the platform, with a floor for each organisation."""

from dataclasses import dataclass

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.quotas.model import (
    LIMIT_MAX,
    WINDOW_SECONDS_MIN,
    Account,
    Period,
    Plan,
    Policy,
    PolicyKind,
    PolicyUnit,
)

PLATFORM = 0  # where a dataset has its number
PLATFORM_NAME = "platform"

# A plan has a ledger; these are never leased from, and nothing reads it.
_NO_LEDGER = Policy("none", PolicyKind.PERIOD, 1, PolicyUnit.POINTS, period=Period.MONTH)


@dataclass(frozen=True, slots=True)
class Capacity:
    """At most `limit` units in any window, of which `reserve` are for organisations below their `floor`.

    As many organisations as `reserve` holds floors get theirs in each window, however much the others ask for.
    """

    dataset_id: int
    name: str
    limit: int
    unit: PolicyUnit
    window_seconds: int
    floor: int = 0
    reserve: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LIMIT_MAX:
            raise InvalidRequest(f"The limit must be 1 to {LIMIT_MAX}.")
        if self.window_seconds < WINDOW_SECONDS_MIN:
            raise InvalidRequest(f"A window lasts at least {WINDOW_SECONDS_MIN} seconds.")
        if self.unit not in (PolicyUnit.POINTS, PolicyUnit.REQUESTS):
            raise InvalidRequest("A capacity is in points or in requests.")
        if not 0 <= self.floor <= self.reserve < self.limit:
            raise InvalidRequest(
                "The reserve must be less than the limit, and the floor of an organisation at most the reserve.",
                hint="For example --limit 1000 --reserve 400 --floor 20: twenty organisations get 20 each.",
            )

    @property
    def account(self) -> Account:
        """Windows are kept by account; no organisation has a number below one."""
        return (-self.dataset_id, 0)

    @property
    def shared(self) -> Plan:
        return Plan("shared", (self._window("shared", self.limit - self.reserve), _NO_LEDGER))

    def floor_of(self, organisation_id: int) -> Plan:
        """What this organisation may have of the reserve: both windows or none."""
        own = self._window(f"floor_{organisation_id}", self.floor)
        return Plan(own.name, (own, self._window("reserve", self.reserve), _NO_LEDGER))

    def _window(self, name: str, limit: int) -> Policy:
        return Policy(name, PolicyKind.WINDOW, limit, PolicyUnit.POINTS, window_seconds=self.window_seconds)
