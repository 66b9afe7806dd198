"""Exact counts of how many records agree in which columns, from distinct combinations and not from rows.

Columns are numbered as values come, so a combination is a few small numbers; a table of a million rows that describes
people coarsely has some ten thousand of them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import itemgetter
from typing import TypeAlias

from publicgsb.datasets.privacy.anonymity.model import SUBSET_MAX, Alone, Bounds, Unit

Codes: TypeAlias = tuple[int, ...]
Counts: TypeAlias = Mapping[Codes, int]


class Numbering(dict[str, int]):
    """Value → its number in the order of appearance."""

    def __missing__(self, value: str) -> int:
        number = self[value] = len(self)
        return number


@dataclass(frozen=True, slots=True)
class Table:
    """Distinct combinations of the quasi-identifiers, then the sensitive columns, then the contributor, with rows."""

    counts: Counts
    quasi: tuple[str, ...]
    sensitive: int  # how many columns
    bounds: Bounds

    @property
    def extras(self) -> tuple[int, ...]:
        return tuple(range(len(self.quasi), len(self.quasi) + self.sensitive + (self.bounds.unit is Unit.CONTRIBUTORS)))


def projected(counts: Counts, places: Sequence[int]) -> Counts:
    """The same rows by fewer of their numbers."""
    if not places:
        return {(): sum(counts.values())}
    made: Counter[Codes] = Counter()
    if len(places) == 1:
        place = places[0]
        for key, rows in counts.items():
            made[(key[place],)] += rows
    else:
        take = itemgetter(*places)
        for key, rows in counts.items():
            made[take(key)] += rows
    return made


def alone(counts: Counts, columns: tuple[str, ...], sensitive: int, bounds: Bounds) -> Alone:
    """`counts` are by `columns`, the sensitive ones and, where they are counted, the contributor."""
    width = len(columns)
    rows: Counter[Codes] = Counter()
    members: dict[Codes, set[int]] = {}
    values: list[dict[Codes, set[int]]] = [{} for _ in range(sensitive)]
    is_of_contributors = bounds.unit is Unit.CONTRIBUTORS
    for key, count in counts.items():
        group = key[:width]
        rows[group] += count
        for at, seen in enumerate(values):
            seen.setdefault(group, set()).add(key[width + at])
        if is_of_contributors:
            members.setdefault(group, set()).add(key[-1])
    sizes = {group: len(seen) for group, seen in members.items()} if is_of_contributors else rows
    least = {group: min(len(seen[group]) for seen in values) for group in rows} if sensitive else None
    below = sum(
        count
        for group, count in rows.items()
        if sizes[group] < bounds.k or (least is not None and least[group] < bounds.l)
    )
    return Alone(
        columns=columns,
        groups=len(rows),
        k_min=min(sizes.values(), default=0),
        unique_rows=sum(1 for count in rows.values() if count == 1),
        rows_below=below,
        l_min=min(least.values(), default=0) if least is not None else None,
    )


def subsets(table: Table) -> list[Alone]:
    """Every set of at most SUBSET_MAX columns, the most telling first, of two that tell as much the smaller.

    A set is counted from the smallest set that holds it and was counted before, so the many small ones cost little.
    """
    known: dict[tuple[int, ...], Counts] = {}
    places = tuple(range(len(table.quasi)))
    found: list[Alone] = []
    for size in range(min(SUBSET_MAX, len(places)), 0, -1):
        made: dict[tuple[int, ...], Counts] = {}
        for chosen in combinations(places, size):
            base, source = _smallest(known, chosen, (places, table.counts))
            positions = [base.index(place) for place in chosen]
            extras = [len(base) + at for at in range(len(table.extras))]
            made[chosen] = projected(source, [*positions, *extras])
            columns = tuple(table.quasi[place] for place in chosen)
            found.append(alone(made[chosen], columns, table.sensitive, table.bounds))
        known = made
    found.sort(key=lambda one: (-one.rows_below, -one.unique_rows, len(one.columns)))
    return found


def _smallest(
    known: Mapping[tuple[int, ...], Counts], chosen: tuple[int, ...], whole: tuple[tuple[int, ...], Counts]
) -> tuple[tuple[int, ...], Counts]:
    wanted = set(chosen)
    holding: Iterable[tuple[tuple[int, ...], Counts]] = (
        (base, counts) for base, counts in known.items() if wanted <= set(base)
    )
    return min((*holding, whole), key=lambda one: len(one[1]))


def is_met(table: Table) -> tuple[bool, int]:
    """Whether every set of columns is, and how many combinations were looked at to know it. If all columns together
    are, so is each set; else the largest sets decide.
    """
    places = tuple(range(len(table.quasi)))
    looked_at = 0
    for size in dict.fromkeys((len(places), min(SUBSET_MAX, len(places)))):
        for chosen in combinations(places, size):
            looked_at += len(table.counts)
            counts = projected(table.counts, [*chosen, *table.extras])
            columns = tuple(table.quasi[place] for place in chosen)
            if alone(counts, columns, table.sensitive, table.bounds).rows_below:
                break
        else:
            return True, looked_at
    return False, looked_at
