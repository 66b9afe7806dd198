"""What an operation costs and what each plan allows, for people: one page in both languages, a pure function."""

from collections.abc import Sequence
from dataclasses import dataclass

from publicgsb.platform.server.portal import formats
from publicgsb.platform.server.portal.page import PAGES, STYLE
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.prices import PRICES, Price


@dataclass(frozen=True, slots=True)
class PricingWords:
    lang: str
    direction: str
    title: str
    tagline: str
    other_language: str
    home: str
    prices: str
    points: str
    what: str
    example: str
    plans: str
    plan: str
    window: str  # {seconds}
    concurrency: str
    periods: dict[Period, str]
    each_key: str
    units: dict[PolicyUnit, str]
    gigabytes: str

    def per(self, price: Price) -> str:
        return price.per_fa if self.lang == "fa" else price.per_en


_FA = PricingWords(
    lang="fa",
    direction="rtl",
    title="بها و طرح‌ها",
    tagline="بهای هر پرس‌وجو پیش از اجرا از روی خود آن حساب می‌شود؛ آنچه رزرو و خوانده نشد پس داده می‌شود.",
    other_language="English below",
    home="صفحهٔ نخست",
    prices="بها",
    points="امتیاز",
    what="برای",
    example="بهای یک پرس‌وجو را بی‌هزینه می‌گوید:",
    plans="طرح‌ها",
    plan="طرح",
    window="در {seconds} ثانیه",
    concurrency="هم‌زمان",
    each_key="برای هر کلید",
    periods={Period.MINUTE: "در دقیقه", Period.DAY: "در روز", Period.MONTH: "در ماه"},
    units={
        PolicyUnit.POINTS: "امتیاز",
        PolicyUnit.BYTES: "بایت",
        PolicyUnit.REQUESTS: "درخواست",
        PolicyUnit.MILLISECONDS: "میلی‌ثانیه کار پایگاه داده",
    },
    gigabytes="گیگابایت فایل",
)
_EN = PricingWords(
    lang="en",
    direction="ltr",
    title="Prices and plans",
    tagline="A price is known from the query before it runs; what was reserved and not read is given back.",
    other_language="فارسی در بالا",
    home="Front page",
    prices="Prices",
    points="points",
    what="for each",
    example="What tells the price of a query, free:",
    plans="Plans",
    plan="Plan",
    window="in {seconds} seconds",
    concurrency="at once",
    each_key="for each key",
    periods={Period.MINUTE: "a minute", Period.DAY: "a day", Period.MONTH: "a month"},
    units={
        PolicyUnit.POINTS: "points",
        PolicyUnit.BYTES: "bytes",
        PolicyUnit.REQUESTS: "requests",
        PolicyUnit.MILLISECONDS: "ms of the database",
    },
    gigabytes="GB of files",
)
_GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Half:
    words: PricingWords
    prices: tuple[tuple[str, str], ...]  # points, for what
    plans: tuple[tuple[str, tuple[str, ...]], ...]  # name, what it allows


def render_pricing(plans: Sequence[Plan], base_url: str) -> str:
    halves = tuple(_half(plans, words) for words in (_FA, _EN))
    return PAGES.get_template("pricing.html").render(style=STYLE, halves=halves, base_url=base_url)


def _half(plans: Sequence[Plan], words: PricingWords) -> _Half:
    return _Half(
        words,
        tuple((formats.number(price.points, words.lang), words.per(price)) for price in PRICES),
        tuple((plan.name, tuple(_allowed(policy, words) for policy in plan.enforced)) for plan in plans),
    )


def _allowed(policy: Policy, words: PricingWords) -> str:
    limit, unit = policy.limit, words.units[policy.unit]
    if policy.unit is PolicyUnit.BYTES and limit % _GIGABYTE == 0:
        limit, unit = limit // _GIGABYTE, words.gigabytes
    return f"{formats.number(limit, words.lang)} {unit} {_when(policy, words)}"


def _when(policy: Policy, words: PricingWords) -> str:
    if policy.kind is PolicyKind.CONCURRENCY:
        return words.concurrency
    if policy.period is not None:
        period = words.periods[policy.period]
        return f"{period} {words.each_key}" if policy.per_key else period
    return words.window.format(seconds=formats.number(policy.window_seconds or 0, words.lang))
