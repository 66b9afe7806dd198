"""شناسه ملی: the national id of a legal person in Iran, eleven digits of which the last one checks the others.

The rule is public, e.g. at http://www.aliarash.com/article/shenasameli/shenasa_meli.htm: the tenth digit plus two
is added to each of the first ten digits; the sums, weighted by 29, 27, 23, 19, 17 and again, are added up; what is left
of that by 11, ten counting as nought, is the eleventh digit. The middle six digits, the serial, are not all nought.
"""

import re

_WEIGHTS = (29, 27, 23, 19, 17) * 2
_SHAPE = re.compile(r"[0-9]{11}").fullmatch
_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_MARKS = re.compile(r"[\s\u200c\u200e\u200f-]+")  # what copying from a form brings along


def normalised(text: str) -> str:
    """The digits in Latin letters, without spaces and hyphens; whether they are an id remains open."""
    return _MARKS.sub("", text.translate(_LATIN))


def is_legal_id(digits: str) -> bool:
    """True for eleven digits with a right check digit; whose they are, the registry of companies knows."""
    return _SHAPE(digits) is not None and digits[3:9] != "000000" and check_digit(digits[:10]) == digits[10]


def check_digit(ten: str) -> str:
    """The eleventh digit to ten others."""
    added = int(ten[9]) + 2
    total = sum((int(digit) + added) * weight for digit, weight in zip(ten, _WEIGHTS, strict=True))
    return str(total % 11 % 10)
