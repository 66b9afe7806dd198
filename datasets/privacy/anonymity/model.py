"""How alone a record stands by what describes a person: values only, counts and names of columns, never a cell."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from publicgsb.datasets.contracts.privacy import Profile
from publicgsb.datasets.privacy.verdicts import Proposal

SUBSET_MAX = 4  # of the columns at once: what somebody is taken to know of a person


class Unit(StrEnum):
    ROWS = "rows"
    CONTRIBUTORS = "contributors"  # distinct values of the contract's `contributor`


@dataclass(frozen=True, slots=True)
class Bounds:
    """A group is as many records as agree in some columns; it has `k` members at least.

    `l`: how many distinct values of each sensitive column a group has at least.
    """

    k: int
    l: int  # noqa: E741 - the field's own letter
    unit: Unit


# k of 5 and 3 contributors are what most statistical offices hold to; 11 is the risk of 0.09 that medicine's
# regulators accept, and no group of which all share one diagnosis.
BOUNDS = {
    Profile.STANDARD: Bounds(5, 1, Unit.ROWS),
    Profile.SENSITIVE: Bounds(11, 2, Unit.ROWS),
    Profile.BUSINESS: Bounds(3, 1, Unit.CONTRIBUTORS),
}


@dataclass(frozen=True, slots=True)
class Alone:
    """What one set of columns tells apart. `l_min` None: no sensitive column is declared."""

    columns: tuple[str, ...]
    groups: int
    k_min: int
    unique_rows: int  # in a group of one
    rows_below: int  # in groups smaller than k, or of fewer than l sensitive values
    l_min: int | None

    def as_json(self, rows: int) -> dict[str, Any]:
        return {
            "columns": list(self.columns),
            "groups": self.groups,
            "kMin": self.k_min,
            "lMin": self.l_min,
            "uniqueRows": self.unique_rows,
            "uniquePercent": percent(self.unique_rows, rows),
            "rowsBelow": self.rows_below,
            "percentBelow": percent(self.rows_below, rows),
        }


@dataclass(frozen=True, slots=True)
class Generalised:
    """The cheapest functions found after which every group is large enough; what would be left of the columns.

    `is_cheapest` False: there were too many ways to try them all, and a good one stands here.
    """

    proposals: tuple[Proposal, ...]
    before: Alone
    after: Alone
    is_cheapest: bool


@dataclass(frozen=True, slots=True)
class Anonymity:
    """`is_declared` False: the columns were guessed, so the result is told and nothing is held to it."""

    profile: Profile
    bounds: Bounds
    is_declared: bool
    columns: tuple[str, ...]
    rows: int
    subsets: tuple[Alone, ...]  # of at most SUBSET_MAX columns, the most telling first
    generalised: Generalised | None  # None: nothing has to be done, or nothing helps
    is_overfull: bool = False  # more combinations than can be counted: nearly every row is alone

    @property
    def is_met(self) -> bool:
        return not self.is_overfull and all(alone.rows_below == 0 for alone in self.subsets)

    @property
    def is_blocking(self) -> bool:
        return self.is_declared and not self.is_met

    def as_json(self) -> dict[str, Any]:
        made = self.generalised
        return {
            "profile": self.profile.value,
            "k": self.bounds.k,
            "l": self.bounds.l,
            "unit": self.bounds.unit.value,
            "isDeclared": self.is_declared,
            "isMet": self.is_met,
            "isOverfull": self.is_overfull,
            "quasiIdentifiers": list(self.columns),
            "rows": self.rows,
            "subsets": [alone.as_json(self.rows) for alone in self.subsets],
            "generalisation": None
            if made is None
            else {
                "proposals": [proposal.as_json() for proposal in made.proposals],
                "before": made.before.as_json(self.rows),
                "after": made.after.as_json(self.rows),
                "isCheapest": made.is_cheapest,
            },
        }


def percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
