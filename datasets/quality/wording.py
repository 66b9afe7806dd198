"""What a part of the data score counted, and what would raise it, in Persian and English."""

from datetime import date

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.ingest import jalali
from publicgsb.datasets.quality.score import (
    Completeness,
    Keys,
    Links,
    Part,
    Timeliness,
    Uncounted,
    Validity,
    link_share,
)

FIELDS_TOLD = 3  # the emptiest ones


def counted(part: Part) -> Label:
    match part.counts:
        case Uncounted():
            return Label("این انتشار هنوز شمرده نشده است.", "This release has not been counted yet.")
        case Completeness(filled, cells):
            return Label(
                f"{_many(filled)} از {_many(cells)} خانه مقدار دارد.", f"{filled:,} of {cells:,} cells have a value."
            )
        case Validity(valid, cells):
            return Label(
                f"{_many(valid)} از {_many(cells)} خانهٔ فایل بی‌اصلاح پذیرفته شد.",
                f"{valid:,} of {cells:,} cells of the file were valid as they came.",
            )
        case Keys(None):
            return Label("قرارداد کلیدی ندارد.", "The contract declares no key.")
        case Keys(()):
            return Label("هر خانه با بُعدهایش یکتاست.", "Each cell is the only one of its dimensions.")
        case Keys(fields):
            named = ", ".join(fields or ())
            return Label(f"در هر رکورد {named} یکتاست.", f"No two records have the same {named}.")
        case Links(()):
            return Label("با هیچ مجموعه‌دادهٔ دیگری پیوند ندارد.", "It is linked with no other dataset.")
        case Links(rates):
            fa = "، ".join(f"{name}: {_many(rate.matched)} از {_many(rate.rows)}" for name, rate in rates)
            en = ", ".join(f"{name}: {rate.matched:,} of {rate.rows:,}" for name, rate in rates)
            return Label(f"ردیف‌هایی که پیوندشان رکوردش را می‌یابد: {fa}.", f"Rows whose link finds its record: {en}.")
        case Timeliness(is_final=True):
            return Label("یک بار برای همیشه منتشر شده است.", "It is released once and for all.")
        case Timeliness(promised_days=None):
            return Label("زمان انتشار بعدی وعده داده نشده است.", "No time of the next release is promised.")
        case Timeliness(published) as timeliness:
            due = timeliness.due
            return Label(
                f"منتشر شده در {_jalali(published)}؛ وعدهٔ بعدی {_jalali(due)}.",
                f"Released on {published.isoformat()}; the next one is promised for {due.isoformat()}.",
            )


def raised_by(part: Part) -> Label | None:
    """None where nothing would: the part is full."""
    if part.share == 1:
        return None
    match part.counts:
        case Uncounted():
            return Label("پردازهٔ کارها آن را می‌شمارد.", "The jobs process counts it.")
        case Completeness(_, _, ()):
            return Label("خانه‌های خالی را پر کنید.", "Fill the empty cells.")
        case Completeness(_, _, empty):
            fa = "، ".join(f"{name} ({_many(number)} خالی)" for name, number in empty[:FIELDS_TOLD])
            en = ", ".join(f"{name} ({number:,} empty)" for name, number in empty[:FIELDS_TOLD])
            return Label(f"این ستون‌ها را پر کنید: {fa}.", f"Fill these fields: {en}.")
        case Validity():
            return Label(
                "فایل را با رقم‌های لاتین، حرف‌های فارسی و صفرهای آغاز کدها بنویسید، تا چیزی اصلاح نشود.",
                "Write ASCII digits, Persian letters and the leading zeros of codes: then nothing has to be put right.",
            )
        case Keys():
            return Label("یک primaryKey در قرارداد بنویسید.", "Declare a primaryKey in the contract.")
        case Links(()):
            return Label(
                "در قرارداد پیوندی به مجموعه‌داده‌ای که همین کدها را دارد بنویسید.",
                "Declare a link to a dataset that has the same codes.",
            )
        case Links(rates):
            name, rate = min(rates, key=lambda one: link_share(one[1]))
            lost = rate.rows - rate.matched
            return Label(
                f"{_many(lost)} ردیف را که {name} برایشان چیزی نمی‌یابد درست کنید، یا رکوردهای نبوده را منتشر کنید.",
                f"Correct the {lost:,} rows for which {name} finds nothing, or release the records that are missing.",
            )
        case Timeliness(promised_days=None):
            return Label("در قرارداد cadence را بنویسید، مانند monthly.", "Promise a cadence in the contract: monthly…")
        case Timeliness() as timeliness:
            late = timeliness.days_late
            return Label(f"{late} روز از وعده گذشته است: منتشر کنید.", f"It is {late:,} days late: release again.")


def _many(number: int) -> str:
    return f"{number:,}".replace(",", "٬")


def _jalali(day: date) -> str:
    year, month, day_ = jalali.from_date(day)
    return f"{year}/{month:02}/{day_:02}"
