"""The cheapest way to make every group large enough, by functions that a contract can name.

Each column has a ladder: itself, coarser and coarser, gone. What a rung costs is how much of the column's information
goes with it (of its distinct values' logarithm). Ways are tried in the order of what they cost, so the first that
serves is the cheapest; where there are too many to try, the most telling column is made coarser step by step.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import log

from publicgsb.datasets.contracts.model import Field, FieldType, Transform, TransformKind
from publicgsb.datasets.contracts.transforms import fits
from publicgsb.datasets.ingest.transforms import compile_transform
from publicgsb.datasets.ingest.values import NULL, unescape
from publicgsb.datasets.privacy.anonymity.counting import Codes, Numbering, Table, alone, is_met, projected
from publicgsb.datasets.privacy.verdicts import Proposal

WORK_MAX = 4_000_000  # combinations looked at, in all and for each set of columns; some ten seconds
WORK_OF_A_WAY = 10  # what one costs that falls to columns known to fail, in combinations
BASIS = "IR-FOI-14"
_PREFIXES = (10, 7, 6, 5, 4, 3, 2, 1)
_PLACES = (3, 2, 1, 0, -1, -2, -3, -4)
_GONE = 0  # the one number of a column that is dropped


@dataclass(frozen=True, slots=True)
class Rung:
    """`is_gone`: the column is dropped; no steps: it stays as it is. `codes`: number → number."""

    steps: tuple[Transform, ...]
    is_gone: bool
    codes: Sequence[int]
    cost: float

    @property
    def is_changed(self) -> bool:
        return self.is_gone or bool(self.steps)


@dataclass(frozen=True, slots=True)
class Way:
    proposals: tuple[Proposal, ...]
    table: Table
    is_cheapest: bool


def cheapest(table: Table, fields: Sequence[Field], numberings: Sequence[Numbering]) -> Way | None:
    """None when even dropping all columns does not help."""
    ladders = [ladder(field, list(numbering)) for field, numbering in zip(fields, numberings, strict=True)]
    if not is_met(_generalised(table, ladders, [len(rungs) - 1 for rungs in ladders]))[0]:
        return None
    small = _SmallSets(table, ladders)
    ladders = [
        tuple(rung for level, rung in enumerate(rungs) if not small.fails({at: level}))
        for at, rungs in enumerate(ladders)
    ]
    small = _SmallSets(table, ladders, small.looked_at)
    last = tuple(len(rungs) - 1 for rungs in ladders)
    work = 0
    start = (0,) * len(ladders)
    queue, seen = [(_cost(ladders, start), start)], {start}
    while queue:
        _, levels = heapq.heappop(queue)
        work += WORK_OF_A_WAY
        if not small.fail(levels):
            made = _generalised(table, ladders, levels)
            serves, looked_at = is_met(made)
            work += len(table.counts) + looked_at
            if serves:
                return _way(made, fields, ladders, levels, is_cheapest=True)
        if work + small.looked_at > WORK_MAX:
            return _step_by_step(table, fields, ladders, levels)
        for at in range(len(levels)):
            if levels[at] < last[at]:
                higher = (*levels[:at], levels[at] + 1, *levels[at + 1 :])
                if higher not in seen:
                    seen.add(higher)
                    heapq.heappush(queue, (_cost(ladders, higher), higher))
    return None


class _SmallSets:
    """Which rungs of one or two columns leave a group too small by themselves: no way by them serves, as what stands
    beside them only parts the groups further. Nearly all ways fall to one of these, and each is counted once.
    """

    def __init__(self, table: Table, ladders: Sequence[Sequence[Rung]], looked_at: int = 0) -> None:
        self._table = table
        self._ladders = ladders
        self._known: dict[tuple[tuple[int, int], ...], bool] = {}
        self.looked_at = looked_at  # combinations

    def fail(self, levels: Sequence[int]) -> bool:
        """Whether two of these rungs do."""
        places = range(len(levels))
        return any(self.fails({one: levels[one], other: levels[other]}) for one, other in combinations(places, 2))

    def fails(self, levels: Mapping[int, int]) -> bool:
        """Whether these columns on these rungs do, by their places."""
        key = tuple(levels.items())
        if key not in self._known:
            self._known[key] = self._counted(levels)
        return self._known[key]

    def _counted(self, levels: Mapping[int, int]) -> bool:
        table = self._table
        self.looked_at += len(table.counts)
        part = replace(
            table,
            counts=projected(table.counts, [*levels, *table.extras]),
            quasi=tuple(table.quasi[place] for place in levels),
        )
        made = _generalised(part, [self._ladders[place] for place in levels], tuple(levels.values()))
        return alone(made.counts, made.quasi, made.sensitive, made.bounds).rows_below > 0


def _cost(ladders: Sequence[Sequence[Rung]], levels: Sequence[int]) -> float:
    return sum(rungs[level].cost for rungs, level in zip(ladders, levels, strict=True))


def ladder(field: Field, values: Sequence[str]) -> tuple[Rung, ...]:
    """`values` by their numbers; a rung stands for what makes fewer of them than the one below."""
    rungs = [Rung((), False, range(len(values)), 0.0)]
    distinct = len(values)
    for steps in _functions(field, values):
        codes, left = _renumbered(values, steps)
        if left < distinct:
            distinct = left
            rungs.append(Rung(steps, False, codes, 1 - log(1 + left) / log(1 + len(values))))
    return (*rungs, Rung((), True, [_GONE] * len(values), 1.0))


def _functions(field: Field, values: Sequence[str]) -> list[tuple[Transform, ...]]:
    """From fine to coarse. Of names a prefix would make nonsense; codes and written dates have meaning in front."""
    kind = TransformKind
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        year = Transform(kind.JALALI_YEAR)
        return [(year,), (year, Transform(kind.ROUND, -1))] if field.derive is None else []
    if field.type is FieldType.STRING:
        present = [value for value in values if value != NULL]
        is_coded = all(value.isascii() and any(map(str.isdigit, value)) for value in present)
        width = max(map(len, present), default=0) if is_coded else 0
        return [(Transform(kind.PREFIX, length),) for length in _PREFIXES if length < width]
    if fits(kind.ROUND, field.type, field.type):
        return [(Transform(kind.ROUND, places),) for places in _PLACES]
    return []


def _renumbered(values: Sequence[str], steps: tuple[Transform, ...]) -> tuple[list[int], int]:
    numbering = Numbering()
    functions = [compile_transform(step) for step in steps]
    codes = []
    for value in values:
        text: str | None = None if value == NULL else unescape(value)
        for function in functions:
            text = None if text is None else function(text)
        codes.append(numbering[NULL if text is None else text])
    return codes, len(numbering)


def _generalised(table: Table, ladders: Sequence[Sequence[Rung]], levels: Sequence[int]) -> Table:
    """The table after the rungs; columns that are gone are no columns of it."""
    rungs = [rungs[level] for rungs, level in zip(ladders, levels, strict=True)]
    kept = [place for place, rung in enumerate(rungs) if not rung.is_gone]
    translate: list[Callable[[int], int]] = [rungs[place].codes.__getitem__ for place in kept]
    made: dict[Codes, int] = {}
    for key, rows in projected(table.counts, [*kept, *table.extras]).items():
        quasi = tuple(code(number) for code, number in zip(translate, key, strict=False))
        whole = quasi + key[len(kept) :]
        made[whole] = made.get(whole, 0) + rows
    return replace(table, counts=made, quasi=tuple(table.quasi[place] for place in kept))


def _step_by_step(
    table: Table, fields: Sequence[Field], ladders: Sequence[Sequence[Rung]], levels: tuple[int, ...]
) -> Way | None:
    """The column with most values left goes up a rung, until it serves; at the top of all ladders it does."""
    while True:
        made = _generalised(table, ladders, levels)
        if is_met(made)[0]:
            return _way(made, fields, ladders, levels, is_cheapest=False)
        open_to = [at for at, level in enumerate(levels) if level + 1 < len(ladders[at])]
        if not open_to:
            return None
        at = max(open_to, key=lambda i: len(set(ladders[i][levels[i]].codes)))
        levels = (*levels[:at], levels[at] + 1, *levels[at + 1 :])


def _way(
    made: Table, fields: Sequence[Field], ladders: Sequence[Sequence[Rung]], levels: Sequence[int], *, is_cheapest: bool
) -> Way:
    proposals = []
    for field, rungs, level in zip(fields, ladders, levels, strict=True):
        if rungs[level].is_changed:
            proposals.append(Proposal(field.name, rungs[level].steps, BASIS))
    return Way(tuple(proposals), made, is_cheapest)
