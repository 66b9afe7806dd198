"""Synthetic rows keep to the contract, whatever it asks, and links lead somewhere, in a circle too."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.schema.oracle.declared import dataset, field, link
from tests.sdk.mock.test_sdl import worlds

from publicgsb_sdk.testing import MockService, MockSetup
from publicgsb_sdk.testing.declared import page_of
from publicgsb_sdk.testing.published import read_page
from publicgsb_sdk.testing.rows import read_rows


def everything() -> dict[str, Any]:
    """A column of every type, with every constraint."""
    fields = [
        field("code", "string", "eq", required=True, constraints={"pattern": "[A-Z]{2}-0[0-9]{3}(a|b)?"}),
        field("kind", "string", categories=["a", {"value": "ب", "label": {"fa": "ب", "en": "B"}}]),
        field("level", "integer", constraints={"enum": [1, 5, 9]}),
        field("count", "integer", constraints={"minimum": 3, "maximum": 5}),
        field("wide", "integer", constraints={"minimum": 0, "maximum": 9_000_000_000_000}),
        field("share", "number", constraints={"minimum": 0, "maximum": 1}),
        field("fee", "number", format="decimal", constraints={"minimum": "0.5"}),
        field("day", "date", constraints={"minimum": "2026-03-01", "maximum": "2026-03-31"}),
        field("moment", "datetime"),
        field("year", "year"),
        field("is_open", "boolean"),
        field("short", "string", constraints={"minLength": 2, "maxLength": 4}),
        field("lat", "number"),
        field("lon", "number", format="decimal"),
    ]
    return dataset("geo", "things", "Thing", fields, primaryKey=["code"], coordinates={"lat": "lat", "lon": "lon"})


def test_values_are_of_their_types_and_within_their_constraints() -> None:
    service = MockService([everything()], records=200)
    rows = service.rows("geo.things")
    assert len({row["code"] for row in rows}) == len(rows) == 200
    assert all(re.fullmatch("[A-Z]{2}-0[0-9]{3}(a|b)?", row["code"]) for row in rows)
    held: dict[str, Any] = {
        "kind": lambda value: value in ("a", "ب"),
        "level": lambda value: value in (1, 5, 9),
        "count": lambda value: 3 <= value <= 5,
        "wide": lambda value: isinstance(value, int) and 0 <= value <= 9_000_000_000_000,
        "share": lambda value: isinstance(value, float) and 0 <= value <= 1,
        "fee": lambda value: isinstance(value, Decimal) and value >= Decimal("0.5"),
        "day": lambda value: date(2026, 3, 1) <= value <= date(2026, 3, 31),
        "moment": lambda value: isinstance(value, datetime) and value.tzinfo is not None,
        "year": lambda value: 1900 <= value <= 2026,
        "is_open": lambda value: isinstance(value, bool),
        "short": lambda value: 2 <= len(value) <= 4,
        "lat": lambda value: 25 <= value <= 40,
        "lon": lambda value: isinstance(value, Decimal) and 44 <= value <= 63,
    }
    for name, test in held.items():
        values = [row[name] for row in rows]
        assert values.count(None) == 25, name
        assert all(value is None or test(value) for value in values), name


def test_a_contract_that_nothing_fulfils_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = [field("code", "string", required=True, constraints={"pattern": "(?!.)x"})]
    with pytest.raises(MockSetup, match=r"No value was found for geo/things\.code"):
        MockService([dataset("geo", "things", "Thing", fields, primaryKey=["code"])])


@pytest.mark.parametrize("world", sorted(worlds()))
@pytest.mark.parametrize("published", [False, True])
def test_rows_of_real_contracts_are_allowed_by_them(world: str, published: bool) -> None:
    """Also by what only the agency's own document says, where that was given."""
    documents = [one for one in worlds()[world] if one["dataset"] != "pupils"]  # cells are made of rows, and are none
    pages = [page_of(one) for one in documents]
    if published:
        for page in pages:
            for one in page["contract"]["fields"]:
                del one["constraints"]
    service = MockService(pages, records=25, seed=world)
    for page in pages:
        contract = read_page(page)
        rows = service.rows(f"{contract.agency}.{contract.dataset}")
        assert read_rows(contract, rows) == rows
        assert rows
        for join in contract.joins:
            target = ".".join(join.to)
            there = {tuple(row.get(one) for one in join.to_columns) for row in service.rows(target)}
            here = [tuple(row.get(one) for one in join.columns) for row in rows]
            full = [one for one in here if None not in one]
            assert full, join.name
            is_ahead = set(join.columns) & {one for key in contract.keys for one in key.columns}
            if not is_ahead:
                assert set(full) <= there, (contract.id, join.name)


def circle() -> list[Mapping[str, Any]]:
    """Two datasets that need each other, and one that needs itself."""
    people = [
        field("id", "string", required=True),
        field("team", "string", required=True),
        field("boss", "string", required=True),
    ]
    teams = [field("id", "string", required=True), field("lead", "string", required=True)]
    return [
        dataset(
            *("hr", "people", "Person", people),
            primaryKey=["id"],
            links=[
                link("teamOf", ["team"], "hr/teams", ["id"], "members"),
                link("bossOf", ["boss"], "hr/people", ["id"], "staff"),
            ],
        ),
        dataset(
            *("hr", "teams", "Team", teams),
            primaryKey=["id"],
            links=[link("leadOf", ["lead"], "hr/people", ["id"], "leads")],
        ),
    ]


def test_links_in_a_circle_and_to_oneself_lead_to_records_that_are_there() -> None:
    service = MockService(circle())
    people, teams = ({row["id"]: row for row in service.rows(f"hr.{name}")} for name in ("people", "teams"))
    assert len(people) == len(teams) == 20
    assert all(row["team"] in teams and row["boss"] in people for row in people.values())
    assert all(row["lead"] in people for row in teams.values())
    with service.client() as gsb:
        found = gsb.dataset("hr.people").select("boss_of.team_of.lead_of.id").first()
    assert found is not None
    assert found["boss_of"]["team_of"]["lead_of"]["id"] in people


def test_keys_made_of_links_are_as_many_as_there_can_be() -> None:
    """Three countries have nine pairs; no tenth is made up, and none is said twice."""
    countries = dataset("geo", "lands", "Land", [field("code", "string", required=True)], primaryKey=["code"])
    borders = dataset(
        *("geo", "borders", "Border", [field("one", "string", required=True), field("other", "string", required=True)]),
        primaryKey=["one", "other"],
        links=[
            link("oneLand", ["one"], "geo/lands", ["code"], "borders"),
            link("otherLand", ["other"], "geo/lands", ["code"], "borderedBy"),
        ],
    )
    service = MockService([countries, borders], records={"geo.lands": 3, "geo.borders": 20})
    rows = service.rows("geo.borders")
    assert len({(row["one"], row["other"]) for row in rows}) == len(rows) == 9
