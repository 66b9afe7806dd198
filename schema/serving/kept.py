"""Answers kept in memory.

Releases are immutable, so a statement, which is bound to its releases, and its arguments name their records for ever:
nothing expires and nothing is invalidated. Access, price and binding come first, so what was recalled or withdrawn is
refused before this is asked, and a kept answer costs its caller what it costs anybody.
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from sys import getsizeof
from typing import Any, NamedTuple, TypeAlias

from publicgsb.schema.sql.builder import Statement

ENTRY_BYTES_MAX = 256 * 1024
OVERHEAD_BYTES = 1_000  # of an entry beside its JSON and its arguments
BINDER_BYTES = 400  # of each parameter of a statement, whose functions stay with it (measured: 270 to 650)

KeptKey: TypeAlias = tuple[Statement, tuple[Any, ...]]


class Records(NamedTuple):
    """`roots` holds JSON bytes by root field, `counts` records read by level; `size` is the bytes of all JSON.

    Where `size` is above the limit, the roots are not there.
    """

    roots: Mapping[int, bytes]
    counts: Mapping[int, int]
    size: int = 0


class Kept:
    """At most `bytes_max` of answers, those that were asked last; 0 keeps none.

    What they are found by counts too: callers choose it, and it can be larger than the answer. A statement counts once,
    as long as some answer to it is kept.
    """

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._kept: OrderedDict[KeptKey, tuple[Records, int]] = OrderedDict()
        self._answers: Counter[Statement] = Counter()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def get(self, key: KeptKey) -> Records | None:
        found = self.find(key)
        if found is None:
            self.misses += 1
        else:
            self.note_use(key)
        return found

    def find(self, key: KeptKey) -> Records | None:
        """What is there, before it is known whether it will be used."""
        found = self._kept.get(key)
        return None if found is None else found[0]

    def note_use(self, key: KeptKey) -> None:
        """Of one that was found."""
        self.hits += 1
        self._kept.move_to_end(key)

    def keep(self, key: KeptKey, records: Records) -> None:
        statement, arguments = key
        size = OVERHEAD_BYTES + sum(map(_bytes_of, arguments)) + sum(map(len, records.roots.values()))
        if size + _weight(statement) > min(ENTRY_BYTES_MAX, self._bytes_max) or key in self._kept:
            return
        self._kept[key] = (records, size)
        self._answers[statement] += 1
        self.bytes += size + (_weight(statement) if self._answers[statement] == 1 else 0)
        while self.bytes > self._bytes_max:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        (statement, _), (_, size) = self._kept.popitem(last=False)
        self.bytes -= size
        self._answers[statement] -= 1
        if not self._answers[statement]:
            del self._answers[statement]
            self.bytes -= _weight(statement)


def _weight(statement: Statement) -> int:
    return len(statement.text) + BINDER_BYTES * len(statement.binders)


def _bytes_of(argument: Any) -> int:
    return sum(map(getsizeof, argument)) if type(argument) is tuple else getsizeof(argument)


def key_of(statement: Statement, arguments: Sequence[Any]) -> KeptKey:
    """Arguments are scalars or flat lists of them."""
    return (statement, tuple([tuple(value) if type(value) is list else value for value in arguments]))
