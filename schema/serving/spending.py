"""Who is charged for what the database works: measured where it is asked, told to whoever asked."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

import asyncpg

Spend: TypeAlias = Callable[[int], None]  # hears microseconds; never fails

# Nothing came of it, and the database worked all the same. Not so when it was away.
_WORKED = (asyncpg.QueryCanceledError, asyncio.CancelledError)


def nobodys(us: int) -> None:
    """Of what the house asks for itself."""


class Measured:
    """`with Measured(spends):` around one statement; each hears as much as the others, together they hear all of it."""

    __slots__ = ("_began", "_spends")

    def __init__(self, spends: Sequence[Spend]) -> None:
        self._spends = spends

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None or isinstance(error, _WORKED):
            share_evenly(int((time.monotonic() - self._began) * 1_000_000), self._spends)


def share_evenly(us: int, spends: Sequence[Spend]) -> None:
    """To the microsecond."""
    if len(spends) == 1:
        spends[0](us)
        return
    each, rest = divmod(us, len(spends))
    for number, spend in enumerate(spends):
        spend(each + (number < rest))
