"""The front page tells in two languages what is released, and loads nothing from anywhere."""

import json
import re
import shlex
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from html.parser import HTMLParser

import pytest
from graphql import parse as parse_graphql

from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import load
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, LinkRate, Registry, ReleaseRef
from publicgsb.platform.server.demo.plan import AGENCIES, DEMO
from publicgsb.platform.server.portal import formats
from publicgsb.platform.server.portal.page import render_home
from publicgsb.platform.server.portal.sample_query import sample_query
from publicgsb.platform.server.portal.words import EN, FA

BASE = "http://127.0.0.1:8000"
PUBLISHED = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def entry(at: int, agency: Agency, contract: Contract) -> DatasetEntry:
    release = ReleaseRef(at, at, 1, contract, f"t{at}", frozenset(), 336776, "0" * 64, None, PUBLISHED)
    rates = {link.name: LinkRate(336776, 284170) for link in contract.links}
    return DatasetEntry(
        at, agency, contract.dataset, contract, DatasetState.ACTIVE, None, release, ((1, release),), {1: release},
        frozenset(), frozenset(), rates,
    )  # fmt: skip


@pytest.fixture(scope="module")
def registry() -> Registry:
    agencies = {each.slug: Agency(at, each.slug, each.name, True, each.contact) for at, each in enumerate(AGENCIES)}
    entries = [entry(at, agencies[each.agency], load(each.contract_path)) for at, each in enumerate(DEMO)]
    return Registry(1, 1, agencies, {(each.agency.slug, each.slug): each for each in entries})


@pytest.fixture(scope="module")
def page(registry: Registry) -> str:
    return render_home(registry, BASE)


def test_the_page_says_where_the_operator_is_written_to_if_that_was_set(page: str) -> None:
    assert EN.operator not in page
    told = render_home(Registry(0, 0, {}, {}), BASE, "help@<gsb>.example")
    assert told.count('<bdi dir="ltr">help@&lt;gsb&gt;.example</bdi>') == 2
    assert all(words.operator in told for words in (FA, EN))


def blocks(page: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)]


class _Checker(HTMLParser):
    """Notes what is loaded, and that every element is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.loaded += [value for name in ("src", "action") if (value := given.get(name))]
        if tag in {"script", "iframe", "object"} or (tag == "link" and given.get("href") != "data:,"):
            self.loaded.append(tag)
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(page: str) -> None:
    checker = _Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.loaded == []
    assert len(checker.ids) == len(set(checker.ids))
    assert "url(" not in page
    assert "@import" not in page


def test_each_half_has_its_language_and_direction(page: str) -> None:
    assert '<section class="half" id="fa" lang="fa" dir="rtl"' in page
    assert '<section class="half" id="en" lang="en" dir="ltr"' in page


def test_numbers_and_dates_are_written_as_each_language_writes_them(page: str) -> None:
    fa, en = page.split('id="en"')
    assert "۳۳۶٬۷۷۶" in fa
    assert "۲ آذر ۱۴۰۵" in fa
    assert "336,776" in en
    assert "23 November 2026" in en


def test_every_dataset_is_shown_with_source_licence_and_file(page: str, registry: Registry) -> None:
    text = unescape(page)
    for each in registry.datasets.values():
        assert text.count(f'href="{BASE}/files/{each.name}/latest.csv"') == 2
        assert each.contract.source.name in text
        assert each.contract.attribution in text
        assert each.contract.licence.title in text


def test_the_sample_query_is_graphql_over_three_agencies(registry: Registry) -> None:
    query = sample_query(registry)
    assert query is not None
    parse_graphql(query)
    assert "transport {" in query
    assert "originAirport {" in query
    assert "weather {" in query


def test_the_curl_line_survives_a_shell_and_carries_the_same_query(page: str, registry: Registry) -> None:
    words = shlex.split(blocks(page)[3])
    query = sample_query(registry)
    assert query is not None
    assert words[2] == f"{BASE}/graphql"
    assert json.loads(words[-1])["query"] == " ".join(query.split())


def test_the_registration_line_asks_for_what_registration_needs(page: str) -> None:
    words = shlex.split(blocks(page)[0])
    assert words[2] == f"{BASE}/api/v1/register"
    assert set(json.loads(words[-1])) == {"name", "email", "purpose"}


def test_a_withdrawn_dataset_is_shown_with_its_reason_and_without_a_file(registry: Registry) -> None:
    key = ("aviation", "airports")
    gone = replace(
        registry.datasets[key], state=DatasetState.WITHDRAWN, withdrawn_reason=Label("خطا در منبع", "Error in source")
    )
    page = render_home(replace(registry, datasets={**registry.datasets, key: gone}), BASE)
    assert "Error in source" in page
    assert "aviation/airports/latest.csv" not in page
    assert "originAirport" not in page


def test_markup_in_a_contract_is_text_on_the_page(registry: Registry) -> None:
    key = ("transport", "airlines")
    old = registry.datasets[key]
    evil = replace(old.contract, title=Label("<b>x</b>", "<script>alert(1)</script>"))
    page = render_home(replace(registry, datasets={**registry.datasets, key: replace(old, contract=evil)}), BASE)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_an_empty_registry_has_a_page_that_says_how_to_begin() -> None:
    page = render_home(Registry(0, 0, {}, {}), BASE)
    assert "Nothing is released yet" in page
    assert "gsb dataset release" in page
    assert len(blocks(page)) == 4


@pytest.mark.parametrize(
    ("matched", "rows", "en", "fa"),
    [
        (284170, 336776, "84.4%", "۸۴٫۴٪"),
        (28296, 28298, "99.9%", "۹۹٫۹٪"),
        (31, 31, "100%", "۱۰۰٪"),
        (1, 98100, "0.1%", "۰٫۱٪"),
        (0, 5, "0%", "۰٪"),
    ],
)
def test_a_match_rate_of_100_means_all_and_of_0_none(matched: int, rows: int, en: str, fa: str) -> None:
    assert formats.percent(matched, rows, "en") == en
    assert formats.percent(matched, rows, "fa") == fa


def test_new_year_is_the_first_of_farvardin() -> None:
    assert formats.day(date(2026, 3, 21), "fa") == "۱ فروردین ۱۴۰۵"
