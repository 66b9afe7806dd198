"""A mistyped command, told in the language of whoever typed it.

In Persian it is told as every error is: a sentence, the next step, and the English of it. What click says that has no
Persian here is told by its English alone.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import click

from publicgsb_sdk.cli.exits import Exit
from publicgsb_sdk.cli.output import Format, as_json, note
from publicgsb_sdk.cli.words import LOCALE, Patterns, patterns, translated

UNKNOWN = "The command cannot be understood as it stands."

PERSIAN: Mapping[str, str] = MappingProxyType(
    {
        UNKNOWN: "فرمان به این شکل فهمیده نمی‌شود.",
        # click's own
        "Missing argument {}.": "{} نوشته نشده است.",
        "Missing option {}.": "گزینهٔ {} نوشته نشده است.",
        "Missing option {}. Choose from:{}": "گزینهٔ {0} نوشته نشده است؛ یکی از این‌ها را بنویسید:{1}",
        "Missing argument {}. Choose from:{}": "{0} نوشته نشده است؛ یکی از این‌ها را بنویسید:{1}",
        "No such command {}.": "فرمان {} نیست.",
        "No such option {}.": "گزینهٔ {} نیست.",
        "{} Did you mean {}?": "{0} شاید {1} را می‌خواستید.",
        "{} (Did you mean one of: {}?)": "{0} شاید یکی از این‌ها را می‌خواستید: {1}",
        "Invalid value for {}: {}": "مقدار {0} درست نیست: {1}",
        "{} is not one of {}.": "{0} یکی از این‌ها نیست: {1}",
        "{} is not a valid {}.": "{0} عدد نیست.",  # integer, integer range, float
        "{} is not in the range {}.": "{0} در این بازه نیست: {1}",
        "{} does not match the format {}.": "{0} به این شکل نیست: {1}",
        "{} does not exist.": "{} وجود ندارد.",
        "{} is a directory.": "{} پوشه است.",
        "Got unexpected extra argument(s) ({})": "این‌ها بیش از نیاز است: {}",
        "Option {} requires an argument.": "گزینهٔ {} مقدار می‌خواهد.",
        "Option {} does not take a value.": "گزینهٔ {} مقدار نمی‌گیرد.",
        # ours
        "This cannot be undone: say --yes.": "این برگشت ندارد: ‎--yes بنویسید.",
        "Say {}.": "بنویسید: {}",
        "Say which FOLDER, and --keys FILE; --save-keys FILE gets the key set.": (
            "بنویسید کدام FOLDER، و ‎--keys FILE؛ ‎--save-keys FILE کلیدها را می‌گیرد."
        ),
        "--sum is one sum, and --by parts it.": "‎--sum یک جمع است و ‎--by آن را بخش می‌کند.",
        "{} is no moment: 2026-12-24T08:00:00+03:30 is one.": "{} لحظه نیست؛ نمونه: ‎2026-12-24T08:00:00+03:30",
        "{} has no offset: 2026-12-24T08:00:00+03:30 has one.": (
            "{} اختلاف ساعت ندارد؛ نمونه: ‎2026-12-24T08:00:00+03:30"
        ),
        "A dataset is withdrawn with --reason-fa and --reason-en, which everybody reads.": (
            "مجموعه‌داده با ‎--reason-fa و ‎--reason-en پس گرفته می‌شود، که همه می‌خوانند."
        ),
        "Say where the secret goes: --save, or --to FILE.": "بنویسید راز کجا برود: ‎--save یا ‎--to FILE",
        "--to - is for a pipe; a secret is not shown on a terminal.": (
            "‎--to -‎ برای لوله است؛ راز در پایانه نشان داده نمی‌شود."
        ),
    }
)


def tell_usage(wrong: click.ClickException, format: Format | None) -> None:
    """What is wrong with the command on stderr, as JSON where JSON was asked for."""
    english = wrong.format_message()
    persian = in_persian(wrong) if LOCALE.get() == "fa" else None
    if format in (Format.JSON, Format.NDJSON):
        said = {"said": english} if persian else {}
        problem = {"code": "USAGE", "message": persian or english, **said, "exit": int(Exit.USAGE)}
        note(as_json({"error": problem}))
    elif persian is None:
        wrong.show()
    else:
        context = wrong.ctx if isinstance(wrong, click.UsageError) else None
        if context is not None:
            note(f"{context.get_usage()}\n")
        note(f"Error: {persian}")
        if context is not None:
            note(f"Hint: {context.command_path} --help")
        note(english)


def in_persian(wrong: click.ClickException) -> str:
    """click puts a frame around the sentence of a type or a name, so that comes first."""
    inner, whole = translated(wrong.message, _patterns()), wrong.format_message()
    if inner is not None:
        whole = whole.replace(wrong.message, inner)
    return translated(whole, _patterns()) or inner or PERSIAN[UNKNOWN]


@cache
def _patterns() -> Patterns:
    return patterns(PERSIAN)
