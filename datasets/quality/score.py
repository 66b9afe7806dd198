"""The data score of a dataset, 0 to 100: a sum of five parts, each with its weight and what would raise it.

A part earns its weight times its share, rounded down to tenths, so that it is full only where nothing is missing.
Nothing is evened out between parts: whatever raises one raises the sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from publicgsb.datasets.contracts.model import AccessLevel, Cadence, Contract, Label
from publicgsb.datasets.ingest import jalali
from publicgsb.datasets.quality.counting import counted_columns
from publicgsb.datasets.registry import DatasetEntry, DatasetState, LinkRate, ReleaseRef

FIELDS_TOLD = 3  # the emptiest ones
_NONE, _ALL = Fraction(0), Fraction(1)


class PartName(StrEnum):
    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    KEYS = "keyUniqueness"
    LINKS = "linkMatch"
    TIMELINESS = "timeliness"


WEIGHTS: Mapping[PartName, int] = {
    PartName.COMPLETENESS: 30,
    PartName.VALIDITY: 20,
    PartName.KEYS: 15,
    PartName.LINKS: 15,
    PartName.TIMELINESS: 20,
}

# After how many days a new release is due; the others promise none.
PROMISED_DAYS: Mapping[Cadence, int] = {
    Cadence.CONTINUOUS: 1,
    Cadence.DAILY: 1,
    Cadence.WEEKLY: 7,
    Cadence.MONTHLY: 31,
    Cadence.QUARTERLY: 92,
    Cadence.YEARLY: 366,
}


@dataclass(frozen=True, slots=True)
class Part:
    """`share` is from 0 to 1. `raised_by` is None where nothing would raise it."""

    name: PartName
    share: Fraction
    counted: Label
    raised_by: Label | None

    @property
    def weight(self) -> int:
        return WEIGHTS[self.name]

    @property
    def tenths(self) -> int:
        """Tenths of a point."""
        return int(self.share * self.weight * 10)


@dataclass(frozen=True, slots=True)
class DataScore:
    parts: tuple[Part, ...]

    @property
    def value(self) -> float:
        """The sum of what the parts say, to a tenth."""
        return sum(part.tenths for part in self.parts) / 10


def utc_today() -> date:
    return datetime.now(UTC).date()


def data_score(entry: DatasetEntry, today: date) -> DataScore | None:
    """Of the current release, as it is on that day (UTC); None for a dataset that is not served.

    Restricted fields of a dataset that is not itself restricted count for nothing here: what is told to anybody says
    nothing of what is not.
    """
    current = entry.current
    if current is None or entry.state is not DatasetState.ACTIVE:
        return None
    return DataScore(
        (
            _completeness(entry, current),
            _validity(current),
            _keys(current.contract),
            _links(entry),
            _timeliness(entry.contract.cadence, current.published_at.astimezone(UTC).date(), today),
        )
    )


def _completeness(entry: DatasetEntry, release: ReleaseRef) -> Part:
    counted = release.counted
    names = _judged(entry, release)
    if counted is None:
        return Part(PartName.COMPLETENESS, _NONE, _NOT_COUNTED, _COUNT_IT)
    filled = {name: counted.filled[name] for name in names if name in counted.filled}
    share = _share(sum(filled.values()), len(filled) * release.rows)
    emptiest = sorted((number, name) for name, number in filled.items() if number < release.rows)
    told = Label(
        f"{sum(filled.values())} از {len(filled) * release.rows} خانه مقدار دارد.",
        f"{sum(filled.values()):,} of {len(filled) * release.rows:,} cells have a value.",
    )
    return Part(PartName.COMPLETENESS, share, told, _fill(emptiest, release.rows, entry) if emptiest else None)


def _judged(entry: DatasetEntry, release: ReleaseRef) -> list[str]:
    """Columns at today's levels; the dataset's own level is that of its files."""
    today, names = entry.contract, []
    for name in counted_columns(release.contract):
        now = today.by_name.get(name)
        level = today.access_of(now) if now else release.contract.access_of(release.contract.field(name))
        if level is AccessLevel.WITHHELD:
            continue
        if level is not AccessLevel.RESTRICTED or today.access is AccessLevel.RESTRICTED:
            names.append(name)
    return names


def _fill(emptiest: list[tuple[int, str]], rows: int, entry: DatasetEntry) -> Label:
    """Of a restricted dataset the sum alone is anybody's, so no field is named."""
    if entry.contract.access is AccessLevel.RESTRICTED:
        return Label("خانه‌های خالی را پر کنید.", "Fill the empty cells.")
    fa = "، ".join(f"{name} ({rows - number} خالی)" for number, name in emptiest[:FIELDS_TOLD])
    en = ", ".join(f"{name} ({rows - number:,} empty)" for number, name in emptiest[:FIELDS_TOLD])
    return Label(f"پر کردن این ستون‌ها: {fa}.", f"Fill these fields: {en}.")


