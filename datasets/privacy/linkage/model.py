"""What somebody learns who joins a table with what other agencies have released: counts and names of columns only."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Via(StrEnum):
    LINK = "link"  # declared by either side
    NAME = "name"  # quasi-identifiers that are called alike on both sides


@dataclass(frozen=True, slots=True)
class Linkage:
    """One join. A row is unique when no other row agrees with it in the quasi-identifiers, and after the join in what
    the other table adds to them too. `one_to_one`: rows whose shared fields stand once here and once there, so that
    the other table's record is theirs.
    """

    dataset: str  # agency/dataset of the other side
    release: int
    via: Via
    shared: tuple[tuple[str, str], ...]  # column here, column there
    rows: int
    matched: int
    one_to_one: int
    unique_before: int
    unique_after: int
    by: tuple[tuple[str, int], ...]  # columns there that alone make most rows unique, and how many

    @property
    def become_unique(self) -> int:
        return self.unique_after - self.unique_before

    @property
    def is_telling(self) -> bool:
        return self.become_unique > 0 or self.one_to_one > 0

    def as_json(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "release": self.release,
            "via": self.via.value,
            "shared": [{"here": here, "there": there} for here, there in self.shared],
            "rows": self.rows,
            "matched": self.matched,
            "oneToOne": self.one_to_one,
            "uniqueBefore": self.unique_before,
            "uniqueAfter": self.unique_after,
            "becomeUnique": self.become_unique,
            "by": [{"field": field, "becomeUnique": rows} for field, rows in self.by],
        }
