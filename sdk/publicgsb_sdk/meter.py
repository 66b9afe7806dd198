"""What one call may spend: its place in the windows of the key and its share of a budget, for each try anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from publicgsb_sdk.budget import Budget
from publicgsb_sdk.errors import ApiError, QueryTooCostly
from publicgsb_sdk.pace import Pace


@dataclass(slots=True)
class Meter:
    """`points` is what a try may cost at most."""

    pace: Pace
    budget: Budget | None
    points: int
    _is_reserved: bool = field(default=False, init=False)
    _is_under_way: bool = field(default=False, init=False)
    _sent_at: float = field(default=0.0, init=False)

    def begin(self) -> float:
        """0 when the try may be sent now, else seconds after which to ask again. Raises OverBudget."""
        if self.budget is not None and not self._is_reserved:
            self.budget.reserve(self.points)
            self._is_reserved = True
        wait = self.pace.wait(self.points)
        if wait <= 0:
            self._is_under_way, self._sent_at = True, self.pace.now()
        return wait

    def refused(self, error: ApiError, headers: Mapping[str, str]) -> None:
        """What is refused costs nothing, but for an answer that turned out too large: it was read."""
        self.end(self.points if isinstance(error, QueryTooCostly) else 0, headers)

    def end(self, spent: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        """The try is over. Without an answer nobody knows what it cost, so it counts in full. Twice does no harm."""
        if self._is_under_way:
            cost = self.points if spent is None else spent
            self.pace.back(self.points, cost, self._sent_at, headers or {})
        else:
            cost = 0  # it was never sent
        if self.budget is not None and self._is_reserved:
            self.budget.settle(self.points, cost)
        self._is_under_way = self._is_reserved = False
