"""One column of a batch at a time: each distinct cell is judged once, then looked up.

Most columns of real files hold few distinct values, so a batch costs one dictionary look-up per cell, in C. The
memory of a column is bounded: it is forgotten when it holds `_MEMO_MAX` cells or `_MEMO_CHARACTERS_MAX` characters.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeAlias

from publicgsb.datasets.contracts.codes import is_restored
from publicgsb.datasets.contracts.model import Field, FieldType, Normalisation, Transform
from publicgsb.datasets.formats.coded import Coded
from publicgsb.datasets.formats.model import BROKEN_MARK, NESTED_CELL, NULL_CELL, plain
from publicgsb.datasets.ingest import persian
from publicgsb.datasets.ingest.flaws import CellError, Flaw, missing_value, nested, through_a_spreadsheet, wrong_type
from publicgsb.datasets.ingest.transforms import Step, compile_transform
from publicgsb.datasets.ingest.values import NULL, compile_field, unescape
from publicgsb.datasets.privacy.gate import ColumnGate, is_gated

_MEMO_MAX = 16_384
_MEMO_CHARACTERS_MAX = 2_000_000
_MIDNIGHT = "T00:00:00"
_REFUSED = "\\!"  # no cell of COPY's text format is written so

_Change: TypeAlias = tuple[str, Step]  # the name under which changes are counted, and what changes


class _Memo(dict[str, str]):
    """Cell → COPY text; a cell not seen before is converted."""

    __slots__ = ("_convert",)

    def __init__(self, convert: Callable[[str], str]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, cell: str) -> str:
        copied = self[cell] = self._convert(cell)
        return copied


class Column:
    """Reads cells of the file, or for a derived field the COPY cells of its source column."""

    def __init__(
        self,
        field: Field,
        *,
        is_key: bool,
        is_released: bool,
        is_identifier: bool = False,
        is_workplace: bool = False,
    ) -> None:
        self.field = field
        self.changes: Counter[str] = Counter()
        self.nulls = 0  # rows without a value
        self.gate = ColumnGate(field, is_workplace=is_workplace) if is_released and is_gated(field) else None
        self._absent = missing_value(is_key) if field.required or is_key else None
        self._missing = frozenset({NULL} if field.derive else {m.value for m in field.missing_values})
        self._is_identifier = is_identifier
        self._has_marks = self._reads_midnight = False
        self._steps = _steps(field)
        self._write = compile_field(field)
        self._memo = _Memo(self._convert)
        self._flaws: dict[str, Flaw] = {}
        # Only what is put right in the file's own cells is told; a derived field is new anyway.
        self._changed: dict[str, set[str]] = {} if field.derive else {name: set() for name, _ in self._steps}
        self._unseen: list[str] = []  # by the gate
        self._characters_held = 0

    def expect_marks(self) -> None:
        """The cells come of a typed format: some say more than their text (formats/model.py)."""
        if not self.field.derive:
            self._has_marks = True
            self._missing |= {NULL_CELL}
            # Workbooks and data frames keep a day as the moment at which it begins.
            self._reads_midnight = self.field.type is FieldType.DATE and self.field.format == "default"

    def convert(self, cells: Sequence[str]) -> Sequence[str]:
        """The batch as COPY cells, coded if it is; what is wrong with it is told by `flaws`."""
        if len(self._memo) > _MEMO_MAX or self._characters_held > _MEMO_CHARACTERS_MAX:
            self._forget()
        copied = list(map(self._memo.__getitem__, _distinct(cells)))
        if nulls := copied.count(NULL):
            self.nulls += _count_of(cells.coded_as(copied), (NULL,)) if isinstance(cells, Coded) else nulls
        for name, changed in self._changed.items():
            if changed:
                self.changes[name] += _count_of(cells, changed)
        if self.gate is not None and self._unseen:
            self.gate.observe(self._unseen)
            self._unseen.clear()
        return cells.coded_as(copied) if isinstance(cells, Coded) else copied

    def flaws(self, cells: Sequence[str]) -> Iterator[tuple[int, Flaw]]:
        """Positions in the batch just converted, in order."""
        if not self._flaws or self._flaws.keys().isdisjoint(_distinct(cells)):
            return
        for position, cell in enumerate(cells):
            if flaw := self._flaws.get(cell):
                yield position, flaw

    def _forget(self) -> None:
        self._memo.clear()
        self._flaws.clear()
        self._characters_held = 0
        for changed in self._changed.values():
            changed.clear()

    def _convert(self, cell: str) -> str:
        self._characters_held += len(cell)
        if cell in self._missing:
            return self._null(cell)
        if cell == _REFUSED and self.field.derive:
            return _REFUSED  # told once, at the source column
        text: str | None = unescape(cell) if self.field.derive else cell
        if self._has_marks and cell[:1] == "\0":
            if (flaw := self._flaw_of_mark(cell)) is not None:
                self._flaws[cell] = flaw
                return _REFUSED
            text = plain(cell)
        if self._reads_midnight and text is not None:
            text = text.removesuffix(_MIDNIGHT)
        for name, step in self._steps:
            if text is None:
                break
            before, text = text, step(text)
            if text != before and name in self._changed:
                self._changed[name].add(cell)
        if text is None:
            return self._null(cell)
        try:
            copied = self._write(text)
        except CellError as error:
            self._flaws[cell] = error.flaw
            return _REFUSED
        if self.gate is not None:
            self._unseen.append(copied)
        return copied

    def _flaw_of_mark(self, cell: str) -> Flaw | None:
        if cell == NESTED_CELL:
            return nested()
        if cell.startswith(BROKEN_MARK):
            return wrong_type(self.field.type)
        is_kept = is_restored(self.field, plain(cell)) or not self._is_identifier
        return None if is_kept else through_a_spreadsheet()

    def _null(self, cell: str) -> str:
        if self._absent is not None:
            self._flaws[cell] = self._absent
            return _REFUSED
        return NULL


def _distinct(cells: Sequence[str]) -> Sequence[str]:
    """Of a coded column its texts; of a list all cells, repeated or not."""
    return cells.distinct if isinstance(cells, Coded) else cells


def _count_of(cells: Sequence[str], texts: Collection[str]) -> int:
    if isinstance(cells, Coded):
        from publicgsb.datasets.ingest.coded_copy import count_of  # noqa: PLC0415 - pyarrow, which made the column

        return count_of(cells, texts)
    return sum(map(texts.__contains__, cells))


def _steps(field: Field) -> tuple[_Change, ...]:
    """What is put right in a cell, then the field's own functions; two of one name are counted together."""
    own: tuple[Transform, ...] = field.derive.transforms if field.derive else field.transforms
    put_right: list[_Change] = []
    if Normalisation.DIGITS in field.normalise:
        put_right.append((Normalisation.DIGITS, persian.digits))
    if Normalisation.LETTERS in field.normalise:
        put_right.append((Normalisation.LETTERS, persian.letters))
    return (*put_right, *((str(t.kind), compile_transform(t)) for t in own))
