"""What may be wrong with a cell, said once per field and not once per cell, in both languages."""

from dataclasses import dataclass
from functools import cache

from publicgsb.datasets.contracts.model import JALALI, FieldType, Label
from publicgsb.datasets.ingest.model import ErrorCode


@dataclass(frozen=True, slots=True)
class Flaw:
    code: ErrorCode
    message: Label
    fix: Label


class CellError(Exception):
    """A cell is not what its field asks for. Never leaves this folder."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.code.value)
        self.flaw = flaw


_WANTED = {
    FieldType.STRING: Label("متن", "text"),
    FieldType.INTEGER: Label("عدد صحیح", "a whole number"),
    FieldType.BIGINT: Label("عدد صحیح بزرگ", "a whole number"),
    FieldType.NUMBER: Label("عدد", "a number"),
    FieldType.DECIMAL: Label("عدد اعشاری دقیق", "a decimal number"),
    FieldType.BOOLEAN: Label("بله/خیر", "true or false"),
    FieldType.DATE: Label("تاریخ", "a date"),
    FieldType.DATETIME: Label("زمان", "a date and time"),
    FieldType.YEAR: Label("سال", "a year"),
}

_FIXES = {
    FieldType.STRING: Label("نویسهٔ NUL را حذف کنید.", "Remove the NUL character."),
    FieldType.INTEGER: Label(
        "فقط رقم، بی جداکننده و بی صفر آغازین؛ اگر کد است در قرارداد string اعلامش کنید.",
        "Digits only, no separators, no leading zero; if it is a code, declare the field a string.",
    ),
    FieldType.BIGINT: Label(
        "فقط رقم، بی جداکننده و بی صفر آغازین؛ اگر کد است در قرارداد string اعلامش کنید.",
        "Digits only, no separators, no leading zero; if it is a code, declare the field a string.",
    ),
    FieldType.NUMBER: Label(
        "مانند 12.5 بنویسید، بی جداکنندهٔ هزارگان.", "Write it as 12.5, without thousands separators."
    ),
    FieldType.DECIMAL: Label(
        "مانند 12.50 بنویسید، بی توان.", "Write it as 12.50, without separators or exponent."
    ),
    FieldType.BOOLEAN: Label(
        "true یا false بنویسید، یا trueValues و falseValues را در قرارداد اعلام کنید.",
        "Write true or false, or declare trueValues and falseValues.",
    ),
    FieldType.DATE: Label(
        "میلادی به شکل YYYY-MM-DD بنویسید، یا format را اعلام کنید.",
        "Write a Gregorian date as YYYY-MM-DD, or declare its format.",
    ),
    FieldType.DATETIME: Label(
        "به شکل 2026-11-23T08:30:00Z با Z یا اختلاف ساعت بنویسید، یا format را اعلام کنید.",
        "Write 2026-11-23T08:30:00Z with Z or an offset, or declare its format.",
    ),
    FieldType.YEAR: Label("چهار رقم بنویسید.", "Write four digits."),
}  # fmt: skip

_JALALI_DAY = Label("روز جلالی", "a Jalali date")
_MISSING_FIX = Label(
    "اگر این متن یعنی «بی‌مقدار»، آن را در missingValues اعلام کنید.",
    "If this text means no value, declare it in missingValues.",
)


@cache
def wrong_type(type_: FieldType, looks_like_a_word: bool = False, format_: str = "default") -> Flaw:
    """`looks_like_a_word`: letters where a number is due are mostly an undeclared missing value, such as NA.

    `format_`: how the contract says that a date is written.
    """
    wanted = _WANTED[type_] if format_ != JALALI else _JALALI_DAY
    fix = _FIXES[type_] if format_ == "default" else _in_format(format_)
    return Flaw(
        ErrorCode.TYPE,
        Label(f"{wanted.fa} نیست.", f"Not {wanted.en}."),
        _MISSING_FIX if looks_like_a_word else fix,
    )


def _in_format(format_: str) -> Label:
    if format_ == JALALI:
        return Label(
            "روزی از گاه‌شماری جلالی بنویسید، مانند 1404/07/01.", "Write a day of the Jalali calendar as 1404/07/01."
        )
    return Label(
        f"چنان بنویسید که قرارداد می‌گوید (format: {format_}).", f"Write it as the contract says (format: {format_})."
    )


@cache
def out_of_type_range(type_: FieldType) -> Flaw:
    return Flaw(
        ErrorCode.TYPE,
        Label("عدد از گنجایش این نوع بزرگ‌تر است.", "The number is beyond what the type can hold."),
        Label(
            "در constraints کران بزرگ‌تری (minimum و maximum) اعلام کنید، یا اگر کد است string.",
            "Declare wider bounds (minimum, maximum), or a string if it is a code.",
        )
        if type_ is FieldType.INTEGER
        else Label("اگر کد است string اعلامش کنید.", "Declare the field a string if it is a code."),
    )


@cache
def nested() -> Flaw:
    return Flaw(
        ErrorCode.TYPE,
        Label("شیء یا فهرست است، نه یک مقدار.", "An object or a list, not one value."),
        Label("هر عضو آن را ستونی جدا کنید.", "Make a column of each of its members."),
    )


@cache
def through_a_spreadsheet() -> Flaw:
    return Flaw(
        ErrorCode.TYPE,
        Label(
            "کد به شکل عدد ذخیره شده است: پرونده از صفحه‌گسترده گذشته و صفرهای آغاز از دست رفته است.",
            "A code kept as a number: the file passed through a spreadsheet, which drops leading zeros.",
        ),
        Label(
            "ستون را «متن» بفرستید؛ اگر طول کد ثابت و تا ۱۵ رقم است، apply: [{zeroPad: n}] صفرها را بازمی‌گرداند.",
            "Send it as text; for codes of one length of up to 15 digits, `apply: [{zeroPad: n}]` restores them.",
        ),
    )


@cache
def jalali_as_gregorian() -> Flaw:
    return Flaw(
        ErrorCode.TYPE,
        Label("سال آن جلالی می‌نماید.", "Its year looks like a Jalali one."),
        Label(
            "format: jalali را اعلام کنید؛ اگر واقعاً میلادی است minimum را پیش از ۱۶۰۰ اعلام کنید.",
            "Declare `format: jalali`; if it is a Gregorian one, declare a minimum before the year 1600.",
        ),
    )


def missing_value(is_key: bool) -> Flaw:
    return Flaw(
        ErrorCode.PRIMARY_KEY if is_key else ErrorCode.CONSTRAINT,
        Label("مقدار این خانه الزامی است و خالی است.", "A value is required here and there is none."),
        Label("مقدار را پر کنید.", "Fill it in.")
        if is_key
        else Label("مقدار را پر کنید، یا الزام را از قرارداد بردارید.", "Fill it in, or do not require the field."),
    )


def broken_constraint(name: str, bound: object) -> Flaw:
    """`bound` is the contract's word, never the cell's."""
    return Flaw(
        ErrorCode.CONSTRAINT,
        Label(f"محدودیت {name} ({bound}) رعایت نشده است.", f"Breaks the constraint {name} ({bound})."),
        Label("مقدار یا محدودیت قرارداد را درست کنید.", "Correct the value, or the constraint in the contract."),
    )


def not_in_list(name: str, size: int) -> Flaw:
    return Flaw(
        ErrorCode.CONSTRAINT,
        Label(f"در فهرست {name} ({size} مقدار) نیست.", f"Not one of the {size} values of {name}."),
        Label("مقدار را درست کنید، یا به فهرست بیفزایید.", "Correct the value, or add it to the list."),
    )
