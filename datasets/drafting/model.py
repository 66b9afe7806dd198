"""What a file tells about itself before there is a contract: proposals with the counts they rest on."""

from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.formats.model import Found


class Why(StrEnum):
    """Why a column of digits is proposed as a text."""

    LEADING_ZERO = "a value begins with 0"
    FIXED_WIDTH = "every value has the same width"
    NAME = "its name says so"
    KEY = "it matches a released key that is a text"


@dataclass(frozen=True, slots=True)
class ColumnDraft:
    label: str  # as it stands in the file
    name: str  # a column of a contract
    type: FieldType
    format: str
    why: Why | None
    present: int
    missing: int
    missing_words: tuple[str, ...]  # what stands for no value besides the empty cell
    length_min: int
    length_max: int
    integer_max: int  # the greatest size of a whole number
    values: tuple[str, ...]  # all of them when they are few
    has_foreign_digits: bool
    has_arabic_letters: bool
    was_float: bool
    is_digits: bool


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """`matched` of `distinct` values are keys of the target; padded: after zeroPad to that width."""

    column: str
    agency: str
    dataset: str
    field: str
    record: str
    distinct: int
    matched: int
    matched_unpadded: int
    pad: int | None

    @property
    def rate(self) -> float:
        return self.matched / self.distinct if self.distinct else 0.0


@dataclass(frozen=True, slots=True)
class Draft:
    found: Found
    rows: int
    columns: tuple[ColumnDraft, ...]
    distinct: tuple[int, ...]  # of each column, the missing ones not counted
    keys: tuple[tuple[str, ...], ...]  # columns that no two rows share: the proposed primary key first
    links: tuple[LinkDraft, ...]  # the best of each column first