def _validity(release: ReleaseRef) -> Part:
    """A file with one invalid cell is refused, so what varies is how many were valid as they came."""
    counted = release.counted
    if counted is None:
        return Part(PartName.VALIDITY, _NONE, _NOT_COUNTED, _COUNT_IT)
    valid = counted.cells_read - counted.put_right
    told = Label(
        f"{valid} از {counted.cells_read} خانهٔ فایل بی‌اصلاح پذیرفته شد.",
        f"{valid:,} of {counted.cells_read:,} cells of the file were valid as they came.",
    )
    raised_by = Label(
        "فایل را با رقم‌های لاتین، حرف‌های فارسی و صفرهای آغاز کدها بنویسید، تا چیزی اصلاح نشود.",
        "Write ASCII digits, Persian letters and the leading zeros of codes, so that nothing has to be put right.",
    )
    return Part(
        PartName.VALIDITY, _share(valid, counted.cells_read), told, raised_by if valid < counted.cells_read else None
    )


def _keys(contract: Contract) -> Part:
    if contract.is_aggregate_only:
        told = Label("هر خانه با بُعدهایش یکتاست.", "Each cell is the only one of its dimensions.")
        return Part(PartName.KEYS, _ALL, told, None)
    if contract.primary_key:
        named = ", ".join(contract.primary_key)
        told = Label(f"در هر رکورد {named} یکتاست.", f"No two records have the same {named}.")
        return Part(PartName.KEYS, _ALL, told, None)
    return Part(
        PartName.KEYS,
        _NONE,
        Label("قرارداد کلیدی ندارد.", "The contract declares no key."),
        Label("یک primaryKey در قرارداد بنویسید.", "Declare a primaryKey in the contract."),
    )


def _links(entry: DatasetEntry) -> Part:
    """Its own links, each alike; a dataset that has none is judged by the best of those that lead to it."""
    own = {name: rate for name, rate in entry.link_rates.items() if rate.rows}
    if own:
        share = sum(map(_rate, own.values()), _NONE) / len(own)
        return Part(PartName.LINKS, share, _rates(own), _mend(own) if share < 1 else None)
    leading = {name: rate for name, rate in entry.linked_from.items() if rate.rows}
    if leading:
        best = max(leading, key=lambda name: (_rate(leading[name]), name))
        share = _rate(leading[best])
        return Part(
            PartName.LINKS, share, _rates({best: leading[best]}), _mend({best: leading[best]}) if share < 1 else None
        )
    return Part(
        PartName.LINKS,
        _NONE,
        Label("با هیچ مجموعه‌دادهٔ دیگری پیوند ندارد.", "It is linked with no other dataset."),
        Label(
            "در قرارداد پیوندی به مجموعه‌داده‌ای که همین کدها را دارد بنویسید.",
            "Declare a link to a dataset that has the same codes.",
        ),
    )


def _rates(rates: Mapping[str, LinkRate]) -> Label:
    fa = "، ".join(f"{name}: {rate.matched} از {rate.rows}" for name, rate in sorted(rates.items()))
    en = ", ".join(f"{name}: {rate.matched:,} of {rate.rows:,}" for name, rate in sorted(rates.items()))
    return Label(f"رکوردی که پیوند می‌جوید پیدا شد: {fa}.", f"Rows whose link finds its record: {en}.")


def _mend(rates: Mapping[str, LinkRate]) -> Label:
    worst = min(sorted(rates), key=lambda name: _rate(rates[name]))
    lost = rates[worst].rows - rates[worst].matched
    return Label(
        f"{lost} ردیف را که {worst} برایشان چیزی نمی‌یابد درست کنید، یا رکوردهای نبوده را منتشر کنید.",
        f"Correct the {lost:,} rows for which {worst} finds nothing, or release the records that are missing.",
    )


def _timeliness(cadence: Cadence, published: date, today: date) -> Part:
    """Full until the promised day, then falling by the day; nothing once as much time again has passed."""
    if cadence is Cadence.ONCE:
        told = Label("یک بار برای همیشه منتشر شده است.", "It is released once and for all.")
        return Part(PartName.TIMELINESS, _ALL, told, None)
    if cadence not in PROMISED_DAYS:
        return Part(
            PartName.TIMELINESS,
            _NONE,
            Label("زمان انتشار بعدی وعده داده نشده است.", "No time of the next release is promised."),
            Label("در قرارداد cadence را بنویسید، مانند monthly.", "Promise a cadence in the contract, e.g. monthly."),
        )
    days = PROMISED_DAYS[cadence]
    due = published + timedelta(days=days)
    late = max(0, (today - due).days)
    told = Label(
        f"منتشر شده در {_jalali(published)}؛ وعدهٔ بعدی {_jalali(due)}.",
        f"Released on {published.isoformat()}; the next one is promised for {due.isoformat()}.",
    )
    raised_by = Label(f"{late} روز از وعده گذشته است: منتشر کنید.", f"It is {late:,} days late: release again.")
    return Part(PartName.TIMELINESS, max(_NONE, 1 - Fraction(late, days)), told, raised_by if late else None)


def _jalali(day: date) -> str:
    year, month, day_ = jalali.from_date(day)
    return f"{year}/{month:02}/{day_:02}"


def _rate(rate: LinkRate) -> Fraction:
    return _share(rate.matched, rate.rows)


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else _ALL


_NOT_COUNTED = Label("این انتشار هنوز شمرده نشده است.", "This release has not been counted yet.")
_COUNT_IT = Label("پردازهٔ کارها آن را می‌شمارد.", "The jobs process counts it.")
