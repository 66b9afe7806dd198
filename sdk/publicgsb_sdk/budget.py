"""A budget of points for a job: refused is what could overspend it, before it is sent."""

import threading

from publicgsb_sdk.errors import InvalidRequest, OverBudget


class Budget:
    """So many points, shared by all threads and tasks of a job.

    What is under way is reserved at its full price, and given back down to what it truly cost. A request without an
    answer counts in full, since the service may have run it.

    >>> budget = Budget(100)
    >>> budget.reserve(11)
    >>> budget.settle(reserved=11, spent=3)
    >>> budget
    Budget(100, spent=3, left=97)
    """

    def __init__(self, points: int) -> None:
        if points < 0:
            raise InvalidRequest("A budget is zero points or more.", details={"reason": "operand"})
        self.points = points
        self._spent = 0
        self._reserved = 0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Budget({self.points}, spent={self._spent}, left={self.left})"

    @property
    def spent(self) -> int:
        """Points that were spent."""
        return self._spent

    @property
    def left(self) -> int:
        """Points that are neither spent nor reserved by what is under way."""
        return self.points - self._spent - self._reserved

    def reserve(self, points: int) -> None:
        """Set aside so many points; a client does it by itself.

        >>> budget = Budget(10)
        >>> budget.reserve(4)
        >>> budget.left
        6

        Raises:
            OverBudget: fewer are left; nothing is set aside.
        """
        with self._lock:
            if points > self.left:
                raise OverBudget(
                    f"The next request may cost {points} points, and {self.left} of {self.points} are left.",
                    hint="Give the job more with budget(points=…), or ask for less.",
                )
            self._reserved += points

    def settle(self, reserved: int, spent: int) -> None:
        """What was set aside became so many points.

        >>> budget = Budget(10)
        >>> budget.reserve(4)
        >>> budget.settle(reserved=4, spent=1)
        >>> budget.left
        9
        """
        with self._lock:
            self._reserved -= reserved
            self._spent += spent
