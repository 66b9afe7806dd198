"""A request's points with what it drew from capacities: settled together, once."""

from publicgsb.quotas.capacity.service import Drawn
from publicgsb.quotas.units import Taken


class TakenBeside(Taken):
    """Looks like what the account gave; made only where there are capacities."""

    __slots__ = ("_drawn", "_taken")

    def __init__(self, taken: Taken, drawn: Drawn) -> None:
        self._taken = taken
        self._drawn = drawn
        self.points = taken.points
        self.period = taken.period
        self.granted_ms = taken.granted_ms
        self.is_settled = False

    def settle(self, points_used: int) -> None:
        if not self.is_settled:
            self.is_settled = True
            self._taken.settle(points_used)
            self._drawn.settle(points_used)

    def trim(self, points_used: int) -> None:
        """What capacities gave goes back when it is settled."""
        self._taken.trim(points_used)
