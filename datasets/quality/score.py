"""The data score of a dataset, 0 to 100: a sum of five parts, each with its weight; wording.py says what they mean.

A part earns its weight times its share, rounded down to tenths, so that it is full only where nothing is missing.
Nothing is evened out between parts: whatever raises one raises the sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from publicgsb.datasets.contracts.model import AccessLevel, Cadence, Contract
from publicgsb.datasets.quality.counting import counted_columns
from publicgsb.datasets.registry import DatasetEntry, DatasetState, LinkRate, ReleaseRef

_NONE, _ALL = Fraction(0), Fraction(1)


class PartName(StrEnum):
    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    KEYS = "keyUniqueness"
    LINKS = "linkMatch"
    TIMELINESS = "timeliness"


WEIGHTS: Mapping[PartName, int] = {
    PartName.COMPLETENESS: 30,
    PartName.VALIDITY: 20,
    PartName.KEYS: 15,
    PartName.LINKS: 15,
    PartName.TIMELINESS: 20,
}

# After how many days a new release is due; the others promise none.
PROMISED_DAYS: Mapping[Cadence, int] = {
    Cadence.CONTINUOUS: 1,
    Cadence.DAILY: 1,
    Cadence.WEEKLY: 7,
    Cadence.MONTHLY: 31,
    Cadence.QUARTERLY: 92,
    Cadence.YEARLY: 366,
}


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Released before releases were counted."""

    share: Fraction = _NONE


@dataclass(frozen=True, slots=True)
class Completeness:
    """`empty` by field, the emptiest first; of a restricted dataset no field is named."""

    filled: int
    cells: int
    empty: tuple[tuple[str, int], ...]

    @property
    def share(self) -> Fraction:
        return _share(self.filled, self.cells)


@dataclass(frozen=True, slots=True)
class Validity:
    """A file with one invalid cell is refused, so what varies is how many were valid as they came."""

    valid: int
    cells: int

    @property
    def share(self) -> Fraction:
        return _share(self.valid, self.cells)


@dataclass(frozen=True, slots=True)
class Keys:
    """`fields` is None where no key is declared, and empty for cells, which are unique by their dimensions."""

    fields: tuple[str, ...] | None

    @property
    def share(self) -> Fraction:
        return _NONE if self.fields is None else _ALL


@dataclass(frozen=True, slots=True)
class Links:
    """By the link's name: its own, each alike; for a dataset that has none the best of those that lead to it."""

    rates: tuple[tuple[str, LinkRate], ...]

    @property
    def share(self) -> Fraction:
        if not self.rates:
            return _NONE
        return sum((link_share(rate) for _, rate in self.rates), _NONE) / len(self.rates)


@dataclass(frozen=True, slots=True)
class Timeliness:
    """`promised_days` is None where none are promised; `is_final` where no other release is to come."""

    published: date
    promised_days: int | None
    is_final: bool
    today: date

    @property
    def due(self) -> date:
        return self.published + timedelta(days=self.promised_days or 0)

    @property
    def days_late(self) -> int:
        return max(0, (self.today - self.due).days)

    @property
    def share(self) -> Fraction:
        """Full until the promised day, then falling by the day; nothing once as much time again has passed."""
        if self.promised_days is None:
            return _ALL if self.is_final else _NONE
        return max(_NONE, _ALL - Fraction(self.days_late, self.promised_days))


Counts: TypeAlias = Uncounted | Completeness | Validity | Keys | Links | Timeliness


@dataclass(frozen=True, slots=True)
class Part:
    """`share` is from 0 to 1."""

    name: PartName
    counts: Counts

    @property
    def share(self) -> Fraction:
        return self.counts.share

    @property
    def weight(self) -> int:
        return WEIGHTS[self.name]

    @property
    def tenths(self) -> int:
        """Tenths of a point."""
        share = self.share
        return share.numerator * self.weight * 10 // share.denominator


@dataclass(frozen=True, slots=True)
class DataScore:
    parts: tuple[Part, ...]

    @property
    def value(self) -> float:
        """The sum of what the parts say, to a tenth."""
        return sum(part.tenths for part in self.parts) / 10


def utc_today() -> date:
    return datetime.now(UTC).date()


def data_score(entry: DatasetEntry, today: date) -> DataScore | None:
    """Of the current release, as it is on that day (UTC); None for a dataset that is not served.

    Restricted fields of a dataset that is not itself restricted count for nothing here: what is told to anybody says
    nothing of what is not.
    """
    current = entry.current
    if current is None or entry.state is not DatasetState.ACTIVE:
        return None
    cadence, published = entry.contract.cadence, current.published_at.astimezone(UTC).date()
    return DataScore(
        (
            Part(PartName.COMPLETENESS, _completeness(entry, current)),
            Part(PartName.VALIDITY, _validity(current)),
            Part(PartName.KEYS, _keys(current.contract)),
            Part(PartName.LINKS, _links(entry)),
            Part(
                PartName.TIMELINESS,
                Timeliness(published, PROMISED_DAYS.get(cadence), cadence is Cadence.ONCE, today),
            ),
        )
    )


def link_share(rate: LinkRate) -> Fraction:
    return _share(rate.matched, rate.rows)


def _completeness(entry: DatasetEntry, release: ReleaseRef) -> Completeness | Uncounted:
    counted = release.counted
    if counted is None:
        return Uncounted()
    filled = {name: counted.filled[name] for name in _judged(entry, release) if name in counted.filled}
    empty: list[tuple[str, int]] = []
    if entry.contract.access is not AccessLevel.RESTRICTED:
        empty = [(name, release.rows - number) for name, number in filled.items() if number < release.rows]
        empty.sort(key=lambda one: (-one[1], one[0]))
    return Completeness(sum(filled.values()), len(filled) * release.rows, tuple(empty))


def _judged(entry: DatasetEntry, release: ReleaseRef) -> list[str]:
    """Columns at today's levels; the dataset's own level is that of its files."""
    today, names = entry.contract, []
    for name in counted_columns(release.contract):
        now = today.by_name.get(name)
        level = today.access_of(now) if now else release.contract.access_of(release.contract.field(name))
        if level is AccessLevel.WITHHELD:
            continue
        if level is not AccessLevel.RESTRICTED or today.access is AccessLevel.RESTRICTED:
            names.append(name)
    return names


def _validity(release: ReleaseRef) -> Validity | Uncounted:
    counted = release.counted
    return Validity(counted.cells_read - counted.put_right, counted.cells_read) if counted else Uncounted()


def _keys(contract: Contract) -> Keys:
    return Keys(() if contract.is_aggregate_only else contract.primary_key or None)


def _links(entry: DatasetEntry) -> Links:
    own = [(name, rate) for name, rate in sorted(entry.link_rates.items()) if rate.rows]
    if own:
        return Links(tuple(own))
    leading = [(name, rate) for name, rate in entry.linked_from.items() if rate.rows]
    return Links((max(leading, key=lambda one: (link_share(one[1]), one[0])),) if leading else ())


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else _ALL
