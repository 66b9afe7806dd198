"""Who is charged for what the database works: measured where it is asked, told to whoever asked."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

Spend: TypeAlias = Callable[[int], None]  # hears microseconds; never fails


def nobodys(us: int) -> None:
    """Of what the house asks for itself."""


def share_evenly(us: int, spends: Sequence[Spend]) -> None:
    """One statement for many: each hears as much as the others, and together they hear all of it."""
    each, rest = divmod(us, len(spends))
    for number, spend in enumerate(spends):
        spend(each + (number < rest))
