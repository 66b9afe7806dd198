"""Look-ups by key under way at the same time are asked together: one statement for up to 256 keys.

While statements of a group are under way, its next members gather. Each member has passed its own access check and its
own reserve before it comes here, and settles its own; one that leaves never cancels what the others wait for.
"""

import asyncio
import copy
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, Internal, Unavailable
from publicgsb.schema.serving.spending import Measured, Spend, nobodys
from publicgsb.schema.sql.builder import Statement

log = logging.getLogger(__name__)

BATCH_MAX = 256
BATCH_RECORDS_MAX = 10_000  # as many as one operation may reserve, so that a batch is no slower than that
WAITING_MAX = 4_096  # members of one group that have no statement yet
LANES = 2  # statements of one group under way: one is answered while the other's rows are handed out

_Row: TypeAlias = Sequence[Any]
_Member: TypeAlias = tuple[Sequence[Any], "asyncio.Future[_Row | None]", Spend]
_GroupKey: TypeAlias = tuple[Statement, tuple[Any, ...]]


class _Group:
    """Members that one statement can answer: the same SQL, the same arguments but for the keys."""

    __slots__ = ("batch_max", "lanes", "rest", "statement", "waiting")

    def __init__(self, statement: Statement, rest: tuple[Any, ...], batch_max: int) -> None:
        self.statement = statement
        self.rest = rest
        self.batch_max = batch_max
        self.lanes = 0
        self.waiting: list[_Member] = []


class Coalescer:
    """One per worker. `statements` and `members` tell how well it gathers."""

    def __init__(self, reader: Connections) -> None:
        self._reader = reader
        self._groups: dict[_GroupKey, _Group] = {}
        self._lanes: set[asyncio.Task[None]] = set()
        self.statements = 0
        self.members = 0

    @property
    def is_busy(self) -> bool:
        return bool(self._groups)

    def join(
        self, statement: Statement, arguments: Sequence[Any], records: int, spend: Spend = nobodys
    ) -> "asyncio.Future[_Row | None]":
        """The row of one key, None when there is none. The first `key_count` arguments are the key.

        `records` is what the member has reserved; `spend` hears its even share of the statement, also after it left.
        Raises Unavailable when too many wait; the future raises what the statement raised.
        """
        rest = tuple([tuple(value) if isinstance(value, list) else value for value in arguments[statement.key_count :]])
        key = (statement, rest)
        group = self._groups.get(key)
        if group is None:
            batch_max = max(1, min(BATCH_MAX, BATCH_RECORDS_MAX // max(1, records)))
            group = self._groups[key] = _Group(statement, tuple(arguments[statement.key_count :]), batch_max)
        if len(group.waiting) >= WAITING_MAX:
            raise Unavailable("Too many requests are waiting for the database.", reason="overload")
        answered: asyncio.Future[_Row | None] = asyncio.get_running_loop().create_future()
        group.waiting.append((arguments, answered, spend))
        if group.lanes < LANES:
            group.lanes += 1
            # A task of its own: it begins when the requests that have arrived by now have joined too.
            lane = asyncio.create_task(self._lane(key, group))
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return answered

    async def _lane(self, key: _GroupKey, group: _Group) -> None:
        try:
            while group.waiting:
                members = group.waiting[: group.batch_max]
                del group.waiting[: group.batch_max]
                await self._batch(group, members)
        finally:
            group.lanes -= 1
            if not group.lanes:
                self._groups.pop(key, None)

    async def _batch(self, group: _Group, members: list[_Member]) -> None:
        members = [member for member in members if not member[1].done()]  # whoever left is not asked for
        if not members:
            return
        self.statements += 1
        self.members += len(members)
        statement = group.statement
        keys = [[arguments[part] for arguments, _, _ in members] for part in range(statement.key_count)]
        try:
            async with self._reader.use() as connection:
                with Measured([spend for _, _, spend in members]):
                    rows = await connection.fetch(statement.text, *keys, *group.rest)
        except GsbError as failure:
            error = failure
            # Each its own: a raised exception gathers the traceback of whoever raises it.
            _settle(members, lambda answered: answered.set_exception(copy.copy(error)))
            return
        except Exception:
            log.exception("a batch of look-ups failed")
            _settle(members, lambda answered: answered.set_exception(Internal("Something broke on our side.")))
            return
        for row in rows:
            answered = members[row[0] - 1][1]
            if not answered.done():
                answered.set_result(row)
        _settle(members, lambda answered: answered.set_result(None))


def _settle(members: list[_Member], how: Callable[["asyncio.Future[_Row | None]"], None]) -> None:
    for _, answered, _ in members:
        if not answered.done():
            how(answered)
