"""Numbers and dates as each language writes them; on the wire they stay ASCII and ISO 8601."""

from datetime import date

from publicgsb.datasets.ingest import jalali

_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_MONTHS_FA = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
    "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def number(value: int, lang: str) -> str:
    """336776 as 336,776, or ۳۳۶٬۷۷۶ in Persian."""
    text = f"{value:,}"
    return digits(text.replace(",", "٬"), lang) if lang == "fa" else text


def digits(text: str, lang: str) -> str:
    return text.translate(_PERSIAN_DIGITS) if lang == "fa" else text


def day(value: date, lang: str) -> str:
    """23 November 2026, or ۲ آذر ۱۴۰۵: the Persian half counts by the Jalali calendar."""
    if lang != "fa":
        return f"{value.day} {_MONTHS_EN[value.month - 1]} {value.year}"
    year, month, day_ = jalali.from_date(value)
    return digits(f"{day_} {_MONTHS_FA[month - 1]} {year}", lang)


def percent(matched: int, rows: int, lang: str) -> str:
    """One decimal; 100 % means all of them and 0 % none, so what would be rounded to either is not."""
    tenths = (matched * 2000 + rows) // (2 * rows) if rows else 1000
    if 0 < matched < rows:
        tenths = min(max(tenths, 1), 999)
    text = f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"
    return digits(text.replace(".", "٫"), lang) + "٪" if lang == "fa" else f"{text}%"
