"""Connections to PostgreSQL that are held, not borrowed.

asyncpg's pool resets a connection after each use, by a statement of its own. Nothing here ever issues SET, so there is
nothing to reset.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from publicgsb.platform.kernel.errors import TimedOut, Unavailable
from publicgsb.platform.kernel.full_disk import no_room
from publicgsb.platform.kernel.statements import keep_by_text

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # the stubs' generic is not there at run time

log = logging.getLogger(__name__)

_SETTINGS = {
    "application_name": "publicgsb",
    "timezone": "UTC",
    "jit": "off",
    # How alike misspelt words must be, wherever the server's own setting stands: docs/decisions/0011.
    "pg_trgm.word_similarity_threshold": "0.5",
}

# What says that the server is away, not that the query is wrong.
AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # said of a connection that the server ended in the middle of a call
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)


class Connections:
    """At most `size` connections, last used first; at most `waiting_max` callers queue, the next is refused.

    `use()` raises Unavailable when the server is away or its disk or the queue is full, TimedOut on statement_timeout.
    With `watchdog_seconds` a connection in use for longer is given up, and the idle ones with it: a line that went dead
    without a word answers nothing, and its neighbours most likely neither. One timer watches all; a `timeout=` per call
    would cost each of them.
    """

    def __init__(
        self,
        url: str,
        *,
        size: int,
        waiting_max: int = 256,
        server_settings: Mapping[str, str] | None = None,
        statement_cache_size: int = 256,
        watchdog_seconds: float | None = None,
    ) -> None:
        self._url = url
        self._size = size
        self._waiting_max = waiting_max
        self._settings = {**_SETTINGS, **(server_settings or {})}
        self._statement_cache_size = statement_cache_size
        self._idle: list[Connection] = []
        self._open = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed = False
        self._watchdog_seconds = watchdog_seconds
        self._busy: dict[Connection, float] = {}
        self._watching: asyncio.TimerHandle | None = None

    async def connect(self) -> Connection:
        """A new connection of one's own, for LISTEN, COPY or a long job; the caller closes it."""
        try:
            connection = await asyncpg.connect(
                self._url,
                server_settings=self._settings,
                statement_cache_size=self._statement_cache_size,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=256 * 1024,
                timeout=5,
            )
        except (*AWAY, TimeoutError) as away:
            raise Unavailable("The database does not answer.", reason="database") from away
        keep_by_text(connection)
        return connection

    async def acquire(self) -> Connection:
        connection = await self._acquire()
        if self._watchdog_seconds is not None:
            self._busy[connection] = time.monotonic()
            if self._watching is None:
                self._watch_again(self._watchdog_seconds)
        return connection

    async def _acquire(self) -> Connection:
        while True:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
                self._open -= 1
            if self._open < self._size:
                self._open += 1
                try:
                    return await self.connect()
                except BaseException:
                    self._open -= 1
                    self._wake()
                    raise
            if len(self._waiting) >= self._waiting_max:
                raise Unavailable("Too many requests are waiting for the database.", reason="overload")
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()
                elif (
                    turn in self._waiting
                ):  # else it was passed over already, between being cancelled and hearing of it
                    self._waiting.remove(turn)
                raise

    def release(self, connection: Connection) -> None:
        """Give back; a connection that is closed, inside a transaction or no longer wanted is dropped."""
        self._busy.pop(connection, None)
        if connection.is_closed() or connection.is_in_transaction() or self._closed:
            self.discard(connection)
            return
        self._idle.append(connection)
        self._wake()

    def discard(self, connection: Connection) -> None:
        self._busy.pop(connection, None)
        connection.terminate()
        self._open -= 1
        self._wake()

    def _watch_again(self, seconds: float) -> None:
        self._watching = asyncio.get_running_loop().call_later(seconds / 4, self._watch, seconds)

    def _watch(self, seconds: float) -> None:
        self._watching = None
        now = time.monotonic()
        overdue = [connection for connection, since in self._busy.items() if now - since > seconds]
        if overdue:
            log.warning("connections that answer nothing are given up", extra={"connections": len(overdue)})
            for connection in (*overdue, *self._idle):
                connection.terminate()  # whoever waits on it hears so; acquire() drops what is closed
        if self._busy:
            self._watch_again(seconds)

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def use(self) -> AbstractAsyncContextManager[Connection]:
        """`async with connections.use() as connection`: a held connection outside any transaction."""
        return _Use(self)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction per use case: commits at the end of the block, rolls back on any exception."""
        async with self.use() as connection, connection.transaction():
            yield connection

    async def close(self) -> None:
        self._closed = True
        if self._watching is not None:
            self._watching.cancel()
        while self._idle:
            connection = self._idle.pop()
            self._open -= 1
            await connection.close()
        await asyncio.sleep(0)  # lets the transports of terminated connections end


class _Use:
    """A context manager by hand: one made of a generator costs each request more."""

    __slots__ = ("_connection", "_connections")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._connection: Connection | None = None

    async def __aenter__(self) -> Connection:
        connection = self._connection = await self._connections.acquire()
        return connection

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        assert self._connection is not None
        if error is None:
            self._connections.release(self._connection)
        elif isinstance(error, asyncpg.QueryCanceledError):
            self._connections.release(self._connection)
            raise TimedOut(
                "The database took longer than a statement may.",
                reason="statement",
                hint="Ask for fewer records, counts or groups at once, or for what an index finds.",
            ) from error
        elif isinstance(error, asyncpg.LockNotAvailableError):  # lock_timeout: a table is being dropped or changed
            self._connections.release(self._connection)
            raise Unavailable("What this asks for is being changed.", reason="lock") from error
        elif isinstance(error, asyncpg.DiskFullError):  # it answers well, and what asks for no room works
            self._connections.release(self._connection)
            raise no_room(error) from error
        elif isinstance(error, AWAY) or (isinstance(error, AttributeError) and self._connection.is_closed()):
            # asyncpg trips over itself when a connection is given up between two steps of one call.
            self._connections.discard(self._connection)
            raise Unavailable("The database does not answer.", reason="database") from error
        elif isinstance(error, asyncio.CancelledError):
            self._connections.discard(self._connection)
        else:
            self._connections.release(self._connection)
