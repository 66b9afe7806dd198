"""What the cells of one column could be, decided over all of them: a type is given up at the first cell it is not."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeAlias

from publicgsb.datasets.contracts.codes import says_code
from publicgsb.datasets.contracts.model import FieldType, Label
from publicgsb.datasets.drafting.model import ColumnDraft, Why
from publicgsb.datasets.formats.model import FLOAT_MARK, NULL_CELL, plain
from publicgsb.datasets.ingest import jalali, persian
from publicgsb.datasets.ingest.transforms import NUMBER

VALUES_MAX = 30  # a column of more distinct values is no code list
_FIXED_WIDTH_MIN = 5
_SEEN_MAX, _SEEN_CHARACTERS_MAX = 16_384, 64
_INT4 = 2**31
MISSING_WORDS = frozenset({"NA", "N/A", "n/a", "NULL", "null", "None", "NaN", "nan", "-", "--", "—", "نامشخص", "ندارد"})

Form: TypeAlias = tuple[FieldType, str]  # the type and its format

_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,18})")
_JALALI = re.compile(r"(1[2-6][0-9]{2})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_JALALI_PLAIN = re.compile(r"(1[34][0-9]{2})([0-9]{2})([0-9]{2})")
_ZONED = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)
_DATE_WORDS = re.compile(r"date|tarikh|day|born|birth|تاریخ|تولد")
_YEAR_WORDS = re.compile(r"(?:^|[_ ])(?:year|sal)(?:[_ ]|$)|سال")
_FLAG_WORDS = re.compile(r"^(?:is|has)_")
_TRUTHS = frozenset({"true", "false", "True", "False", "TRUE", "FALSE"})


def _is_date(pattern: str) -> Callable[[str], bool]:
    def is_date(text: str) -> bool:
        try:
            return datetime.strptime(text, pattern).year >= 1600
        except ValueError:
            return False

    return is_date


def _is_iso_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).year >= 1600
    except ValueError:
        return False


def _is_jalali(form: re.Pattern[str], month: int) -> Callable[[str], bool]:
    def is_jalali(text: str) -> bool:
        found = form.fullmatch(text)
        if found is None:
            return False
        try:
            jalali.to_date(int(found[1]), int(found[month]), int(found[month + 1]))
        except ValueError:
            return False
        return True

    return is_jalali


def _is_year(text: str) -> bool:
    return (
        len(text) == 4 and text.isdigit() and text.isascii() and (1200 <= int(text) < 1500 or 1800 <= int(text) < 2200)
    )


_ZEROED = re.compile(r"[+-]?0[0-9]")

# In the order in which one is chosen; the name of the column decides between some.
_FORMS: tuple[tuple[Form, Callable[[str], bool]], ...] = (
    ((FieldType.BOOLEAN, "default"), _TRUTHS.__contains__),
    ((FieldType.BOOLEAN, "0/1"), {"0", "1"}.__contains__),
    ((FieldType.DATE, "jalali"), _is_jalali(_JALALI, 3)),
    ((FieldType.DATE, "jalali8"), _is_jalali(_JALALI_PLAIN, 2)),
    ((FieldType.DATE, "default"), _is_iso_date),
    ((FieldType.DATE, "%Y/%m/%d"), _is_date("%Y/%m/%d")),
    ((FieldType.DATETIME, "default"), lambda text: _ZONED.fullmatch(text) is not None),
    ((FieldType.DATETIME, "%Y-%m-%d %H:%M:%S"), _is_date("%Y-%m-%d %H:%M:%S")),
    ((FieldType.DATETIME, "%Y-%m-%dT%H:%M:%S"), _is_date("%Y-%m-%dT%H:%M:%S")),
    ((FieldType.YEAR, "default"), _is_year),
    ((FieldType.INTEGER, "default"), lambda text: _WHOLE.fullmatch(text) is not None),
    ((FieldType.NUMBER, "default"), lambda text: NUMBER.fullmatch(text) is not None),
)  # fmt: skip


class ColumnReading:
    """Sees the cells of one column, batch by batch."""

    def __init__(self, label: str, name: str) -> None:
        self._label, self._name = label, name
        self._forms = list(_FORMS)
        self._present = self._missing = 0
        self._seen: set[str] = set()  # looked at already: most columns repeat themselves
        self._words: Counter[str] = Counter()
        self._values: dict[str, None] | None = {}
        self._length_min, self._length_max, self._integer_max = 10**9, 0, 0
        self._is_digits = True
        self._has_leading_zero = self._has_foreign_digits = self._has_arabic_letters = self._was_float = False

    def observe(self, cells: Sequence[str]) -> None:
        distinct = dict.fromkeys(cells)
        empty = sum(cell in ("", NULL_CELL) for cell in cells)
        self._missing += empty
        self._present += len(cells) - empty
        for word in MISSING_WORDS & distinct.keys():
            self._words[word] += sum(cell == word for cell in cells)
        if len(self._seen) > _SEEN_MAX:
            self._seen.clear()
        new = distinct.keys() - self._seen
        self._seen |= {cell for cell in new if len(cell) <= _SEEN_CHARACTERS_MAX}
        for cell in new:
            text = plain(cell)
            if text and text not in MISSING_WORDS:
                self._was_float |= cell.startswith(FLOAT_MARK)
                self._look(text)

    def _look(self, text: str) -> None:
        ascii_text = persian.digits(text)
        self._has_foreign_digits |= ascii_text != text
        self._has_arabic_letters |= persian.letters(text) != text
        text = ascii_text
        self._forms = [form for form in self._forms if form[1](text)]
        self._length_min = min(self._length_min, len(text))
        self._length_max = max(self._length_max, len(text))
        self._has_leading_zero |= _ZEROED.fullmatch(text[:2]) is not None and text.isdigit()
        self._is_digits &= text.isdigit() and text.isascii()
        if _WHOLE.fullmatch(text):
            self._integer_max = max(self._integer_max, abs(int(text)))
        if self._values is not None:
            self._values[text] = None
            if len(self._values) > VALUES_MAX:
                self._values = None

    def drafted(self) -> ColumnDraft:
        (type_, format_), why = self._decided()
        if type_ is FieldType.STRING and why is None:
            self._take_words_for_values()
        in_words = sum(self._words.values())
        return ColumnDraft(
            label=self._label,
            name=self._name,
            type=type_,
            format=format_,
            why=why,
            present=self._present - in_words,
            missing=self._missing + in_words,
            missing_words=tuple(sorted(self._words)),
            length_min=self._length_min if self._length_max else 0,
            length_max=self._length_max,
            integer_max=self._integer_max,
            values=tuple(sorted(self._values or ())),
            has_foreign_digits=self._has_foreign_digits,
            has_arabic_letters=self._has_arabic_letters,
            was_float=self._was_float,
            is_digits=self._is_digits and self._length_max > 0,
        )

    def _take_words_for_values(self) -> None:
        """Among texts NA is Namibia as well as nothing, so it is taken for what it says."""
        for word in self._words:
            self._look(word)
        self._words.clear()

    def _decided(self) -> tuple[Form, Why | None]:
        if not self._length_max:
            return (FieldType.STRING, "default"), None
        forms = [form for form, _ in self._forms]
        told = f"{self._name} {self._label}".lower()
        for type_, format_ in forms:
            if format_ == "0/1":
                if _FLAG_WORDS.search(self._name):
                    return (FieldType.BOOLEAN, "default"), None
            elif format_ == "jalali8":
                if _DATE_WORDS.search(told):
                    return (FieldType.DATE, "jalali"), None
            elif type_ is FieldType.YEAR:
                if _YEAR_WORDS.search(told):
                    return (type_, format_), None
            elif type_ in (FieldType.INTEGER, FieldType.NUMBER):
                break
            else:
                return (type_, format_), None
        if self._is_digits and (why := self._code()) is not None:
            return (FieldType.STRING, "default"), why
        for type_, format_ in forms:
            if type_ is FieldType.INTEGER and self._integer_max >= _INT4:
                return (FieldType.BIGINT, format_), None
            if type_ in (FieldType.INTEGER, FieldType.NUMBER):
                return (type_, format_), None
        return (FieldType.STRING, "default"), None

    def _code(self) -> Why | None:
        if self._has_leading_zero:
            return Why.LEADING_ZERO
        if self._length_min == self._length_max >= _FIXED_WIDTH_MIN:
            return Why.FIXED_WIDTH
        return Why.NAME if says_code(self._name, Label(self._label, self._label)) else None
