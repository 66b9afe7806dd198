"""What may be grouped and measured: declared in the contract, asked for by `airportsAggregate`.

Values only; aggregates_document.py reads, renders and checks them.
"""

from dataclasses import dataclass
from enum import StrEnum

MIN_CELL_DEFAULT = 10
MIN_CELL_LEAST = 2


class Grain(StrEnum):
    """How finely days are told apart."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    JALALI_MONTH = "jalaliMonth"
    JALALI_YEAR = "jalaliYear"

    @property
    def served(self) -> tuple["Grain", ...]:
        """What can be answered exactly from cells of this grain: itself, and what it divides without a rest."""
        return _SERVED[self]


_SERVED = {
    Grain.DAY: tuple(Grain),
    Grain.MONTH: (Grain.MONTH, Grain.YEAR),
    Grain.YEAR: (Grain.YEAR,),
    Grain.JALALI_MONTH: (Grain.JALALI_MONTH, Grain.JALALI_YEAR),
    Grain.JALALI_YEAR: (Grain.JALALI_YEAR,),
}


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column to group by. `grain` is that of an aggregate-only dataset's dates; where rows are kept any is served."""

    column: str
    grain: Grain | None = None


@dataclass(frozen=True, slots=True)
class Aggregates:
    """With `only`, rows become cells at release, and cells of fewer than `min_cell` rows are not published.

    With `p_percent` a sum is not published either, of which the second largest row of the cell would learn the largest
    within so many percent of it: all rows but these two come to less than that.
    """

    dimensions: tuple[Dimension, ...]
    measures: tuple[str, ...]  # columns
    only: bool = False
    min_cell: int | None = None  # set when `only`
    p_percent: int | None = None

    @property
    def columns(self) -> frozenset[str]:
        return frozenset((*(dimension.column for dimension in self.dimensions), *self.measures))
