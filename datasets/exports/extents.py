"""How far the values of a release reach: what the types of files, which are narrower than PostgreSQL's, must hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.files import FileColumn
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.platform.kernel.database import Connection

DECIMAL_DIGITS_MAX = 38  # what DuckDB, Spark, polars and Arrow's narrow decimal read


@dataclass(frozen=True, slots=True)
class Extent:
    """Of a decimal or whole number its digits; of text its longest cell in characters; of days the first."""

    whole_digits: int = 0
    scale: int = 0
    characters: int = 0
    first_day: date | None = None

    @property
    def is_decimal(self) -> bool:
        """Whether an exact decimal type holds every value; else the files hold its text."""
        return self.whole_digits + self.scale <= DECIMAL_DIGITS_MAX


async def extents(connection: Connection, release: ReleaseRef, columns: Sequence[FileColumn]) -> Mapping[str, Extent]:
    """By the column's name in the files; one scan, of the columns whose type does not say it all."""
    asked = [(column, _expressions(column)) for column in columns]
    flat = [expression for _, expressions in asked for expression in expressions]
    if not flat:
        return {}
    row = await connection.fetchrow(f"select {', '.join(flat)} from {released(release.table)}")  # noqa: S608 - quoted
    assert row is not None
    values = iter(row)
    return {
        column.name: _extent(column.type, [next(values) for _ in expressions])
        for column, expressions in asked
        if expressions
    }


def _expressions(column: FileColumn) -> list[str]:
    name = quote(column.column)
    if column.type is FieldType.DECIMAL:
        return [f"max(length(trunc(abs({name}))::text))", f"max(scale({name}))"]
    if column.type is FieldType.BIGINT:
        return [f"max(length(abs({name}::numeric)::text))"]
    if column.type is FieldType.STRING:
        return [f"max(length({name}))"]
    if column.type is FieldType.DATE:
        return [f"min({name})"]
    return []


def _extent(type_: FieldType, found: list[object]) -> Extent:
    if type_ is FieldType.DATE:
        return Extent(first_day=found[0] if isinstance(found[0], date) else None)
    numbers = [one if isinstance(one, int) else 0 for one in found]
    if type_ is FieldType.STRING:
        return Extent(characters=numbers[0])
    return Extent(whole_digits=numbers[0], scale=numbers[1] if len(numbers) > 1 else 0)
