"""What a contract may say of searching and of alphabets, and what taking it back means."""

from collections.abc import Callable
from typing import Any

import pytest

from publicgsb.datasets.contracts.change import breaks
from publicgsb.datasets.contracts.hidden import hidden_columns
from publicgsb.datasets.contracts.model import Alphabet, FilterOp
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.releases.table import create_table, other_indexes
from publicgsb.platform.kernel.errors import InvalidRequest

Documents = Callable[..., dict[str, Any]]
BY_NAME = {"name": "by_name", "fields": ["name"], "alphabet": "persian"}


def searched(airport: Documents, **members: Any) -> dict[str, Any]:
    """The airport with search, `contains` on its name, and an order by the alphabet."""
    document = airport(**{"search": ["name", "icao"], "orderings": [BY_NAME], **members})
    document["fields"][1]["filters"] = ["eq", "startsWith", "contains"]
    return document


def problems_of(document: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        parse(document)
    found = refused.value.details["problems"]
    assert all(problem["message_fa"] and problem["message_en"] for problem in found)
    return [problem["path"] for problem in found]


def test_search_contains_and_alphabet_are_read_and_rendered_back(airport: Documents) -> None:
    contract = parse(searched(airport))
    assert contract.search == ("name", "icao")
    assert contract.orderings[0].alphabet is Alphabet.PERSIAN
    assert FilterOp.CONTAINS in contract.field("name").filters
    assert parse(render(contract)) == contract


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"search": ["nothing"]}, "search"),
        ({"search": ["elevation"]}, "search"),
        ({"search": ["name", "name"]}, "search"),
        ({"orderings": [BY_NAME | {"alphabet": "latin"}]}, "orderings[0].alphabet"),
        ({"orderings": [BY_NAME | {"fields": ["elevation"]}]}, "orderings.by_name.alphabet"),
    ],
)
def test_what_cannot_be_searched_or_spelt_is_named(airport: Documents, members: dict[str, Any], path: str) -> None:
    assert path in problems_of(searched(airport, **members))


def test_only_text_contains_text(airport: Documents) -> None:
    document = airport()
    document["fields"][2] |= {"type": "number", "filters": ["contains"]}
    assert "fields[2].filters" in problems_of(document)


def test_a_withheld_field_is_not_searched(airport: Documents) -> None:
    document = searched(airport)
    document["fields"][1] |= {"access": "withheld", "legalGround": "IR-FOI-14", "filters": [], "constraints": {}}
    assert "search" in problems_of(document)


def test_taking_search_contains_or_an_alphabet_away_breaks_and_adding_them_does_not(airport: Documents) -> None:
    plain = parse(airport(orderings=[{"name": "by_name", "fields": ["name"]}]))
    rich = parse(searched(airport))
    assert breaks(plain, rich) == ()
    assert set(breaks(rich, plain)) == {
        "search loses fields: icao, name",
        "the ordering by_name loses its alphabet",
        "name loses filters: contains",
    }


def test_hidden_columns_have_trigram_indexes_and_are_as_null_as_their_source(airport: Documents) -> None:
    contract = parse(searched(airport))
    assert [column.name for column in hidden_columns(contract)] == ["_fold_name", "_sort_name", "_search"]
    table, indexes = create_table(contract, "t"), other_indexes(contract, "t")
    assert '"_search" text collate "C" not null' in table
    assert 'create index on released."t" using gin ("_fold_name" public.gin_trgm_ops)' in indexes
    assert 'create index on released."t" using gin ("_search" public.gin_trgm_ops)' in indexes
    assert any("_sort_name" in index and "gin" not in index for index in indexes)
