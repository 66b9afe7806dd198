"""Boards that were made already, until a message says that a dataset behind them has another release."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from examples.airport_board.board import Board

KEPT_SECONDS = 600.0  # so long may a lost message go unnoticed
KEPT_MAX = 500

Key = tuple[str, str, int]


class Cache:
    """Who asks for a board that is being made waits for it; nobody joins one that was begun before a message."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Key, tuple[float, Board]] = OrderedDict()
        self._under_way: dict[Key, asyncio.Task[Board]] = {}
        self._heard: dict[str, tuple[float, int, int | None]] = {}  # when, registry version, current release

    async def get(self, key: Key, make: Callable[[], Awaitable[Board]]) -> Board:
        """The board that is kept, or one that `make` makes now."""
        at, board = self._kept.get(key, (0.0, None))
        if board is not None and self._clock() - at < KEPT_SECONDS:
            return board
        if key not in self._under_way:
            self._under_way[key] = asyncio.create_task(self._made(key, make))
        return await asyncio.shield(self._under_way[key])  # who goes away takes it from nobody else

    def heard(self, dataset: str, version: int, release: int | None) -> None:
        """A dataset has another current release. Messages may come twice and out of order; the newest one counts."""
        if version > self._heard.get(dataset, (0.0, 0, None))[1]:
            self._heard[dataset] = (self._clock(), version, release)
            self._kept = OrderedDict((key, kept) for key, kept in self._kept.items() if dataset not in kept[1].releases)
            self._under_way.clear()

    async def _made(self, key: Key, make: Callable[[], Awaitable[Board]]) -> Board:
        try:
            board = await make()
            if all(self._is_announced(dataset, release) for dataset, release in board.releases.items()):
                self._kept[key] = (self._clock(), board)
                if len(self._kept) > KEPT_MAX:
                    self._kept.popitem(last=False)
            return board
        finally:
            if self._under_way.get(key) is asyncio.current_task():
                del self._under_way[key]

    def _is_announced(self, dataset: str, release: int) -> bool:
        """An answer from before a release may arrive after its message: it is shown, and not kept."""
        at, _, announced = self._heard.get(dataset, (0.0, 0, None))
        return announced is None or announced == release or self._clock() - at >= KEPT_SECONDS
