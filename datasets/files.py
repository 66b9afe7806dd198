"""A release as a CSV file, streamed out of COPY as the database writes it; nothing is kept in memory or on disk."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from publicgsb.datasets.contracts.aggregates_document import cell_file_names
from publicgsb.datasets.contracts.model import ROW_COLUMN, AccessLevel, Contract, Field, FieldType
from publicgsb.datasets.record_ends import RecordEnds
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.cells import cell_columns
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.datasets.releases.session import private
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable

BOM = b"\xef\xbb\xbf"
DOWNLOADS_MAX = 16  # at once in this process, each on a connection of its own
CHUNKS_AHEAD = 4
CHUNK_BYTES = 256 * 1024


def file_fields(release: ReleaseRef) -> tuple[Field, ...]:
    """What the file holds: an open dataset's open fields; a registered one's registered fields too."""
    contract = release.contract
    levels = {AccessLevel.OPEN}
    if contract.access is not AccessLevel.OPEN:
        levels |= {AccessLevel.REGISTERED, contract.access}
    return tuple(
        field
        for field in contract.released_fields
        if contract.access_of(field) in levels and field.name in release.columns
    )


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of a release's files: what it is called there, what it holds, and the SQL that spells it."""

    name: str
    type: FieldType
    column: str  # of the release's table
    field: Field | None  # None: a count or a sum, of cells

    def spelt(self) -> str:
        """Every value as the contract reads it back: true, not t; ISO 8601 in UTC."""
        column, name = quote(self.column), quote(self.name)
        if self.type is FieldType.BOOLEAN:
            return f"{column}::text as {name}"
        if self.type is FieldType.DATETIME:
            return f"to_json({column}) #>> '{{}}' as {name}"
        return f"{column} as {name}"


def file_columns(release: ReleaseRef) -> tuple[FileColumn, ...]:
    """Of an aggregate-only release the dimensions, then `count`, and `_sum` and `_count` of each measure."""
    if release.contract.is_aggregate_only:
        return tuple(_cell_columns(release.contract))
    return tuple(FileColumn(field.name, field.type, field.name, field) for field in file_fields(release))


def csv_query(
    release: ReleaseRef,
    order_by: tuple[str, ...] = (ROW_COLUMN,),
    columns: tuple[FileColumn, ...] | None = None,
    where: str = "",
) -> str:
    """Rows in source order, cells in the order of their dimensions, unless another order of columns is asked for.

    All columns of files without `columns`, all rows without `where`, whose operands are parameters.
    """
    shown = ", ".join(column.spelt() for column in (file_columns(release) if columns is None else columns))
    order = ", ".join(map(quote, order_by))
    return f"select {shown} from {released(release.table)}{where} order by {order}"  # noqa: S608 - quoted


def _cell_columns(contract: Contract) -> Iterator[FileColumn]:
    for column, name in zip(cell_columns(contract), cell_file_names(contract), strict=True):
        field = contract.by_name.get(column)
        if field is not None:
            yield FileColumn(field.name, field.type, column, field)
        else:
            is_sum = column.startswith("_sum_")
            yield FileColumn(name, FieldType.DECIMAL if is_sum else FieldType.BIGINT, column, None)


class Downloads:
    """Streams files, at most `DOWNLOADS_MAX` at once: each holds a connection for as long as its client reads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._running = 0

    async def chunks(self, release: ReleaseRef, *, has_bom: bool) -> AsyncGenerator[bytes, None]:
        """Raises before the first chunk what can be said with a status; ends with an error rather than short."""
        if self._running >= DOWNLOADS_MAX:
            raise Unavailable("Too many files are being downloaded.", reason="downloads", retry_after_seconds=10)
        ahead: asyncio.Queue[bytes | None] = asyncio.Queue(CHUNKS_AHEAD)
        self._running += 1
        copying = asyncio.create_task(self._copy(release, ahead), name="download")
        try:
            before = BOM if has_bom else b""
            while (chunk := await ahead.get()) is not None:
                yield before + chunk
                before = b""
            await copying
        finally:
            self._running -= 1
            copying.cancel()
            await asyncio.gather(copying, return_exceptions=True)

    async def _copy(self, release: ReleaseRef, ahead: asyncio.Queue[bytes | None]) -> None:
        try:
            async with private(self._connections) as connection:
                # The client's pace decides how long this takes. The connection is private, so this stays in it.
                await connection.execute("set statement_timeout = 0")
                gathered = _Gathered(ahead)
                await connection.copy_from_query(csv_query(release), output=gathered.add, format="csv", header=True)
                await gathered.pass_on()
        finally:
            # Also after a failure, so that the reader wakes and meets it; never after a cancelled reader.
            if not _is_cancelled():
                await ahead.put(None)


class _Gathered:
    """COPY hands out a few kilobytes at a time; what is passed on has CHUNK_BYTES, so queue and socket wake less."""

    def __init__(self, ahead: asyncio.Queue[bytes | None]) -> None:
        self._ahead = ahead
        self._ends = RecordEnds()
        self._pieces: list[bytes] = []
        self._size = 0

    async def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= CHUNK_BYTES:
            await self.pass_on()

    async def pass_on(self) -> None:
        if self._pieces:
            whole = b"".join(self._pieces)
            self._pieces, self._size = [], 0
            await self._ahead.put(self._ends.read(whole).content)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
