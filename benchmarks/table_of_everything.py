"""A table of twenty fields as agencies have them, from a seed: codes, ids of firms, measures, days, names, notes."""

from collections.abc import Iterator, Sequence
from random import Random

from publicgsb.datasets.contracts.model import Field, FieldType, Label

ROWS = 1_000_000
BATCH_ROWS = 4_096

_STRING, _INTEGER, _BIGINT = FieldType.STRING, FieldType.INTEGER, FieldType.BIGINT
COLUMNS: tuple[tuple[str, FieldType], ...] = (
    ("serial", _BIGINT), ("code_10", _STRING), ("code_16", _STRING), ("legal_id", _STRING), ("landline", _STRING),
    ("province", _STRING), ("county", _STRING), ("district", _STRING), ("firm", _STRING), ("street", _STRING),
    ("note", _STRING), ("site", _STRING), ("mail", _STRING), ("seen_at", _STRING), ("day", FieldType.DATE),
    ("year", FieldType.YEAR), ("latitude", FieldType.NUMBER), ("longitude", FieldType.NUMBER),
    ("amount", FieldType.DECIMAL), ("count", _INTEGER),
)  # fmt: skip
FIELDS = tuple(Field(name, name, type_, Label(name, name)) for name, type_ in COLUMNS)
_WORDS = (
    "شرکت", "بازرگانی", "نمونه", "ایران", "کاوه", "آسمان", "خیابان", "کوچه", "پلاک", "طبقه", "واحد", "شمالی", "جنوبی",
    "صنعتی", "تولیدی", "پخش",
)  # fmt: skip


def batches(rows: int, seed: int = 5) -> Iterator[dict[str, Sequence[str]]]:
    """COPY cells by column, a batch at a time; twelve of the columns hold a different value in nearly every row."""
    random = Random(seed)
    for start in range(0, rows, BATCH_ROWS):
        made = [_row(at, random) for at in range(start, min(start + BATCH_ROWS, rows))]
        yield {field.name: column for field, column in zip(FIELDS, zip(*made, strict=True), strict=True)}


def _row(at: int, random: Random) -> tuple[str, ...]:
    province, county, district = random.randrange(31), random.randrange(20), random.randrange(9)
    below = f"{province:02d}{county:02d}"
    return (
        str(at + 1), f"{below}{district:02d}{random.randrange(10_000):04d}", f"{below}{district:02d}0001{at:06d}",
        f"10{random.randrange(10**9):09d}", f"0{random.randrange(11, 88)}{random.randrange(10**8):08d}",
        f"{province:02d}", below, f"{below}{district:02d}", " ".join(random.choices(_WORDS, k=3)),
        f"{random.choice(_WORDS)} {random.choice(_WORDS)} {random.randrange(400)}",
        f"{random.choice(_WORDS)} در {random.randrange(1300, 1406)} با مجوز {random.randrange(10**6)} ثبت شد",
        f"https://agency{at % 5_000}.ir/{at}", f"info@agency{at % 5_000}.ir",
        f"2026-{at % 12 + 1:02d}-{at % 28 + 1:02d} {at % 24:02d}:{at % 60:02d}:00",
        f"20{at % 27:02d}-{at % 12 + 1:02d}-01",
        str(1990 + at % 36), repr(25 + random.random() * 15), repr(44 + random.random() * 19),
        f"{random.randrange(10**9)}.{at % 100:02d}", str(at % 7_000),
    )  # fmt: skip
