"""Hidden columns of a batch, from its COPY cells. Each distinct cell is worked out once, then looked up."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from publicgsb.datasets.contracts.hidden import Hidden, HiddenKind, hidden_columns
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.ingest.alphabet import sort_key
from publicgsb.datasets.ingest.persian import fold
from publicgsb.datasets.ingest.search_form import search_lines, search_text
from publicgsb.datasets.ingest.values import NULL, escape, unescape

_MEMO_MAX = 16_384
_MEMO_CHARACTERS_MAX = 2_000_000

T = TypeVar("T")


class _Memo(dict[str, T]):
    """Cell → what is made of it."""

    __slots__ = ("_characters_held", "_make")

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make
        self._characters_held = 0

    def __missing__(self, cell: str) -> T:
        self._characters_held += len(cell)
        made = self[cell] = self._make(cell)
        return made

    def forget_if_large(self) -> None:
        """Between batches: memory is bounded whatever a column holds."""
        if len(self) > _MEMO_MAX or self._characters_held > _MEMO_CHARACTERS_MAX:
            self.clear()
            self._characters_held = 0


class HiddenColumns:
    """The hidden columns of one contract; `names` in the order in which `cells` gives them."""

    def __init__(self, contract: Contract) -> None:
        self._columns = hidden_columns(contract)
        self._folds = _Memo(lambda cell: _made(cell, fold))
        self._keys = _Memo(lambda cell: _made(cell, sort_key))
        self._lines = _Memo(lambda cell: [] if cell == NULL else search_lines(unescape(cell)))
        self.names = tuple(column.name for column in self._columns)

    def cells(self, copied: Mapping[str, Sequence[str]]) -> list[list[str]]:
        """`copied` are the COPY cells of the batch, by column."""
        for memo in (self._folds, self._keys, self._lines):
            memo.forget_if_large()
        return [self._cells(column, [copied[source] for source in column.sources]) for column in self._columns]

    def _cells(self, column: Hidden, sources: list[Sequence[str]]) -> list[str]:
        if column.kind is HiddenKind.SEARCH:
            return list(map(self._search, zip(*sources, strict=True)))
        memo = self._folds if column.kind is HiddenKind.FOLD else self._keys
        return list(map(memo.__getitem__, sources[0]))

    def _search(self, record: Sequence[str]) -> str:
        """A line that two fields share is there once."""
        return escape(search_text(dict.fromkeys(chain.from_iterable(map(self._lines.__getitem__, record)))))


def _made(cell: str, make: Callable[[str], str]) -> str:
    return NULL if cell == NULL else escape(make(unescape(cell)))
