"""What the columns of the world hold, as callers write it."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from publicgsb.datasets.contracts.model import Field as Column
from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.registry import Registry
from tests.schema.oracle.facts import DatasetKey, Facts


@dataclass(slots=True)
class Values:
    """What the columns hold, as JSON writes it."""

    registry: Registry
    facts: Facts
    pools: dict[tuple[DatasetKey, str], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for (key, _), rows in self.facts.rows.items():
            for column in self.registry.datasets[key].contract.fields:
                found = {external(row[column.name]) for row in rows if row.get(column.name) is not None}
                pool = self.pools[key, column.name]
                pool += sorted(found - set(pool), key=str)

    def draw(self, dice: random.Random, key: DatasetKey, column: Column) -> Any:
        pool = self.pools[key, column.name]
        if not pool or dice.random() < 0.05:
            return _ANY[column.type]
        return dice.choice(pool)

    def row(self, dice: random.Random, key: DatasetKey) -> Mapping[str, Any]:
        (_, rows) = dice.choice([item for item in self.facts.rows.items() if item[0][0] == key])
        return dice.choice(rows)


_ANY: Mapping[FieldType, Any] = {
    FieldType.STRING: "هیچ",
    FieldType.INTEGER: 3,
    FieldType.BIGINT: "12",
    FieldType.YEAR: 2000,
    FieldType.NUMBER: 2.75,
    FieldType.DECIMAL: "1.5",
    FieldType.BOOLEAN: True,
    FieldType.DATE: "2026-03-20",
    FieldType.DATETIME: "2026-01-02T08:00:00+03:30",
}


def external(value: Any) -> Any:
    """A stored value as a caller writes it."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return (
        str(value)
        if isinstance(value, int) and not isinstance(value, bool) and not -(2**31) <= value < 2**31
        else value
    )
