"""A contract is proposed for a file: one pass over its rows, then a few exact questions to the database.

CPU work and a table of its own: it runs in the command line's process, never in an API event loop.
"""

import asyncio
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from publicgsb.datasets.contracts.names import COLUMN, RESERVED_COLUMNS
from publicgsb.datasets.drafting import relations
from publicgsb.datasets.drafting.columns import ColumnReading
from publicgsb.datasets.drafting.model import ColumnDraft, Draft
from publicgsb.datasets.formats.batches import next_batch
from publicgsb.datasets.formats.bounds import too_large, too_many_columns
from publicgsb.datasets.formats.model import Found, plain
from publicgsb.datasets.formats.opening import open_rows
from publicgsb.datasets.ingest import persian
from publicgsb.datasets.ingest.model import FileError, Limits
from publicgsb.datasets.ingest.values import NULL, escape
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases import store
from publicgsb.datasets.releases.session import private
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest

_NO_NAME = re.compile(r"[^a-z0-9]+")
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


async def draft_file(
    connections: Connections, state_dir: Path, path: Path, agency: str, dataset: str, *, limits: Limits | None = None
) -> Draft:
    """Raises InvalidRequest when the file cannot be read. `agency/dataset` is left out of what it may link to."""
    folder = store.copy_folder(state_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows_file = folder / f"0-{secrets.token_hex(8)}.copy"
    rows_file.touch(mode=0o600)
    try:
        try:
            found, columns, rows = await asyncio.to_thread(_read, path, rows_file, limits or Limits())
        except FileError as stopped:
            error = stopped.error
            raise InvalidRequest(error.message.en, hint=error.fix.en, reason=error.code.value) from None
        async with private(connections) as connection, connection.transaction():
            await connection.execute("set local statement_timeout = 0")
            await relations.load(connection, rows_file, len(columns))
            distinct = await relations.distinct_counts(connection, len(columns))
            keys = await relations.find_keys(connection, columns, distinct, rows)
            registry = await load_registry(connection)
            links = await relations.find_links(connection, columns, registry, (agency, dataset))
    finally:
        rows_file.unlink(missing_ok=True)
    return Draft(found, rows, columns, distinct, keys, links)


def _read(path: Path, rows_file: Path, limits: Limits) -> tuple[Found, tuple[ColumnDraft, ...], int]:
    """The columns, and the rows as COPY text: their number and their cells, ASCII digits, null for no value."""
    scratch = rows_file.with_name(f"0-{secrets.token_hex(8)}.copy")
    count = written = 0
    with open_rows(path, limits, (), scratch) as source, rows_file.open("w", encoding="utf-8", newline="") as out:
        labels = [label.strip() for label in source.labels]
        if len(labels) > limits.columns_max:
            raise too_many_columns(len(labels), limits.columns_max)
        if not any(labels):
            raise InvalidRequest(
                "The file begins with a blank line.", hint="Put the column names there.", reason="header"
            )
        readings = [ColumnReading(label, name) for label, name in zip(labels, names_of(labels), strict=True)]
        while rows := next_batch(source):
            # What is wrong with a row is said by `validate`; here it is made to fit.
            whole = [[*row, *[""] * (len(labels) - len(row))][: len(labels)] for row in rows if any(row)]
            copied = [map(str, range(count + 1, count + 1 + len(whole)))]
            for reading, cells in zip(readings, zip(*whole, strict=True), strict=False):
                reading.observe(cells)
                known = {cell: _copied(cell) for cell in dict.fromkeys(cells)}
                copied.append(map(known.__getitem__, cells))
            if whole:
                written += out.write("\n".join(map("\t".join, zip(*copied, strict=True))) + "\n")
                if written > limits.content_bytes_max:
                    raise too_large(limits.content_bytes_max)
            count += len(whole)
            if count > limits.rows_max:
                raise InvalidRequest("The file has too many rows.", reason="rows")
        if not count:
            raise InvalidRequest("The file has a header and no rows.", hint="Add the rows.", reason="rows")
        return source.found, tuple(reading.drafted() for reading in readings), count


def _copied(cell: str) -> str:
    text = persian.digits(plain(cell))
    return NULL if not text or "\0" in text else escape(text)


def names_of(labels: Sequence[str]) -> list[str]:
    """A column name of a contract for each label, no two alike."""
    names: list[str] = []
    for at, label in enumerate(labels, start=1):
        name = _NO_NAME.sub("_", _BETWEEN_WORDS.sub("_", label).lower()).strip("_")[:48].strip("_")
        if not COLUMN.fullmatch(name) or name in RESERVED_COLUMNS:
            name = f"column_{at}"
        base, number = name[:40].rstrip("_"), at
        while name in names:
            name, number = f"{base}_{number}", number + 1
        names.append(name)
    return names
