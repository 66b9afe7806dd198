"""Words of agencies in source text: readable, and never code."""

import ast
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb_sdk.codegen.texts import documented, named, quoted, remark
from publicgsb_sdk.contract import Label


@given(st.text())
def test_a_quoted_text_is_that_text_again_and_shows_all_it_holds(text: str) -> None:
    source = quoted(text)
    assert ast.literal_eval(source) == text
    assert all(letter == "\u200c" or unicodedata.category(letter)[0] != "C" for letter in source)


@given(st.lists(st.text(), min_size=1))
def test_a_docstring_is_one_string_whatever_its_words_are(paragraphs: list[str]) -> None:
    (statement,) = ast.parse("\n".join(documented(paragraphs))).body
    assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@given(st.text())
def test_a_remark_is_no_statement_whatever_its_words_are(text: str) -> None:
    assert ast.parse("\n".join(remark(text))).body == []


@given(st.lists(st.one_of(st.text(), st.integers()), min_size=1))
def test_a_list_of_codes_keeps_them_however_long_it_is(values: list[str | int]) -> None:
    (statement,) = ast.parse("\n".join(named("Code", values))).body
    assert isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Subscript)
    found = ast.literal_eval(statement.value.slice)
    assert (list(found) if isinstance(found, tuple) else [found]) == values


@pytest.mark.parametrize("text", ["می‌رود", "یزد", "ایکائو"])
def test_persian_stays_as_it_is_written(text: str) -> None:
    assert text in quoted(text)


def test_what_turns_the_direction_of_a_line_is_written_as_an_escape() -> None:
    assert quoted("a\u202eb") == '"a\\u202eb"'
    assert "\u2066" not in "\n".join(documented([Label("\u2066x", "y").fa]))
