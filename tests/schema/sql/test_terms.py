"""An answer over several datasets says once what all of their licences ask for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.datasets.conftest import country_document

from publicgsb.datasets.contracts.licences import KNOWN
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.parse import parse
from publicgsb.schema.sql.terms import as_member, combined_terms


def licensed(dataset: str, licence: Any, attribution: str | None = "A") -> Contract:
    document = country_document(dataset=dataset, licence=licence, attribution=attribution, recordName="Thing")
    return parse(document)


def test_each_licence_and_each_name_is_told_once_in_the_order_of_the_receipt() -> None:
    terms = combined_terms(
        [licensed("b", "CC-BY-4.0", "Two"), licensed("a", "CC0-1.0", "One"), licensed("c", "CC-BY-4.0", "One")]
    )
    assert terms is not None
    assert [one["name"] for one in terms["licences"]] == ["CC-BY-4.0", "CC0-1.0"]
    assert (terms["attributions"], terms["shareAlike"], terms["isShareAlike"]) == (["Two", "One"], [], False)


def test_one_share_alike_licence_makes_the_whole_answer_so() -> None:
    terms = combined_terms([licensed("a", "CC0-1.0"), licensed("b", "ODbL-1.0")])
    assert terms is not None and terms["isShareAlike"] and terms["shareAlike"] == ["ODbL-1.0"]


def test_two_share_alike_licences_are_both_named() -> None:
    terms = combined_terms([licensed("a", "CC-BY-SA-4.0"), licensed("b", "ODbL-1.0")])
    assert terms is not None and terms["shareAlike"] == ["CC-BY-SA-4.0", "ODbL-1.0"]


def test_terms_of_ones_own_are_told_in_words_and_two_of_them_are_two() -> None:
    own = {"name": "other", "title": "Ours", "text": "Ask first.", "shareAlike": True}
    terms = combined_terms([licensed("a", own), licensed("b", own | {"title": "Theirs", "shareAlike": False})])
    assert terms is not None
    assert [(one["title"], one["text"], one["isShareAlike"]) for one in terms["licences"]] == [
        ("Ours", "Ask first.", True),
        ("Theirs", "Ask first.", False),
    ]


@pytest.mark.parametrize("times", [0, 1, 2])
def test_one_dataset_has_its_terms_in_its_receipt_alone(times: int) -> None:
    one = licensed("a", "ODbL-1.0")
    assert combined_terms([one, replace(one, version="1.0.1")][:times]) is None
    assert as_member(None) == b""


CONTRACTS = [licensed(f"d{i}", name, f"Agency {i % 4}") for i, name in enumerate(KNOWN)]


@given(st.lists(st.sampled_from(CONTRACTS), min_size=2, unique_by=lambda one: one.slug))
def test_the_union_holds_all_of_each_and_nothing_else(found: list[Contract]) -> None:
    terms = combined_terms(found)
    assert terms is not None
    assert {one["name"] for one in terms["licences"]} == {one.licence.name for one in found}
    assert set(terms["attributions"]) == {one.attribution for one in found}
    assert terms["isShareAlike"] is any(one.licence.is_share_alike for one in found)
    assert len(terms["licences"]) == len({one.licence.name for one in found})
