"""One pass over an agency's file: read, validate every row, show every released value to the privacy gate, write
what PostgreSQL's COPY reads. CPU work: it runs in the CLI's or the jobs process, never in an API event loop.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from publicgsb.datasets.contracts.codes import is_identifier
from publicgsb.datasets.contracts.groupings import DATES
from publicgsb.datasets.contracts.model import ROW_COLUMN, AccessLevel, Contract, Field, Label
from publicgsb.datasets.formats.bounds import too_large
from publicgsb.datasets.formats.model import Found, RowSource, plain
from publicgsb.datasets.formats.opening import open_rows
from publicgsb.datasets.ingest.columns import Column
from publicgsb.datasets.ingest.copy_text import pieces
from publicgsb.datasets.ingest.errors import ErrorLog
from publicgsb.datasets.ingest.flaws import Flaw
from publicgsb.datasets.ingest.header import fields_in_file
from publicgsb.datasets.ingest.hidden import HiddenColumns
from publicgsb.datasets.ingest.model import ErrorCode, FileError, Limits, Progress, RowError, whole_file
from publicgsb.datasets.ingest.reader import Batch, RowReader
from publicgsb.datasets.ingest.report import Ingested, Report
from publicgsb.datasets.ingest.shapes import shape
from publicgsb.datasets.ingest.values import NULL, unescape
from publicgsb.datasets.privacy.watching import RowWatch


def _unheard(rows: int, bytes_read: int, bytes_total: int) -> None:
    """Nobody asked for progress."""


def ingest(
    contract: Contract,
    source: Path,
    copy_file: Path,
    *,
    limits: Limits = Limits(),  # noqa: B008, the value is frozen
    progress: Progress = _unheard,
    is_part: bool = False,
) -> Ingested:
    """Check the whole of `source` and write `copy_file` in COPY's text format, columns as `copy_columns` says.

    `is_part`: its rows come to those of an earlier release. What is wrong with the file is in the report and never an
    exception; OSError is the machine's trouble.
    """
    reading = _Reading(contract, limits, is_part=is_part)
    with copy_file.open("wb") as out:
        try:
            with open_rows(source, limits, contract.by_name, _scratch(copy_file)) as opened:
                reading.found(opened)
                reader = RowReader(opened, contract, limits)
                reading.begin(reader)
                for batch in () if reading.errors.counts else reader.batches(reading.errors):
                    reading.take(batch, out)
                    progress(batch.rows_read, opened.bytes_read(), opened.bytes_total)
                reading.end()
        except FileError as stopped:
            reading.errors.add(stopped.error)
    ingested = reading.ingested()
    return replace(ingested, file_sha256=_digest(source)) if ingested.report.is_releasable else ingested


def _digest(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Reading:
    """What gathers while the rows go by."""

    def __init__(self, contract: Contract, limits: Limits, *, is_part: bool) -> None:
        self.errors = ErrorLog()
        keys = set(contract.primary_key)
        workplace = contract.privacy.workplace if contract.privacy else ()
        released = contract.released_fields
        self._contract = contract
        self._released = tuple(field.name for field in released)
        self._hidden = HiddenColumns(contract)
        self._watch = RowWatch(contract, is_part=is_part)
        self._columns = {
            field.name: Column(
                field,
                is_key=field.name in keys,
                is_released=_leaves(contract, field),
                is_workplace=field.name in workplace,
                is_identifier=is_identifier(contract, field),
            )
            for field in chain(fields_in_file(contract), (f for f in released if f.derive))
        }
        self._positions: dict[str, int] = {}
        self._hash = hashlib.sha256()
        self._rows_read = 0
        self._rows = 0
        self._bytes_left = limits.content_bytes_max
        self._bytes_max = limits.content_bytes_max
        self._notes: list[Label] = []
        self._found: Found | None = None

    def found(self, source: RowSource) -> None:
        self._found = source.found
        self._notes += source.found.notes
        if source.is_typed:
            for column in self._columns.values():
                column.expect_marks()

    def begin(self, reader: RowReader) -> None:
        for error in reader.header.errors:
            self.errors.add(error)
        self._positions = dict(reader.header.positions)
        self._notes += [
            Label(f"ستون {name} منتشر نمی‌شود و خوانده نشد.", f"Field {name} is withheld and was not read.")
            for name in reader.header.unread
        ]

    def take(self, batch: Batch, out: BinaryIO) -> None:
        self._rows_read = batch.rows_read
        if not batch.numbers:
            return
        copied: dict[str, Sequence[str]] = {}
        found: list[RowError] = []
        for name, column in self._columns.items():
            derive = column.field.derive
            column_cells = copied[derive.source] if derive else batch.columns[self._positions[name]]
            copied[name] = column.convert(column_cells)
            for position, flaw in column.flaws(column_cells):
                self.errors.count(flaw.code)
                if not self.errors.is_full:
                    found.append(_told(batch.numbers[position], column, flaw, column_cells[position]))
        self.errors.keep(found)
        self._watch.observe(copied)
        if not self.errors.counts:
            self._write(batch.numbers, [copied[name] for name in self._released], self._hidden.cells(copied), out)

    def end(self) -> None:
        if not self._rows_read and not self.errors.counts:
            raise whole_file(
                ErrorCode.SOURCE,
                Label("پرونده سطر عنوان دارد و هیچ ردیفی ندارد.", "The file has a header and no rows."),
                Label("ردیف‌ها را بیفزایید.", "Add the rows."),
            )

    def ingested(self) -> Ingested:
        released = [self._columns[name] for name in self._released]
        changes = {
            f"{kind}:{name}": count
            for name, column in self._columns.items()
            for kind, count in sorted(column.changes.items())
        }
        findings = (
            *(found for column in released if column.gate for found in column.gate.findings()),
            *self._watch.findings(),
        )
        report = Report(
            rows_read=self._rows_read,
            errors_total=sum(self.errors.counts.values()),
            counts=dict(self.errors.counts),
            errors=tuple(self.errors.details),
            normalisations=changes,
            findings=findings,
            notes=tuple(self._notes),
            privacy=self._watch.report(findings),
            found=self._found,
        )
        return Ingested(
            report=report,
            rows=self._rows,
            sha256=self._hash.hexdigest(),
            copy_columns=(*self._released, ROW_COLUMN, *self._hidden.names),
            filled={column.field.name: self._rows - column.nulls for column in released},
        )

    def _write(
        self, numbers: Sequence[int], columns: list[Sequence[str]], hidden: list[Sequence[str]], out: BinaryIO
    ) -> None:
        """The hash is of the data alone: hidden columns are made of it, and another version may make them otherwise.

        What is written is bounded like what is read: a text that a file holds once may stand in each of its rows.
        """
        for data, chunk in pieces(numbers, columns, hidden):
            self._hash.update(data)
            self._bytes_left -= len(chunk)
            if self._bytes_left < 0:
                raise too_large(self._bytes_max)
            out.write(chunk)
        self._rows += len(numbers)


def _leaves(contract: Contract, field: Field) -> bool:
    """Whether values of the field are published; of aggregate-only datasets dates are not, only periods of them."""
    if contract.is_aggregate_only and field.type in DATES:
        return False
    return contract.access_of(field) is not AccessLevel.WITHHELD


def _scratch(copy_file: Path) -> Path:
    """Beside the copy file and named like it, so that what a killed process leaves is swept with the copy files."""
    return copy_file.with_name(f"{copy_file.name.partition('-')[0]}-{secrets.token_hex(8)}.copy")


def _told(number: int, column: Column, flaw: Flaw, cell: str) -> RowError:
    text = unescape("" if cell == NULL else cell) if column.field.derive else plain(cell)
    return RowError(number, column.field.name, flaw.code, shape(text), flaw.message, flaw.fix)
