"""Prices and plans for people: every line that is charged by, in both languages, and nothing loaded from anywhere."""

from html import unescape

import pytest
from tests.platform.portal.test_page import _Checker

from publicgsb.platform.server.portal.pricing import render_pricing
from publicgsb.quotas.model import Period, Plan, Policy, PolicyKind, PolicyUnit
from publicgsb.quotas.prices import PRICES

PLAN = Plan(
    "open",
    (
        Policy("burst", PolicyKind.WINDOW, 200, PolicyUnit.POINTS, window_seconds=10),
        Policy("month", PolicyKind.PERIOD, 100_000, PolicyUnit.POINTS, period=Period.MONTH),
        Policy("concurrency", PolicyKind.CONCURRENCY, 4, PolicyUnit.REQUESTS),
        Policy("files_day", PolicyKind.PERIOD, 5_000_000_000, PolicyUnit.BYTES, period=Period.DAY),
    ),
)


@pytest.fixture(scope="module")
def halves() -> list[str]:
    return render_pricing([PLAN], "http://127.0.0.1:8000").split('id="en"')


def test_the_page_is_whole_and_loads_nothing() -> None:
    checker = _Checker()
    checker.feed(render_pricing([PLAN], "http://127.0.0.1:8000"))
    assert checker.open == []
    assert checker.loaded == []
    assert len(checker.ids) == len(set(checker.ids))


def test_every_price_is_told_in_both_languages(halves: list[str]) -> None:
    fa, en = map(unescape, halves)
    assert all(price.per_fa in fa and price.per_en in en for price in PRICES)
    assert fa.count("<tr><td") == en.count("<tr><td") == len(PRICES)


def test_a_plan_says_what_it_allows(halves: list[str]) -> None:
    fa, en = halves
    for line in ("200 points in 10 seconds", "100,000 points a month", "4 requests at once", "5 GB of files a day"):
        assert f"<li>{line}</li>" in en
    for line in ("۲۰۰ امتیاز در ۱۰ ثانیه", "۱۰۰٬۰۰۰ امتیاز در ماه", "۴ درخواست هم‌زمان", "۵ گیگابایت فایل در روز"):
        assert f"<li>{line}</li>" in fa


def test_persian_words_have_persian_digits() -> None:
    assert not [price.per_fa for price in PRICES if any(letter in "0123456789" for letter in price.per_fa)]
