"""Our seeded corpus: columns of planted identifiers in every writing that evades a plain look, and columns of codes,
measures and words as real files hold them, in which nothing is to be found.
"""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from publicgsb.datasets.contracts.model import FieldType

Make = Callable[[], str]
Write = Callable[[str, Random], str]

SCRIPTS = {
    "persian digits": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"),
    "arabic digits": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
    "full-width digits": str.maketrans("0123456789", "０１２３４５６７８９"),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """`kind` None: nothing is to be found."""

    kind: str | None
    writing: str
    name: str
    type: FieldType
    values: Sequence[str]


def _grouped(separator: str) -> Write:
    return lambda value, _: separator.join(value[at : at + 4] for at in range(0, len(value), 4))


def _translated(table: dict[int, int]) -> Write:
    return lambda value, _: value.translate(table)


WRITINGS: dict[str, Write] = {
    "plain": lambda value, _: value,
    **{name: _translated(table) for name, table in SCRIPTS.items()},
    "hyphens": _grouped("-"),
    "spaces": _grouped(" "),
    "slashes": _grouped("/"),
    "zero-width joiners": lambda value, _: "\u200c".join(value),
    "tatweel": lambda value, _: "\u0640".join(value),
    "non-breaking spaces": _grouped("\u00a0"),
    "direction marks": lambda value, _: f"\u202a{value}\u202c",
    "quotes": lambda value, _: f'"{value}"',
    "JSON object": lambda value, random: json.dumps({"id": random.randrange(99), "v": value}),
    "JSON array": lambda value, _: json.dumps([value, None]),
}
TEXTS = ("به شمارهٔ {} تماس بگیرید", "payment to {} was made", "نام: نمونه، {}، تهران", "see {}.")


def planted(kind: str, make: Make, random: Random, each: int) -> Iterator[Planted]:
    """`each` columns of 8 to 400 values per writing."""
    for writing, write in WRITINGS.items():
        for _ in range(each):
            values = [write(make(), random) for _ in range(random.randrange(8, 400))]
            yield Planted(kind, writing, "value", FieldType.STRING, values)


def in_text(kind: str, make: Make, random: Random, each: int, context: str = "") -> Iterator[Planted]:
    for _ in range(each):
        values = [random.choice(TEXTS).format(context + make()) for _ in range(random.randrange(8, 200))]
        yield Planted(kind, "running text", "note", FieldType.STRING, values)


def as_numbers(kind: str, make: Make, random: Random, each: int) -> Iterator[Planted]:
    """Programs that take a code for a number lose its zeros, and some of them write .0 behind it."""
    for _ in range(each):
        numbers = [str(int(make())) for _ in range(random.randrange(20, 400))]
        yield Planted(kind, "whole numbers", "value", FieldType.BIGINT, numbers)
        yield Planted(kind, "floats", "value", FieldType.NUMBER, [f"{number}.0" for number in numbers])
        yield Planted(kind, "numbers as text", "value", FieldType.STRING, numbers)


def last_of_many(kind: str, make: Make, random: Random, each: int) -> Iterator[Planted]:
    """One value in the last row, behind codes of the same length or words."""
    for _ in range(each):
        one = make()
        words = [f"row {at} of {random.randrange(10**6)}" for at in range(20_000)]
        yield Planted(kind, "last row, words", "note", FieldType.STRING, [*words, f"to {one}"])


def harmless(random: Random) -> Iterator[Planted]:
    """As in registers, timetables and measurements."""

    def column(name: str, values: Sequence[str], type_: FieldType = FieldType.STRING) -> Planted:
        return Planted(None, name, name, type_, values)

    def digits(count: int) -> str:
        return "".join(random.choice("0123456789") for _ in range(count))

    for rows in (9, 40, 300, 3_000):
        for length in (8, 9, 10, 11, 12, 13, 14, 16, 20, 24, 26):
            yield column(f"code of {length}", [digits(length) for _ in range(rows)])
            yield column(f"serial of {length}", [str(10 ** (length - 1) + 7 * at) for at in range(rows)])
        provinces = [f"{random.randrange(31):02d}{random.randrange(1, 30):02d}" for _ in range(rows)]
        yield column("district", [f"{one}{random.randrange(1, 9):02d}{at:04d}" for at, one in enumerate(provinces)])
        yield column("village", [f"{one}{random.randrange(1, 9):02d}0001{at:06d}" for at, one in enumerate(provinces)])
        yield column("timestamp", [str(1_700_000_000 + 61 * at) for at in range(rows)], FieldType.BIGINT)
        yield column("moment", [f"2013-{at % 12 + 1:02d}-01 {at % 24:02d}:30:00" for at in range(rows)])
        yield column("latitude", [repr(25 + random.random() * 15) for _ in range(rows)], FieldType.NUMBER)
        yield column("amount", [f"{random.randrange(10**9)}.{digits(2)}" for _ in range(rows)], FieldType.DECIMAL)
        yield column("landline", [f"021{random.randrange(22_000_000, 88_999_999)}" for _ in range(rows)])
        yield column("section", [f"{at % 9}.{at % 7}.{at % 5}.{at % 11}" for at in range(rows)])
        yield column("version", [f"v{at % 20}.{at % 7}.{at}" for at in range(rows)])
        yield column("office_mail", [f"info@agency{at}.ir" for at in range(rows)])
        yield column("isbn", [f"978-964-{digits(3)}-{digits(3)}-{at % 10}" for at in range(rows)])
        yield column("plate", [f"{digits(2)}ب{digits(3)}-{digits(2)}" for _ in range(rows)])
        yield column("hash", [base64.b16encode(random.randbytes(16)).decode() for _ in range(rows)])
        yield column("place", [f"{random.choice(('ده', 'شهر', 'کوی'))} {digits(2)}" for _ in range(rows)])
        yield column("birth_year", [str(1_320 + at % 80) for at in range(rows)], FieldType.INTEGER)
        yield column("json", [json.dumps({"code": digits(10), "n": at}) for at in range(rows)])
        yield column("landlines", [f"021-{digits(8)} - 021-{digits(8)}" for _ in range(rows)])
        yield column(
            "period", [f"20{at % 26:02d}-{at % 12 + 1:02d}-01/2027-03-{at % 28 + 1:02d} 9" for at in range(rows)]
        )
        yield column("ranges", [f"{digits(5)}-{digits(5)} / {digits(5)}-{digits(5)}" for _ in range(rows)])
        yield column("codes", [" ".join(digits(10) for _ in range(at % 3 + 1)) for at in range(rows)])
        yield column("counts", [" ".join(str(random.randrange(1_000)) for _ in range(24)) for _ in range(rows)])
        yield column("order text", [f"order {digits(10)} was shipped" for _ in range(rows)])
