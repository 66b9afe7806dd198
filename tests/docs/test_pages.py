"""Pages of the site out of the files of this repository: whole, in both languages, with one and the same code."""

import ast
import re

import pytest
from docs.site.gather import text_of
from docs.site.pages import GUIDES, NOT_ON_THE_SITE, ROOT, SERVICE, Page

PAGES = [*GUIDES, *SERVICE]
TRANSLATED = [page for page in GUIDES if page.is_translated]


def code(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> set[str]:
    """What is typed into a shell, without comments."""
    lines = "".join(code(text, "console") + code(text, "sh")).splitlines()
    return {re.sub(r"\s*#.*", "", line) for line in lines if line.startswith(("$ pgsb", "pip", "export", "python"))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_its_title_and_a_text_in_both_languages(page: Page) -> None:
    for language in ("en", "fa"):
        head, _, body = text_of(page, language).partition("\n\n")
        assert head == f"# {page.title.of(language)}"
        assert len(body) > 500


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.name)
def test_a_persian_page_has_the_code_of_the_english_one_which_tests_run(page: Page) -> None:
    persian, english = text_of(page, "fa"), text_of(page, "en")
    known = [ast.dump(ast.parse(block)) for block in code(english, "python")]
    assert [ast.dump(ast.parse(block)) for block in code(persian, "python")] == known
    assert commands(persian) <= commands(english)


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.name)
def test_a_persian_page_is_the_file_of_its_name_and_in_persian(page: Page) -> None:
    text = (ROOT / "docs" / "fa" / f"{page.name}.md").read_text("utf-8")
    assert text.startswith(f"# {page.title.fa}\n")
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    assert len(re.findall("[آ-ی]", prose)) > 3 * len(re.findall("[A-Za-z]", prose))
    assert re.search("[يكى]", prose) is None, "letters of the Arabic keyboard"


def test_every_page_is_on_the_site_or_said_not_to_be() -> None:
    on_it = {page.source for page in PAGES} - {"sdk/README.md"}
    others = {f"docs/{name}.md" for name in NOT_ON_THE_SITE}
    found = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert (found - on_it - others, on_it & others) == (set(), set()), "name them in docs/site/pages.py"


def test_no_page_is_written_over_by_another() -> None:
    names = [page.name for page in PAGES]
    assert len(names) == len(set(names))


def test_every_persian_page_is_on_the_site() -> None:
    assert {path.stem for path in (ROOT / "docs" / "fa").glob("*.md")} == {page.name for page in TRANSLATED}


def test_a_section_is_taken_alone_or_with_others() -> None:
    pages = {page.name: text_of(page, "en") for page in GUIDES}
    assert "## Downloads" not in pages["frames"] and pages["downloads"].startswith("# Downloads\n\n```python")
    assert re.findall("^## (.*)", pages["limits-and-errors"], re.MULTILINE) == ["What it costs", "Errors", "Waiting"]


def test_a_link_to_what_is_not_on_the_site_becomes_its_words() -> None:
    rest = text_of(next(page for page in SERVICE if page.name == "rest"), "en")
    assert "](privacy.md)" not in rest and "](errors.md)" in rest
