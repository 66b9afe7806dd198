"""Hidden columns of a batch, from its COPY cells. Each distinct cell is worked out once, then looked up."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from publicgsb.datasets.contracts.hidden import Hidden, HiddenKind, hidden_columns
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.formats.coded import Coded
from publicgsb.datasets.ingest.alphabet import folded_key, has_madda, sort_key
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
        self._folds = _Memo(lambda cell: fold(unescape(cell)))
        self._lines = _Memo(lambda cell: [] if cell == NULL else search_lines(self._folds[cell]))
        self._memos = [_Memo(self._maker(column)) for column in self._columns]
        self.names = tuple(column.name for column in self._columns)

    def cells(self, copied: Mapping[str, Sequence[str]]) -> list[Sequence[str]]:
        """`copied` are the COPY cells of the batch, by column; what is made of a coded column alone is coded."""
        self._folds.forget_if_large()
        self._lines.forget_if_large()
        for memo in self._memos:
            memo.forget_if_large()
        return [
            _mapped(memo.__getitem__, copied[column.sources[0]])
            if len(column.sources) == 1
            else list(map(self._search, zip(*(copied[source] for source in column.sources), strict=True)))
            for column, memo in zip(self._columns, self._memos, strict=True)
        ]

    def _maker(self, column: Hidden) -> Callable[[str], str]:
        match column.kind:
            case HiddenKind.FOLD:
                return lambda cell: NULL if cell == NULL else escape(self._folds[cell])
            case HiddenKind.SORT:
                return lambda cell: NULL if cell == NULL else escape(self._key(cell))
            case HiddenKind.SEARCH:
                return lambda cell: self._search((cell,))

    def _key(self, cell: str) -> str:
        return sort_key(unescape(cell)) if has_madda(cell) else folded_key(self._folds[cell])

    def _search(self, record: Sequence[str]) -> str:
        """A line that two fields share is there once."""
        return escape(search_text(dict.fromkeys(chain.from_iterable(map(self._lines.__getitem__, record)))))


def _mapped(make: Callable[[str], str], cells: Sequence[str]) -> Sequence[str]:
    return cells.coded_as(list(map(make, cells.distinct))) if isinstance(cells, Coded) else list(map(make, cells))
