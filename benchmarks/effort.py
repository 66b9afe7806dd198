"""How long the bench takes: the whole for docs/benchmarks.md, or a glance to see that everything runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """`rounds` of `seconds` for each server of each case."""

    rounds: int
    seconds: int
    is_quick: bool = False

    def of(self, full: int, quick: int) -> int:
        """The number of questions, records or datasets that a part works with."""
        return quick if self.is_quick else full


FULL = Effort(rounds=5, seconds=2)
QUICK = Effort(rounds=1, seconds=1, is_quick=True)
