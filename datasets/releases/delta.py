"""A release made inside the database of the one before it and the rows of a file.

Rows that stay keep their place, rows that are replaced take the place of the old ones, new rows follow in the order of
their file. What comes of it has the hash that a file of all these rows in this order would have, and every value of it
is shown to the privacy gate again: what is chance in ten rows may be a column of national ids in a thousand.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract, FieldType, Label
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.ingest.report import Changed, Ingested
from publicgsb.datasets.ingest.values import NULL
from publicgsb.datasets.privacy.gate import ColumnGate, is_gated
from publicgsb.datasets.privacy.model import Finding
from publicgsb.datasets.privacy.report import PrivacyReport
from publicgsb.datasets.privacy.watching import RowWatch
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.datasets.releases.keys import clashes
from publicgsb.datasets.releases.modes import Base, Mode
from publicgsb.datasets.releases.table import column_names, create_table, row_columns
from publicgsb.platform.kernel.database import Connection

DELTA_TABLE = "rows_of_changes"  # temporary: each session has its own
_DELTA = f"pg_temp.{quote(DELTA_TABLE)}"
_TOLD_MAX = 1_000
_GATE_ROWS = 4_096


@dataclass(frozen=True, slots=True)
class Merged:
    added: int
    replaced: int


def delta_table(contract: Contract) -> str:
    """SQL that creates the temporary table the file is copied into."""
    return f"create temporary table {quote(DELTA_TABLE)} ({row_columns(contract)}) on commit drop"


async def refusals(connection: Connection, contract: Contract, base: Base, mode: Mode) -> tuple[list[RowError], int]:
    """Rows of the file that the mode does not allow: the first 1,000 of them, and how many there are."""
    await connection.execute(f"analyze {_DELTA}")
    key = contract.unique_keys[0] if contract.primary_key else None
    if key is None:
        return [], 0
    errors, total = await clashes(connection, _DELTA, key, ErrorCode.PRIMARY_KEY)
    if total or mode is Mode.UPSERT:
        return errors, total
    wanted = "exists" if mode is Mode.APPEND else "not exists"
    rows = await connection.fetch(
        f"""
        select d.{quote(ROW_COLUMN)} as row, count(*) over () as total
        from {_DELTA} as d
        where {wanted} (select from {released(base.table)} as b where {_same(contract, "b")})
        order by 1
        limit {_TOLD_MAX}
        """  # noqa: S608 - names are quoted, nothing else varies
    )
    tell = _known if mode is Mode.APPEND else _unknown
    return [tell(row["row"], contract, base) for row in rows], rows[0]["total"] if rows else 0


async def merge(connection: Connection, contract: Contract, base: Base, table: str) -> Merged:
    """Creates the release's table of both."""
    names = [name for name in column_names(contract) if name != ROW_COLUMN]
    row = quote(ROW_COLUMN)
    columns = ", ".join((*map(quote, names), row))
    into = f"insert into {released(table)} ({columns}) select"
    of_base = ", ".join(f"b.{quote(name)}" for name in names)
    of_delta = ", ".join(f"d.{quote(name)}" for name in names)
    old = f"{released(base.table)} as b"
    last = await connection.fetchval(f"select coalesce(max({row}), 0) from {released(base.table)}")  # noqa: S608
    await connection.execute(create_table(contract, table))
    if not contract.primary_key:
        await connection.execute(f"{into} {of_base}, b.{row} from {old}")
        tag = await connection.execute(f"{into} {of_delta}, {int(last)} + d.{row} from {_DELTA} as d")
        return Merged(_count(tag), 0)
    same = _same(contract, "b")
    await connection.execute(
        f"{into} {of_base}, b.{row} from {old} where not exists (select from {_DELTA} as d where {same})"
    )
    replaced = await connection.execute(f"{into} {of_delta}, b.{row} from {_DELTA} as d join {old} on {same}")
    added = await connection.execute(
        f"{into} {of_delta}, {int(last)} + row_number() over (order by d.{row}) from {_DELTA} as d"
        f" where not exists (select from {old} where {same})"
    )
    return Merged(_count(added), _count(replaced))


async def describe(
    connection: Connection, contract: Contract, table: str, ingested: Ingested, mode: Mode, base: Base, merged: Merged
) -> Ingested:
    """What was said of the file, said of the whole release."""
    reading = _Reading(contract)
    columns = ", ".join(quote(field.name) for field in contract.released_fields)
    row = quote(ROW_COLUMN)
    query = f"select {columns}, {row} from {released(table)} order by {row}"  # noqa: S608 - names are quoted
    await connection.copy_from_query(query, output=reading.add)
    findings, privacy = await asyncio.to_thread(reading.judged)
    changed = Changed(mode.value, base.seq, merged.added, merged.replaced)
    return replace(
        ingested,
        report=replace(ingested.report, findings=findings, changed=changed, privacy=privacy),
        rows=reading.rows,
        sha256=reading.hash.hexdigest(),
        filled=None,
    )


