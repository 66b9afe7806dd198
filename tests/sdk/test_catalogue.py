"""The catalogue is found however Persian is typed."""

from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.ingest.persian import fold as service_fold
from publicgsb_sdk import Client
from publicgsb_sdk.persian import fold, matches

CATALOGUE = {
    "agencies": [
        {
            "slug": "aviation",
            "name": {"fa": "سازمان هواپیمایی (نمونه)", "en": "Sample Civil Aviation Agency"},
            "isSample": True,
            "datasets": [
                {
                    "slug": "airports",
                    "title": {"fa": "فرودگاه‌های جهان", "en": "Airports of the world"},
                    "description": {"fa": "", "en": ""},
                    "access": "open",
                    "licence": {"name": "MIT", "title": "MIT License", "url": "https://example.test"},
                    "source": {"name": "airportsdata", "year": 2026},
                    "rows": 28_298,
                    "release": 1,
                    "asOf": "2026-09-05",
                    "publishedAt": "2026-11-23T09:00:00+00:00",
                    "fields": [{"name": "icao", "label": {"fa": "کد ایکائو", "en": "ICAO code"}}],
                }
            ],
        },
        {
            "slug": "interior",
            "name": {"fa": "وزارت کشور (نمونه)", "en": "Sample Ministry of Interior"},
            "datasets": [{"slug": "villages", "title": {"fa": "آبادی‌ها", "en": "Villages"}, "access": "withheld"}],
        },
    ]
}


@pytest.fixture
def catalogue(client: Client, service: Any) -> Client:
    service.reply(httpx2.Response(200, json=CATALOGUE))
    return client


def test_the_list_holds_every_dataset_withheld_ones_too(catalogue: Client) -> None:
    assert [(info.name, info.access) for info in catalogue.datasets.list()] == [
        ("aviation.airports", "open"),
        ("interior.villages", "withheld"),
    ]
    assert catalogue.datasets.list()[0].rows == 28_298


def test_the_list_of_one_agency_holds_only_its_own(catalogue: Client) -> None:
    assert [info.name for info in catalogue.datasets.list(agency="interior")] == ["interior.villages"]


@pytest.mark.parametrize("text", ["فرودگاه های", "فرودگاههای جهان", "كد ايكائو", "AIRPORTS sample", "icao"])
def test_a_search_finds_all_spellings_of_its_words(catalogue: Client, text: str) -> None:
    assert [info.name for info in catalogue.datasets.search(text)] == ["aviation.airports"]


def test_a_search_wants_every_word(catalogue: Client) -> None:
    assert catalogue.datasets.search("airports villages") == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي", "علی"),
        ("كتاب", "کتاب"),
        ("۱۴۰۴", "1404"),
        ("٣٢", "32"),
        ("آب", "اب"),
        ("مُحَمَّد", "محمد"),
        ("یـــزد", "یزد"),
    ],
)
def test_two_spellings_of_one_word_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(st.sampled_from("يیىئكکآأاةۀهەؤو٣۳3ـ\u200c\u200d\u200f\u064eéÉ \n") | st.characters()))
def test_folding_gives_what_the_service_keeps_in_its_search_fields(text: str) -> None:
    assert fold(text) == service_fold(text)


def test_a_half_space_matches_a_space_and_nothing() -> None:
    assert matches("می شود", "می‌شود") and matches("میشود", "می‌شود")
