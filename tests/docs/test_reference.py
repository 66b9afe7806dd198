"""The reference of the library: every public name has its place, and its page says what its docstring says."""

import griffe
import pytest
from docs.site import reference
from docs.site.pages import LANGUAGES, REFERENCE, Language

import publicgsb_sdk
from publicgsb_sdk import testing

NAMES = [name for group in REFERENCE for name in group.names]
CLASSES = [name for name in NAMES if isinstance(reference.found(name), griffe.Class)]
GROUPS = {group.name: group for group in REFERENCE}


def test_every_public_name_has_one_place() -> None:
    public = {*publicgsb_sdk.__all__, *(f"testing.{name}" for name in testing.__all__)}
    assert sorted(public - set(NAMES)) == [], "name them in docs/site/pages.py"
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("name", [*CLASSES, *sorted(set(NAMES) - set(CLASSES))])
def test_every_name_says_what_it_is(name: str) -> None:
    assert reference.summary(reference.found(name))


@pytest.mark.parametrize("name", CLASSES)
def test_every_member_says_what_it_is(name: str) -> None:
    silent = [member.name for member in reference.members(reference.found(name)) if not reference.summary(member)]
    assert silent == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_speak_the_language_and_code_stays(language: Language) -> None:
    text = reference.page(GROUPS["account"], language)
    assert GROUPS["account"].title.of(language) in text
    assert "## `Budget` {#Budget}\n\n```python\nfrom publicgsb_sdk import Budget\n```" in text
    assert ("ردیف" in reference.page(GROUPS["frames"], language)) == (language == "fa")


def test_a_signature_has_types_and_what_is_given_has_a_link() -> None:
    text = reference.page(GROUPS["queries"], "en")
    assert "def near(lat: float, lon: float, *, within_km: float)" in text
    assert "Gives `Iterator[`[`Page`](queries.md#Page)`]`" in text
    assert "async def first()" in reference.page(GROUPS["asyncio"], "en")


def test_a_member_with_a_page_of_its_own_is_told_there_and_not_at_its_class() -> None:
    text = reference.page(GROUPS["queries"], "en")
    assert "### `Dataset.to_pandas`" not in text
    assert "[`Dataset.to_pandas`](frames.md#Dataset.to_pandas)" in text
    assert "## `Dataset.to_pandas`" in reference.page(GROUPS["frames"], "en")


def test_the_index_leads_to_every_name() -> None:
    text = reference.index("en")
    assert [name for name in NAMES if f"[`{name}`](" not in text] == []
