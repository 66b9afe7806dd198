"""Identifiers made of digits in one column: whole cells, running text, JSON, in the digits of any script.

Most cells of digits are digits and nothing else; those are taken by their length, a batch at a time. The rest is joined
and one pattern walks it: that costs less than a call per value.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from publicgsb.datasets.contracts.model import Field, FieldType
from publicgsb.datasets.privacy.detectors import (
    forms,
    is_bank_card,
    is_bare_sheba,
    legal_ids,
    mobiles,
    national_numbers,
)
from publicgsb.datasets.privacy.model import Form, Kind
from publicgsb.datasets.privacy.pack import Pack
from publicgsb.datasets.privacy.tally import Tally

_FRACTIONS = frozenset({FieldType.NUMBER, FieldType.DECIMAL})

# Digits of any script, between them at most three separators: space, hyphens, slash, underscore, tatweel, joiners,
# direction marks. A dot is none, or every coordinate would be looked at.
_GAP = "[ /_\u00a0\u00ad\u0640\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff-]{0,3}"
_RUN = re.compile(rf"\d(?:{_GAP}\d){{7,}}")
_NOT_DIGIT = re.compile(r"\D+")
_DIGITS = re.compile(r"\d+")
_UNSEEN = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")  # of the gaps
# What may stand around the digits of a cell that holds nothing else; most of it cannot be seen.
_AROUND = "\"' \u00a0\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff_-"
_BEFORE_WHOLE = re.compile(rf"[{_AROUND}]{{0,3}}(?:[Ii]{_GAP}[Rr])?[+({_AROUND}]{{0,4}}")
_AFTER_WHOLE = re.compile(rf"(?:\.0*)?[){_AROUND}]{{0,4}}")
_AFTER_IR = re.compile(rf"[Ii]{_GAP}[Rr]{_GAP}$")
# A value of JSON: what stands between a colon, a comma or a bracket and the next one.
_BEFORE_JSON = re.compile(r"[\[:,{] *\"?[+]?$")
_AFTER_JSON = re.compile(r"\"? *[\]},]")
_CONTEXT_CHARACTERS = 30
_AFTER_CHARACTERS = 16
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_LEAST_DIGITS = 8
_NINES = bytes(0x39 if byte in b"0123456789" else byte for byte in range(256))
_NINES_ENOUGH = b"9" * _LEAST_DIGITS
# The gaps of ASCII, and in UTF-8 the lead bytes of all others and whatever continues a character.
_OF_GAPS = b" /_-\xc2\xd9\xe2\xef" + bytes(range(0x80, 0xC0))
_LENGTHS = frozenset({8, 9, 10, 11, 12, 13, 14, 16, 24})
_LENGTH_MAX = max(_LENGTHS)
_PARTS_MAX = 7  # of one identifier: an account number written in fours


class NumberGate:
    """Sees the values of one column, in any order, repeated or not."""

    def __init__(self, field: Field, pack: Pack) -> None:
        self.tallies: dict[Form, Tally] = defaultdict(Tally)
        self._several: defaultdict[int, list[str]] = defaultdict(list)  # of cells of several numbers, by their length
        self.in_text: set[Form] = set()  # forms of which a fitting value stood beside something else
        self._has_fractions = field.type in _FRACTIONS
        self._is_postal = pack.is_called(Kind.POSTAL_CODE, field)
        self._context = pack.kinds[Kind.NATIONAL_ID].context
        self._is_national = pack.is_called(Kind.NATIONAL_ID, field)

    def observe(self, values: Sequence[str]) -> None:
        if self._has_fractions:
            values = _whole_numbers(values)
        joined = "".join(values)
        plain = values if joined.isdecimal() else [value for value in values if value.isdecimal()]
        for length in _LENGTHS.intersection(map(len, plain)):
            digits = [value for value in plain if len(value) == length]
            self._take_whole(length, digits if joined.isascii() else [_as_ascii(one) for one in digits])
        rest = values if not plain else ()
        if 0 < len(plain) < len(values):
            rest = [value for value in values if not value.isdecimal()]
        if few := _of_digits(rest):
            text = "\n".join(few)
            for run in _RUN.finditer(text):
                self._look(text, run.start(), run.end())
            self._take_several()

    def _take_whole(self, length: int, digits: list[str]) -> None:
        """Cells that are these digits and nothing else."""
        numbers = list(map(int, digits))
        if length <= 10:
            self.tallies[Form.NATIONAL_ID].add_all(numbers, national_numbers(numbers))
        if length == 10:
            if self._is_postal:
                self.tallies[Form.POSTAL_CODE].add_all(numbers, [n for n in numbers if n >= 1_000_000_000])
            else:
                self.tallies[Form.MOBILE_BARE].add_all(numbers, mobiles(numbers, digits))
        elif length == 11:
            self.tallies[Form.MOBILE].add_all(numbers, mobiles(numbers, digits))
            self.tallies[Form.LEGAL_ID].add_all(numbers, legal_ids(numbers))
        elif 12 <= length <= 14:
            mobile = [int(one) for one in digits if forms(one, is_after_ir=False)[0][1]]
            self.tallies[Form.MOBILE].add_all(numbers, mobile)
        elif length == 16:
            self.tallies[Form.BANK_CARD].add_all(numbers, _fitting(is_bank_card, digits))
        elif length == 24:
            self.tallies[Form.SHEBA_BARE].add_all(numbers, _fitting(is_bare_sheba, digits))

    def _look(self, text: str, start: int, end: int) -> None:
        before, after = _surroundings(text, start, end)
        is_whole = not (before or after) or bool(_BEFORE_WHOLE.fullmatch(before) and _AFTER_WHOLE.fullmatch(after))
        if not is_whole and (before[-1:] == "." or (after[:1] == "." and after[1:2].isdigit())):
            return  # the digits are a part of a decimal number
        is_json = not is_whole and bool(_AFTER_JSON.match(after) and _BEFORE_JSON.search(before))
        digits = _as_ascii(text[start:end])
        found = forms(digits, bool(before) and _AFTER_IR.search(before) is not None)
        self._count(digits, found, before, counts_all=is_whole or is_json, is_alone=is_whole)
        if len(digits) == end - start or any(is_fit for _, is_fit in found):
            return
        # Several numbers in one cell: a mobile and another, a card and the month of its end.
        parts = _parts(text[start:end])
        for group in _groups(parts) if not found else parts:
            if not (is_whole or is_json):
                self._count(group, forms(group, False), before, counts_all=False, is_alone=False)
            elif len(group) in _LENGTHS:
                self._several[len(group)].append(group)

    def _take_several(self) -> None:
        """At once, for there are many of them where cells are lists of numbers."""
        known = {form: tally.matched for form, tally in self.tallies.items()}
        for length, digits in self._several.items():
            self._take_whole(length, digits)
        if self._several:
            self.in_text |= {form for form, tally in self.tallies.items() if tally.matched > known.get(form, 0)}
        self._several.clear()

    def _count(
        self, digits: str, found: Sequence[tuple[Form, bool]], before: str, *, counts_all: bool, is_alone: bool
    ) -> None:
        for form, is_fit in found:
            if form is (Form.MOBILE_BARE if self._is_postal else Form.POSTAL_CODE):
                continue
            if counts_all or self._counts_in_text(form, before):
                self.tallies[form].add(int(digits), is_fit)
                if is_fit and not is_alone:
                    self.in_text.add(form)

    def _counts_in_text(self, form: Form, before: str) -> bool:
        """Within running text, ten digits are an id only after a word that says so, or in a column that is called so;
        bare forms say nothing there.
        """
        if form in (Form.MOBILE, Form.BANK_CARD, Form.SHEBA):
            return True
        if form is not Form.NATIONAL_ID:
            return False
        return self._is_national or any(word in before.lower() for word in self._context)


def _parts(run: str) -> list[str]:
    """The digits between the gaps that can be seen; between all gaps where there is no such."""
    parts = _DIGITS.findall(_UNSEEN.sub("", run))
    return [_as_ascii(part) for part in (parts if len(parts) > 1 else _DIGITS.findall(run))]


def _groups(parts: Sequence[str]) -> Iterator[str]:
    """What parts that stand beside one another make, where it is as long as an identifier."""
    for first in range(len(parts)):
        group = ""
        for part in parts[first : first + _PARTS_MAX]:
            group += part
            if len(group) > _LENGTH_MAX:
                break
            if len(group) in _LENGTHS:
                yield group


def _of_digits(values: Sequence[str]) -> Sequence[str]:
    """Those in which `_RUN` may find something: digits enough, with nothing between them that is surely no gap.

    Bytes that may be of a gap are taken out, and what is left of the digits must stand together. That is far cheaper
    than trying the pattern.
    """
    text = "\n".join(values)
    if not text.isascii() and _OTHER_DIGIT.search(text):
        return values
    together = text.encode().translate(_NINES, _OF_GAPS).split(b"\n")
    if len(together) != len(values):
        return values
    return [value for value, digits in zip(values, together, strict=True) if _NINES_ENOUGH in digits]


def _fitting(is_fit: Callable[[str], bool], digits: Sequence[str]) -> list[int]:
    return [int(one) for one in digits if is_fit(one)]


def _whole_numbers(numbers: Sequence[str]) -> list[str]:
    """Those that may hold an identifier: with digits enough before the point, and after it nothing but zeros.

    12345678.0 was a whole number once. The last character tells most numbers with a point from those.
    """
    return [
        number.partition(".")[0]
        for number in numbers
        if "." not in number or (number[-1] in "0." and number.find(".") >= _LEAST_DIGITS and _is_whole(number))
    ]


def _is_whole(number: str) -> bool:
    return not number.partition(".")[2].strip("0")


def _surroundings(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands in the same cell shortly before and after; most runs of digits fill their cell."""
    begins_cell = start == 0 or text[start - 1] == "\n"
    ends_cell = end == len(text) or text[end] == "\n"
    if begins_cell and ends_cell:
        return "", ""
    near = max(0, start - _CONTEXT_CHARACTERS)
    before = text[max(near, text.rfind("\n", near, start) + 1) : start]
    return before, text[end : end + _AFTER_CHARACTERS].partition("\n")[0]


def _as_ascii(run: str) -> str:
    if run.isascii() and run.isdigit():
        return run
    bare = _NOT_DIGIT.sub("", run)
    return bare if bare.isascii() else "".join(str(int(digit)) for digit in bare)
