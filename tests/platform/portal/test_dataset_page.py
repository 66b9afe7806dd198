"""The page of a dataset tells people and search engines the same, and runs nothing."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Label
from publicgsb.datasets.contracts.parse import load
from publicgsb.datasets.exports.model import FileFormat, Made, Part, Whole
from publicgsb.datasets.quality.model import Counted
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, Deprecation, ReleaseRef
from publicgsb.platform.server.demo.plan import DEMO
from publicgsb.platform.server.portal.dataset_page import render_dataset

BASE = "https://gsb.example"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
SHA = "ab" * 32
MADE = Made(7, NOW, (Part(FileFormat.PARQUET, 1, 336776, 5_000_000, SHA),), Whole(30_000_000, SHA, SHA))
CONTRACTS = {contract.slug: contract for contract in (load(one.contract_path) for one in DEMO)}


def entry(contract: Contract, state: DatasetState = DatasetState.ACTIVE) -> DatasetEntry:
    names = frozenset(field.name for field in contract.released_fields)
    release = ReleaseRef(7, 1, 3, contract, "t", names, 336776, SHA, None, NOW)
    agency = Agency(1, contract.agency, Label("سازمان", "Agency"), True, "c@example.org")
    reason = Label("اشتباه", "A mistake") if state is DatasetState.WITHDRAWN else None
    return DatasetEntry(
        1, agency, contract.dataset, contract, state, reason, release, ((1, release),), {3: release},
        frozenset(), frozenset(), {},
    )  # fmt: skip


def rendered(one: DatasetEntry, base_url: str, made: Made | None) -> str:
    return render_dataset(one, base_url, made, None, NOW.date())


class _Balance(HTMLParser):
    """That every element is closed where it was opened, and what is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scripts: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert "src" not in given
        if tag == "script":
            self.scripts.append(given.get("type"))
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def structured(page: str) -> dict[str, object]:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found: dict[str, object] = json.loads(text)
    return found


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_each_dataset_of_the_demo_has_a_whole_page_that_runs_nothing(name: str) -> None:
    page = rendered(entry(CONTRACTS[name]), BASE, MADE)
    balance = _Balance()
    balance.feed(page)
    assert balance.open == []
    assert balance.scripts == ["application/ld+json"]
    assert all(field.name in page for field in CONTRACTS[name].fields)


def test_files_are_listed_with_what_they_are(name: str = "transport/flights") -> None:
    page = rendered(entry(CONTRACTS[name]), BASE, MADE)
    assert page.count(f'href="{BASE}/files/{name}/3/part-00001.parquet"') == 2
    assert "5,000,000" in page and "۵٬۰۰۰٬۰۰۰" in page
    told = structured(page)
    assert (told["@type"], told["identifier"]) == ("Dataset", name)


def test_no_text_of_an_agency_ends_the_script_it_is_told_in() -> None:
    contract = replace(
        CONTRACTS["transport/flights"], description=Label("<b>", "</script><script>alert(1)</script> & more")
    )
    page = rendered(entry(contract), BASE, None)
    assert page.count("<script") == 1
    assert "alert(1)" in str(structured(page)["description"])


def test_what_is_on_its_way_out_says_until_when_why_and_what_to_use() -> None:
    why = Label("جایگزین دارد", "It is replaced")
    deprecation = Deprecation(NOW, date(2027, 3, 20), "transport/flights_v2", why)
    page = rendered(replace(entry(CONTRACTS["transport/flights"]), deprecation=deprecation), BASE, MADE)
    assert "answered until 20 March 2027: It is replaced; use transport/flights_v2 instead" in page
    assert "تا ۲۹ اسفند ۱۴۰۵ پاسخ داده می‌شود: جایگزین دارد؛ جانشین: transport/flights_v2" in page
    assert "part-00001" in page


def test_what_is_withheld_or_withdrawn_says_why_and_offers_no_file() -> None:
    contract = replace(CONTRACTS["transport/flights"], access=AccessLevel.WITHHELD, legal_ground="IR-FOI-13")
    withheld = rendered(entry(contract), BASE, MADE)
    withdrawn = rendered(entry(CONTRACTS["transport/flights"], DatasetState.WITHDRAWN), BASE, MADE)
    assert "IR-FOI-13" in withheld and "A mistake" in withdrawn
    assert "/files/" not in withheld.replace("/releases/latest/files", "")
    never = rendered(replace(entry(contract), current=None), BASE, None)
    assert "منتشر نمی‌شود" in never and "not released yet" not in never
    assert "part-00001" not in withdrawn


def test_the_page_says_how_good_the_dataset_is_and_what_would_raise_it_in_both_languages() -> None:
    one = entry(CONTRACTS["transport/flights"])
    assert one.current is not None
    filled = dict.fromkeys(one.current.columns, 336776) | {"dep_delay": 328521}
    counted = replace(one.current, counted=Counted(filled, 336776 * 19, 0))
    page = rendered(replace(one, current=counted), BASE, MADE)
    persian, english = page.split('<section class="half" id="en"')
    assert "Fill these fields: dep_delay (8,255 empty)." in english
    assert "15 of 15" in english and "285 of 405" in english
    assert "۱۵ از ۱۵" in persian and "۲۸۵ از ۴۰۵" in persian and "15 of 15" not in persian
    assert page.count(f'href="{BASE}/api/v1/datasets/transport/flights/quality"') == 2


def test_a_withheld_dataset_has_points_of_metadata_and_no_data_score() -> None:
    contract = replace(CONTRACTS["transport/flights"], access=AccessLevel.WITHHELD, legal_ground="IR-FOI-13")
    page = rendered(replace(entry(contract), current=None), BASE, None)
    assert "Completeness" not in page and "of 405 (sufficient)" in page
