"""What commands say to the person at the terminal, in Persian: by the English sentence, which stands where it is said.

`{}` is what changes from time to time, in the order of the English; a Persian sentence that wants another order numbers
it. `helping.py` has the Persian of `--help`, `usage.py` that of a mistyped command. A test holds that
no sentence is missing.
"""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

LOCALES = ("en", "fa")
VARIABLE = "PGSB_LOCALE"
Patterns: TypeAlias = tuple[tuple[re.Pattern[str], str], ...]
LOCALE: ContextVar[str] = ContextVar("pgsb_locale", default="en")

PERSIAN: Mapping[str, str] = MappingProxyType(
    {
        "(none)": "(هیچ)",
        "Error: {}": "خطا: {}",
        "Hint: {}": "راهنمایی: {}",
        "Code: {}": "کد: {}",
        "Code: {} (request {})": "کد: {} (درخواست {})",
        "Note: {}": "یادآوری: {}",
        "Interrupted.": "قطع شد.",
        "Nothing was changed.": "چیزی تغییر نکرد.",
        "{} row(s), {} point(s)": "{} ردیف، {} امتیاز",
        "{} row(s), {} point(s).": "{} ردیف، {} امتیاز.",
        "{} row(s), {} point(s) had been written.": "{} ردیف، {} امتیاز؛ نوشته شده بود.",
        "{} change(s), {} point(s)": "{} تغییر، {} امتیاز",
        "{} change(s), {} point(s).": "{} تغییر، {} امتیاز.",
        "{} change(s), {} point(s) had been written.": "{} تغییر، {} امتیاز؛ نوشته شده بود.",
        "row {}": "ردیف {}",
        "{} point(s).": "{} امتیاز.",
        "Source: {}": "منبع: {}",
        "There are more: --all shows them, --limit another number than {}.": (
            "ردیف‌های دیگری هم هست: ‎--all همه را نشان می‌دهد و ‎--limit شماری جز {} را."
        ),
        "pgsb dataset schema {} lists its {} fields.": "‎pgsb dataset schema {0} فیلدهایش را نشان می‌دهد ({1} فیلد).",
        "A document that the service has not seen before costs 5 points more, once.": (
            "سندی که سامانه پیش‌تر ندیده، یک بار ۵ امتیاز بیشتر دارد."
        ),
        "What has come is kept beside it: the same command goes on from there.": (
            "آنچه رسیده کنار فایل نگه داشته شد؛ همین فرمان از همان‌جا ادامه می‌دهد."
        ),
        "The {} works and is in {}.": "این اعتبار ({0}) کار می‌کند و در {1} است.",
        "{} is not encrypted: whoever is on the way can read the key. Use https:// where there is one.": (
            "ارتباط با {} رمز نشده است و هر که در راه باشد کلید را می‌خواند. نشانی https:// بهتر است."
        ),
        "It is not used as long as there is another one in the {}.": "تا وقتی یکی دیگر در {} هست این به کار نمی‌رود.",
        "There is none for {}. pgsb register gets one, pgsb auth login stores one.": (
            "برای {} کلیدی نیست. ‎pgsb register یکی می‌گیرد و ‎pgsb auth login یکی را نگه می‌دارد."
        ),
        "The {} in the {} is still there: unset {}.": "این اعتبار ({0}) هنوز در {1} هست؛ {2} را بردارید.",
        "About the {} of the {}:": "دربارهٔ این اعتبار ({0}) که در {1} است:",
        "This would be forgotten; nothing was.": "همین‌ها کنار گذاشته می‌شد؛ چیزی کنار گذاشته نشد.",
        "If the service had answered already, pgsb auth status shows the key.": (
            "اگر سامانه پاسخ داده بود، ‎pgsb auth status کلید را نشان می‌دهد."
        ),
        "Registered. The key and the owner token are in {}.": "ثبت شد. کلید و نشان مالک در {} است.",
        "A code is on its way to {}: pgsb register --confirm": "کدی به {} فرستاده شد: ‎pgsb register --confirm",
        "Would take the code of the mail and confirm the address.": "کد رایانامه را می‌گرفت و نشانی را تأیید می‌کرد.",
        "Code of the mail": "کد رایانامه",
        "Name a dataset, as in aviation.airports: {} has no generated module yet.": (
            "نام مجموعه‌داده‌ای را بگویید، مانند aviation.airports: در {} هنوز ماژولی ساخته نشده است."
        ),
        "wrote {}": "نوشته شد: {}",
        "removed {}": "برداشته شد: {}",
        "Everything is as it was.": "همه چیز همان است که بود.",
        "The modules are what the contracts say.": "ماژول‌ها همان است که قراردادها می‌گویند.",
        "The contracts have moved. Run the same without --check, and your type checker after it.": (
            "قراردادها دگرگون شده‌اند. همین فرمان را بی ‎--check و سپس سنجندهٔ نوع‌ها را اجرا کنید."
        ),
        "The answer is genuine, and was given to this question.": "پاسخ اصل است و به همین پرسش داده شده است.",
        "Saved as {}. Trust it as far as you trust this connection to {}.": (
            "در {0} نگه داشته شد. به همان اندازه‌ای به آن تکیه کنید که به این ارتباط با {1} تکیه دارید."
        ),
        "{} works until {}.": "کلید {0} تا {1} کار می‌کند.",
        "Revoke {} for good?": "کلید {} برای همیشه پایان یابد؟",
        "{} of {} workers have not heard of it; none accepts it after 2 seconds.": (
            "{0} کارگر از {1} هنوز نشنیده‌اند؛ پس از ۲ ثانیه هیچ‌کدام آن را نمی‌پذیرد."
        ),
        "If the service had heard of it, the key is revoked: pgsb key list.": (
            "اگر به سامانه رسیده بود، کلید پایان یافته است: ‎pgsb key list"
        ),
        "If the service had heard of it, there is one key more: pgsb key list.": (
            "اگر به سامانه رسیده بود، یک کلید دیگر هست: ‎pgsb key list"
        ),
        "If the service had heard of it, there is a successor: pgsb key list.": (
            "اگر به سامانه رسیده بود، جانشینی هست: ‎pgsb key list"
        ),
        "The draft is made without you, and is nobody else's.": "پیش‌نویس بی شما ساخته می‌شود و تنها از آن شماست.",
        "The file is refused: {}": "فایل پذیرفته نشد: {}",
        "Its hash, for declare --replaces: {}": "چکیدهٔ آن، برای ‎declare --replaces: {}",
        "Written to {}.": "در {} نوشته شد.",
        "If the service had all of it, it goes on without you; the same command hands it in once.": (
            "اگر همه‌اش به سامانه رسیده بود بی شما ادامه می‌یابد؛ همین فرمان آن را تنها یک بار می‌سپارد."
        ),
        "If the service had heard of it, it is approved: pgsb publish review.": (
            "اگر به سامانه رسیده بود، تأیید شده است: ‎pgsb publish review"
        ),
        "If the service had heard of it, it is withdrawn.": "اگر به سامانه رسیده بود، پس گرفته شده است.",
        "Publish {} from the file {}…?": "{0} از فایل {1}… منتشر شود؟",
        "Withdraw {} from everybody?": "{} از همه پس گرفته شود؟",
        "The file is good.": "فایل پذیرفتنی است.",
        "The file is refused.": "فایل پذیرفتنی نیست.",
        "{} is the page.": "صفحه {} است.",
        "This file was handed in before, as {}, which is {} since.": (
            "این فایل پیش‌تر با شمارهٔ {0} سپرده شده بود که اکنون {1} است."
        ),
        "--idempotency-key with a text of yours hands it in once more.": (
            "‎--idempotency-key با متنی از خودتان آن را بار دیگر می‌سپارد."
        ),
    }
)


def said(sentence: str) -> str:
    """The sentence in the language of this command; as it is where it has none in Persian."""
    return (translated(sentence, _patterns()) if LOCALE.get() == "fa" else None) or sentence


def translated(sentence: str, known: Patterns) -> str | None:
    """Its Persian, with what changes from time to time in place; None where there is none."""
    for pattern, persian in known:
        if found := pattern.fullmatch(sentence):
            return persian.format(*found.groups())
    return None


def patterns(known: Mapping[str, str]) -> Patterns:
    """The more a sentence says by itself, the sooner it is tried."""
    ordered = sorted(known.items(), key=lambda one: -len(one[0].replace("{}", "")))
    return tuple((re.compile(_pattern(english), re.DOTALL), persian) for english, persian in ordered)


@cache
def _patterns() -> Patterns:
    return patterns(PERSIAN)


def _pattern(english: str) -> str:
    return re.escape(english).replace(r"\{\}", "(.+?)").replace(r"\(s\)", "s?")
