"""Identifiers that somebody has split over two columns: 4 digits here, 6 there, whichever comes first.

Any two columns of digits whose widths add up to an identifier's are put together again, some rows of every batch. What
is asked is whether the column pair is personal, so a share of its rows tells; one certain value among them does not.
Of very many columns of digits only neighbours are tried, so that a wide file is read as fast as a narrow one.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, permutations

from publicgsb.datasets.contracts.model import Field, FieldType
from publicgsb.datasets.formats.batches import BATCH_ROWS
from publicgsb.datasets.ingest import persian
from publicgsb.datasets.privacy.detectors import is_bank_card, is_bare_sheba, is_mobile, national_numbers
from publicgsb.datasets.privacy.judging import judge
from publicgsb.datasets.privacy.model import Finding, Form
from publicgsb.datasets.privacy.pack import Pack, load_pack
from publicgsb.datasets.privacy.tally import Tally

ROWS_LOOKED_AT = 128  # of a batch, or of as many rows of a larger one
_WIDTH_MAX = 23
_DIGITS_FROM = 0.9  # of the cells that are not empty
_SHARE_FROM = 0.25  # of the rows of one batch that fit: below every threshold for pairs, far above chance
_ANY_PAIR_MAX = 64  # columns of digits; with more of them only neighbours are put together
_TALLIES_MAX = 128  # pairs that are counted: where so many look personal, the file is blocked by the first of them
_NULL = "\\N"
_TYPES = frozenset({FieldType.STRING, FieldType.INTEGER, FieldType.BIGINT})
_FORMS = {
    8: Form.NATIONAL_ID_SPLIT,  # of numbers whose first zeros are lost in every row
    9: Form.NATIONAL_ID_SPLIT,
    10: Form.NATIONAL_ID_SPLIT,
    11: Form.MOBILE_SPLIT,
    16: Form.BANK_CARD_SPLIT,
    24: Form.SHEBA_SPLIT,
}


class SplitGate:
    """Sees the released columns of one file, batch by batch, in COPY's text format."""

    def __init__(self, fields: Sequence[Field], pack: Pack | None = None) -> None:
        self._pack = pack or load_pack()
        self._fields = {field.name: field for field in fields if field.type in _TYPES and field.derive is None}
        self._widths: dict[str, int] = {}
        self._tallies: dict[tuple[str, str, Form], Tally] = {}
        self._passed: dict[tuple[str, str, Form], int] = {}  # numbers of the batches before a pair was counted

    def observe(self, copied: Mapping[str, Sequence[str]]) -> None:
        cells = {name: digits for name in self._fields if (digits := self._digits(name, copied[name])) is not None}
        for first, second in _pairs(list(cells)):
            width, rest = self._widths[first], self._widths[second]
            if width + rest in _FORMS and (width + rest >= 10 or self._fields[first].type is not FieldType.STRING):
                whole = [
                    a.zfill(width) + b.zfill(rest)
                    for a, b in zip(cells[first], cells[second], strict=True)
                    if a and b and len(a) <= width and len(b) <= rest
                ]
                self._take(first, second, width + rest, whole)

    def findings(self) -> tuple[Finding, ...]:
        """Only those that block. A finding stands at the wider of the two columns: without it nothing is left."""
        found = []
        for (first, second, form), tally in self._tallies.items():
            wide, narrow = sorted((first, second), key=self._widths.__getitem__, reverse=True)
            finding = judge(self._fields[wide], form, tally, self._pack, partner=narrow)
            if finding.is_blocking:
                found.append(finding)
        return tuple(found)

    def _digits(self, name: str, column: Sequence[str]) -> list[str] | None:
        """Some cells of a column, "" for those that are no digits; None when it is no column of digits."""
        looked_at = column[:: max(1, min(len(column), BATCH_ROWS) // ROWS_LOOKED_AT)]
        cells = [cell if cell.isdecimal() else "" for cell in looked_at]
        present = sum(map(bool, cells))
        if not present or present < _DIGITS_FROM * (len(cells) - looked_at.count(_NULL)):
            return None
        width = max(self._widths.get(name, 0), *map(len, cells))
        self._widths[name] = width
        if width > _WIDTH_MAX:
            return None
        return cells if "".join(cells).isascii() else [persian.digits(cell) for cell in cells]

    def _take(self, first: str, second: str, width: int, whole: list[str]) -> None:
        numbers = list(map(int, whole))
        match width:
            case 8 | 9 | 10:
                fitting = national_numbers(numbers)
                if width == 10:
                    mobiles = [int(one) for one in whole if is_mobile(one)]
                    self._add((first, second, Form.MOBILE_BARE_SPLIT), numbers, mobiles)
            case 11:
                fitting = [int(one) for one in whole if one[0] == "0" and is_mobile(one[1:])]
            case 16:
                fitting = [int(one) for one in whole if is_bank_card(one)]
            case _:
                fitting = [int(one) for one in whole if is_bare_sheba(one)]
        self._add((first, second, _FORMS[width]), numbers, fitting)

    def _add(self, key: tuple[str, str, Form], numbers: list[int], fitting: list[int]) -> None:
        """Pairs are many, so one is counted only from the batch on in which it looks like something.

        What came before stands against it: of numbers in a row, those that begin with 9 are one tenth of all.
        """
        tally = self._tallies.get(key)
        if tally is None:
            if not fitting or len(fitting) < _SHARE_FROM * len(numbers):
                self._passed[key] = self._passed.get(key, 0) + len(numbers)
                return
            if len(self._tallies) >= _TALLIES_MAX:
                # Of a few rows chance may fit any share; what it began makes room for what goes on.
                self._tallies = {k: t for k, t in self._tallies.items() if t.matched >= _SHARE_FROM * t.distinct}
            if len(self._tallies) >= _TALLIES_MAX:
                return
            tally = self._tallies[key] = Tally(self._passed.get(key, 0))
        tally.add_all(numbers, fitting)


def _pairs(names: Sequence[str]) -> Iterable[tuple[str, str]]:
    if len(names) <= _ANY_PAIR_MAX:
        return permutations(names, 2)
    return (pair for a, b in pairwise(names) for pair in ((a, b), (b, a)))
