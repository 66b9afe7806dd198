"""The groupings that a contract's dimensions come to: one per plain column, one per grain of a date."""

from collections.abc import Iterator
from dataclasses import dataclass

from publicgsb.datasets.contracts.aggregates import Grain
from publicgsb.datasets.contracts.model import Contract, Field, FieldType
from publicgsb.datasets.contracts.names import camel_case

DATES = frozenset({FieldType.DATE, FieldType.DATETIME})


@dataclass(frozen=True, slots=True)
class Grouping:
    """`grain` is None for what is no date."""

    field: Field
    grain: Grain | None

    @property
    def name(self) -> str:
        """The member of the GraphQL enum: CARRIER, TIME_HOUR_JALALI_MONTH."""
        grain = "".join(f"_{letter}" if letter.isupper() else letter for letter in self.grain or "")
        return (f"{self.field.name}_{grain}" if grain else self.field.name).upper()

    @property
    def api_name(self) -> str:
        """The member of `key`: carrier, timeHourJalaliMonth."""
        return camel_case(f"{self.field.name}_{self.grain}") if self.grain else self.field.api_name


def groupings(contract: Contract) -> Iterator[Grouping]:
    """In the order of the contract, finest first. Dimensions without a column are passed over: checks tell of them."""
    for dimension in contract.aggregates.dimensions if contract.aggregates else ():
        field = contract.by_name.get(dimension.column)
        if field is None:
            continue
        if field.type not in DATES:
            yield Grouping(field, None)
            continue
        for grain in (dimension.grain or Grain.DAY).served:
            yield Grouping(field, grain)
