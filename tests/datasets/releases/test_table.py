"""The physical table of a release: its names, its orderings, the indexes that queries rely on."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.releases.identifiers import NAME_BYTES_MAX, quote, table_name
from publicgsb.datasets.releases.ordering import order_terms
from publicgsb.datasets.releases.table import column_names, other_indexes
from publicgsb.platform.kernel.database import Connections

Documents = Callable[..., dict[str, Any]]
SLUGS = st.from_regex(r"[a-z][a-z0-9_]{0,47}", fullmatch=True)


@given(SLUGS, SLUGS, st.integers(1, 999_999_999))
def test_every_table_name_fits_and_can_be_quoted(agency: str, dataset: str, seq: int) -> None:
    name = table_name(agency, dataset, seq)
    assert len(name.encode()) <= NAME_BYTES_MAX and quote(name) == f'"{name}"'


@given(SLUGS, SLUGS, SLUGS, SLUGS)
def test_two_datasets_never_share_a_table(a: str, b: str, c: str, d: str) -> None:
    assert (table_name(a, b, 1) == table_name(c, d, 1)) == ((a, b) == (c, d))


def test_slugs_that_join_to_the_same_text_have_tables_of_their_own() -> None:
    assert table_name("a", "b__c", 1) != table_name("a__b", "c", 1)


@given(st.text())
def test_nothing_but_our_own_names_is_quoted(text: str) -> None:
    try:
        quoted = quote(text)
    except ValueError:
        return
    assert '"' not in quoted[1:-1] and text.isascii()


def test_a_nullable_column_sorts_by_flag_and_value_and_the_key_closes_the_order(airport: Documents) -> None:
    contract = parse(airport())
    ascending = [term.sql("t") for term in order_terms(contract, contract.orderings[1], False)]
    descending = [term.sql("t") for term in order_terms(contract, contract.orderings[1], True)]
    number = """coalesce(t."elevation", '0'::float8)"""
    text = """coalesce(t."name", '')"""
    assert ascending == ['(t."elevation" is null)', number, '(t."name" is null)', text, 't."icao"']
    assert descending == ['(t."elevation" is not null)', number, '(t."name" is not null)', text, 't."icao"']


def test_without_a_key_the_source_order_closes_the_order(airport: Documents) -> None:
    contract = parse(airport(primaryKey=None))
    assert order_terms(contract, None, False)[-1].sql() == '"_row"'


def test_an_index_that_begins_another_is_not_built_twice(airport: Documents) -> None:
    document = airport()
    for field in document["fields"]:
        field["constraints"] = {"required": True}
    statements = other_indexes(parse(document), "t")
    assert sorted(statements) == [
        'create index on released."t" ("country", "icao")',
        'create index on released."t" ("elevation", "name", "icao")',
        'create index on released."t" ("name", "icao")',
    ]


def _tying(airport: Documents, key: list[str]) -> list[str]:
    """The indexes of a dataset whose rows tie a country to a name."""
    label = {"fa": "پیوند", "en": "Link"}
    links = [
        {"name": "state", "fields": ["country"], "to": "geo/countries", "toFields": ["code"], "reverse": "ties"},
        {"name": "named", "fields": ["name"], "to": "geo/names", "toFields": ["name"], "reverse": "ties"},
    ]
    shortcuts = [{"name": "names", "from": "state", "to": "named", "label": label}]
    document = airport(
        primaryKey=key, orderings=[], shortcuts=shortcuts, links=[one | {"label": label} for one in links]
    )
    for field in document["fields"]:
        field["constraints"] = {"required": True}
    return other_indexes(parse(document), "t")


def test_what_a_shortcut_leads_to_stands_beside_what_it_leads_from(airport: Documents) -> None:
    """Else each record of the one side would look at all rows of the other: two seconds for sixteen airlines."""
    wanted = 'create index on released."t" ("country", "name")'
    assert wanted in _tying(airport, ["icao"])
    assert wanted not in _tying(airport, ["country", "name", "icao"])  # which begins so itself


def test_a_withheld_field_has_no_column(airport: Documents) -> None:
    document = airport(orderings=["name"])
    withheld = {"access": "withheld", "legalGround": "IR-FOI-14", "filters": []}
    document["fields"][3] |= withheld
    assert column_names(parse(document)) == ("icao", "name", "country", "_row")


@pytest.mark.parametrize("descending", [False, True])
async def test_an_ordering_is_read_from_its_index_in_both_directions(
    connections: Connections,
    declare: Callable[..., Awaitable[Any]],
    airport: Documents,
    release: Callable[..., Awaitable[Any]],
    descending: bool,
) -> None:
    contract = await declare(airport(links=None))
    rows = [[f"A{n:03}", f"n{n % 7}", "IR", "" if n % 5 == 0 else str(n)] for n in range(300)]
    await release("aviation/airports", [["icao", "name", "country", "elevation"], *rows])
    terms = order_terms(contract, contract.orderings[1], descending)
    order = ", ".join(f"{term.sql('t')}{' desc' if descending else ''}" for term in terms)
    query = f"select elevation from released.aviation__airports__r1 as t order by {order}"
    async with connections.transaction() as connection:
        await connection.execute("set local enable_sort = off")
        plan = await connection.fetch(f"explain {query} limit 5")
        values = [row["elevation"] for row in await connection.fetch(query)]
    assert "Index Scan" in str(plan) and "Sort" not in str(plan)
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=descending)
    assert values == known + [None] * 60
