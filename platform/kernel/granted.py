"""What an organisation was granted of restricted data, as its callers carry it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Granted:
    """A right to a dataset, or to some columns of it, that ends by the clock."""

    columns: frozenset[str] | None  # None: all of it
    ends_at: float  # seconds since 1970; from then on it gives no right

    def covers(self, column: str | None, now: float) -> bool:
        """Whether it gives a right to a column; None asks for the dataset as such, which any part of it opens."""
        return now < self.ends_at and (column is None or self.columns is None or column in self.columns)


Rights = Mapping[tuple[str, str], tuple[Granted, ...]]  # by agency and dataset

NO_RIGHTS: Rights = MappingProxyType({})


def no_rights() -> Rights:
    return NO_RIGHTS


def has_right(rights: Rights, dataset: tuple[str, str], column: str | None, now: float) -> bool:
    return any(one.covers(column, now) for one in rights.get(dataset, ()))
