"""Whoever approves a release reads the contract that everybody will see by it."""

from typing import Any

from tests.datasets.conftest import airport_document

from publicgsb.datasets.contracts.diff import differences
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.reviews.page_contract import VALUE_LENGTH_MAX, contract_part


def page(kind: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    diff = [one.as_json() for one in differences(parse(old), parse(new))]
    return "".join(contract_part({"contract": {"class": kind, "document": render(parse(new)), "diff": diff}}))


def test_a_new_dataset_is_shown_with_its_words_fields_and_links() -> None:
    document = airport_document(title={"fa": "فرودگاه‌ها", "en": "Air <ports>"})
    shown = page("first", document, document)
    assert "فرودگاه‌ها" in shown and "Air &lt;ports&gt;" in shown
    assert all(f"<td>{field['name']}</td>" in shown for field in document["fields"])
    assert "standards/countries" in shown


def test_of_a_change_what_differs_is_shown() -> None:
    long = "x" * 4_000
    changed = airport_document(description={"fa": "ی", "en": long}, contact="new@aviation.example")
    shown = page("patch", airport_document(), changed)
    assert "new@aviation.example" in shown and "description.en" in shown
    assert long not in shown and "x" * VALUE_LENGTH_MAX + "…" in shown


def test_the_contract_in_effect_needs_no_showing() -> None:
    assert page("none", airport_document(), airport_document()) == ""
    assert "".join(contract_part({"contract": {"class": "first"}})) == ""
