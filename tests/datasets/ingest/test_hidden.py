from collections.abc import Callable
from typing import Any

import pytest

from publicgsb.datasets.ingest.persian import fold
from publicgsb.datasets.ingest.search_form import search_lines, words

Reader = Callable[..., Any]
NAME = {"name": "name", "type": "string", "filters": ["contains"]}
ROWS = "code,name\n1,علي آباد\n2,\n3,Café A\\B\n"


def test_hidden_columns_stand_behind_the_row_number_and_null_stays_null(read: Reader) -> None:
    outcome = read(ROWS, [{"name": "code", "type": "string"}, NAME], search=["name", "code"])
    assert outcome.ingested.copy_columns == ("code", "name", "_row", "_fold_name", "_search")
    assert [line.split("\t")[3:] for line in outcome.copied.splitlines()] == [
        ["علی اباد", "\\n علی اباد \\n علیاباد \\n 1 \\n"],
        ["\\N", "\\n 2 \\n"],
        ["cafe a\\\\b", "\\n cafe a b \\n cafeab \\n 3 \\n"],
    ]


def test_the_hash_is_of_the_data_whatever_is_hidden_beside_it(read: Reader) -> None:
    fields = [{"name": "code", "type": "string"}, {"name": "name", "type": "string"}]
    plain = read(ROWS, fields)
    searched = read(
        ROWS, [fields[0], NAME], search=["name"], orderings=[{"name": "n", "fields": ["name"], "alphabet": "persian"}]
    )
    assert searched.ingested.copy_columns[3:] == ("_fold_name", "_sort_name", "_search")
    assert searched.ingested.sha256 == plain.ingested.sha256


@pytest.mark.parametrize(
    ("text", "found"),
    [("علی-آباد (نو)", ["علی", "اباد", "نو"]), ("O'Hare_2", ["o", "hare", "2"]), ("!؟ـ", []), ("", [])],
)
def test_punctuation_parts_words(text: str, found: list[str]) -> None:
    assert words(fold(text)) == found


def test_a_value_of_several_words_has_a_line_with_the_words_joined() -> None:
    assert search_lines("شهر کرد") == [" شهر کرد ", " شهرکرد "]
    assert search_lines("شهرکرد") == [" شهرکرد "]
    assert search_lines("!") == []