async def in_the_file(
    connection: Connection, contract: Contract, table: str, base: Base, errors: Sequence[RowError]
) -> list[RowError]:
    """The errors with the row numbers of the file; those of rows that are not in it have none."""
    rows = [error.row for error in errors if error.row is not None]
    row = quote(ROW_COLUMN)
    if contract.primary_key:
        found = await connection.fetch(
            f"""
            select n.{row} as of_release, d.{row} as of_file
            from {_DELTA} as d join {released(table)} as n on {_same(contract, "n")}
            where n.{row} = any($1::bigint[])
            """,  # noqa: S608 - names are quoted, nothing else varies
            rows,
        )
        numbers = {pair["of_release"]: pair["of_file"] for pair in found}
    else:
        last = await connection.fetchval(f"select coalesce(max({row}), 0) from {released(base.table)}")  # noqa: S608
        numbers = {number: number - last for number in rows if number > last}
    return [replace(error, row=numbers.get(error.row) if error.row is not None else None) for error in errors]


def _same(contract: Contract, alias: str) -> str:
    return " and ".join(f"{alias}.{quote(column)} = d.{quote(column)}" for column in contract.primary_key)


def _count(tag: str) -> int:
    """Of the command tag: INSERT 0 12."""
    return int(tag.rsplit(" ", 1)[1])


class _Reading:
    """The rows as COPY gives them: hashed in the form in which ingestion writes them, and shown to the gate.

    That takes a core for as long as it takes, so it is done in a thread: the loop that awaits it serves leases too.
    """

    def __init__(self, contract: Contract) -> None:
        self.hash = hashlib.sha256()
        self.rows = 0
        workplace = contract.privacy.workplace if contract.privacy else ()
        self._names = tuple(field.name for field in contract.released_fields)
        self.watch = RowWatch(contract)
        self.gates = {
            at: ColumnGate(field, is_workplace=field.name in workplace)
            for at, field in enumerate(contract.released_fields)
            if is_gated(field)
        }
        self._forms = {
            at: form for at, field in enumerate(contract.released_fields) if (form := _FORMS.get(field.type))
        }
        self._rest = b""
        self._lines: list[str] = []

    async def add(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._lines += (_as_ingested(line.decode()) for line in lines)
        if len(self._lines) >= _GATE_ROWS:
            await asyncio.to_thread(self._take)

    def judged(self) -> tuple[tuple[Finding, ...], PrivacyReport]:
        """After the last row."""
        self._take()
        findings = (*(one for gate in self.gates.values() for one in gate.findings()), *self.watch.findings())
        return findings, self.watch.report(findings)

    def _take(self) -> None:
        if not self._lines:
            return
        columns = [list(column) for column in zip(*(line.split("\t") for line in self._lines), strict=True)]
        for at, form in self._forms.items():
            columns[at] = [cell if cell == NULL else form(cell) for cell in columns[at]]
        lines = map("\t".join, zip(*columns, strict=True)) if self._forms else self._lines
        self.hash.update(("\n".join(lines) + "\n").encode())
        for at, gate in self.gates.items():
            gate.observe([cell for cell in dict.fromkeys(columns[at]) if cell != NULL])
        self.watch.observe(dict(zip(self._names, columns, strict=False)))  # the row's number is the last column
        self.rows += len(self._lines)
        self._lines = []


_CONTROL = re.compile(r"\\(.)")
_CONTROLS = {"b": "\b", "v": "\v", "f": "\f"}


def _as_ingested(line: str) -> str:
    """PostgreSQL writes letters for three characters that ingestion leaves as they are."""
    return _CONTROL.sub(lambda found: _CONTROLS.get(found[1], found[0]), line) if "\\" in line else line


_FRACTION = re.compile(r"\.(\d{1,6})")


def _moment(cell: str) -> str:
    """PostgreSQL leaves the zeros of a fraction and the minutes of a zone out."""
    return _FRACTION.sub(lambda found: f".{found[1]:0<6}", cell) + ":00"


# Of the types that ingestion writes otherwise than PostgreSQL does; both forms are exact.
_FORMS: dict[FieldType, Callable[[str], str]] = {
    FieldType.NUMBER: lambda cell: repr(float(cell)),
    FieldType.DATETIME: _moment,
}


def _known(row: int, contract: Contract, base: Base) -> RowError:
    named = "، ".join(contract.primary_key)
    return RowError(
        row=row,
        field=", ".join(contract.primary_key),
        code=ErrorCode.PRIMARY_KEY,
        shape=None,
        message=Label(
            f"کلید آن ({named}) در انتشار {base.seq} هست.",
            f"Its key ({', '.join(contract.primary_key)}) is in release {base.seq} already.",
        ),
        fix=Label(
            "ردیف را حذف کنید، یا برای جایگزینی mode=upsert یا mode=correction بفرستید.",
            "Leave the row out, or send mode=upsert or mode=correction to replace.",
        ),
    )


def _unknown(row: int, contract: Contract, base: Base) -> RowError:
    named = "، ".join(contract.primary_key)
    return RowError(
        row=row,
        field=", ".join(contract.primary_key),
        code=ErrorCode.PRIMARY_KEY,
        shape=None,
        message=Label(
            f"کلید آن ({named}) در انتشار {base.seq} نیست، پس چیزی برای اصلاح نیست.",
            f"Release {base.seq} has no record with its key ({', '.join(contract.primary_key)}) to correct.",
        ),
        fix=Label(
            "کلید را درست کنید، یا برای افزودن mode=upsert بفرستید.",
            "Correct the key, or send mode=upsert to add it.",
        ),
    )
