"""The member `aggregates` of a contract: what it may name, how it comes back, what changing it breaks."""

from collections.abc import Callable
from typing import Any

import pytest

from publicgsb.datasets.contracts.aggregates import Aggregates, Dimension, Grain
from publicgsb.datasets.contracts.change import breaks
from publicgsb.datasets.contracts.groupings import groupings
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render
from publicgsb.platform.kernel.errors import InvalidRequest

Documents = Callable[..., dict[str, Any]]


def label(text: str) -> dict[str, str]:
    return {"fa": text, "en": text}


FIELDS = [
    {"name": "code", "type": "string", "label": label("code")},
    {"name": "kind", "type": "boolean", "label": label("kind")},
    {"name": "set_up", "type": "date", "label": label("set up")},
    {"name": "set_up_day", "type": "integer", "label": label("day")},
    {"name": "height", "type": "number", "label": label("height")},
    {"name": "secret", "type": "number", "label": label("secret"), "access": "withheld", "legalGround": "IR-1"},
]


def signs(country: Documents, **aggregates: Any) -> dict[str, Any]:
    return country(fields=FIELDS, orderings=None, aggregates=aggregates)


def cells(country: Documents, grain: str = "month", **more: Any) -> dict[str, Any]:
    """`country` without what speaks of records."""
    kept = [field for field in FIELDS if field["name"] in ("code", "set_up", "height")]
    dimensions = ["code", {"column": "set_up", "grain": grain}]
    aggregates = {"dimensions": dimensions, "measures": ["height"], "only": True, **more}
    return country(fields=kept, orderings=None, primaryKey=None, aggregates=aggregates)


def both_ways(document: dict[str, Any]) -> Contract:
    contract = parse(document)
    again = parse(render(contract))
    assert again == contract and again.sha256 == contract.sha256
    return contract


def test_a_contract_with_aggregates_comes_back_as_it_was(country: Documents) -> None:
    contract = both_ways(signs(country, dimensions=["kind", "set_up"], measures=["height"]))
    assert contract.aggregates == Aggregates((Dimension("kind"), Dimension("set_up")), ("height",))
    of_cells = both_ways(cells(country, minCell=25))
    assert of_cells.aggregates == Aggregates(
        (Dimension("code"), Dimension("set_up", Grain.MONTH)), ("height",), only=True, min_cell=25
    )
    by_default = both_ways(cells(country)).aggregates
    assert by_default is not None and by_default.min_cell == 10
    assert both_ways(country()).aggregates is None


def test_a_date_is_grouped_by_every_grain_and_a_cell_by_those_it_can_be_added_up_to(country: Documents) -> None:
    rows = parse(signs(country, dimensions=["kind", "set_up"]))
    assert [(grouping.name, grouping.api_name) for grouping in groupings(rows)] == [
        ("KIND", "kind"),
        ("SET_UP_DAY", "setUpDay"),
        ("SET_UP_MONTH", "setUpMonth"),
        ("SET_UP_YEAR", "setUpYear"),
        ("SET_UP_JALALI_MONTH", "setUpJalaliMonth"),
        ("SET_UP_JALALI_YEAR", "setUpJalaliYear"),
    ]
    served = {grain: [g.name for g in groupings(parse(cells(country, grain)))][1:] for grain in Grain}
    assert served == {
        Grain.DAY: ["SET_UP_DAY", "SET_UP_MONTH", "SET_UP_YEAR", "SET_UP_JALALI_MONTH", "SET_UP_JALALI_YEAR"],
        Grain.MONTH: ["SET_UP_MONTH", "SET_UP_YEAR"],
        Grain.YEAR: ["SET_UP_YEAR"],
        Grain.JALALI_MONTH: ["SET_UP_JALALI_MONTH", "SET_UP_JALALI_YEAR"],
        Grain.JALALI_YEAR: ["SET_UP_JALALI_YEAR"],
    }


@pytest.mark.parametrize(
    ("aggregates", "path", "word"),
    [
        ({"dimensions": ["nothing"]}, "aggregates.dimensions", "no column `nothing`"),
        ({"dimensions": ["height"]}, "aggregates.dimensions", "is a number"),
        ({"dimensions": ["code"], "measures": ["code"]}, "aggregates.measures", "is a string"),
        ({"dimensions": ["code"], "measures": ["secret"]}, "aggregates.measures", "is withheld"),
        ({"dimensions": ["code", "code"]}, "aggregates.dimensions", "named twice"),
        ({"dimensions": ["set_up", "set_up_day"]}, "aggregates.dimensions", "the grouping SET_UP_DAY"),
        ({"dimensions": [{"column": "set_up", "grain": "day"}]}, "aggregates.dimensions[0].grain", "aggregate-only"),
        ({"dimensions": [7]}, "aggregates.dimensions[0]", "must be a column"),
        ({}, "aggregates.dimensions", "names no column"),
        ({"dimensions": ["code"], "minCell": 5}, "aggregates.minCell", "left out where rows are released"),
        ({"dimensions": ["code"], "median": ["height"]}, "aggregates.median", "is not a property"),
    ],
)
def test_what_is_wrong_is_told_in_both_languages(
    country: Documents, aggregates: dict[str, Any], path: str, word: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(signs(country, **aggregates))
    told = [p for p in refused.value.details["problems"] if p["path"] == path and word in p["message_en"]]
    assert told and told[0]["message_fa"]


def test_losing_a_dimension_or_a_measure_breaks_and_adding_one_does_not(country: Documents) -> None:
    few = parse(signs(country, dimensions=["kind"], measures=["height"]))
    many = parse(signs(country, dimensions=["kind", "set_up"], measures=["height", "set_up_day"]))
    none = parse(country(fields=FIELDS, orderings=None))
    assert breaks(few, many) == breaks(none, few) == ()
    assert breaks(many, few) == ("the dimension set_up is gone", "the measure set_up_day is gone")
    assert breaks(few, none) == ("the dimension kind is gone", "the measure height is gone")


def test_rows_and_cells_do_not_follow_one_another_and_cells_keep_their_grain(country: Documents) -> None:
    of_cells = parse(cells(country))
    rows = parse({**cells(country), "aggregates": {"dimensions": ["code", "set_up"], "measures": ["height"]}})
    assert "the dataset changes between rows and cells" in breaks(of_cells, rows)
    assert "the dataset changes between rows and cells" in breaks(rows, of_cells)
    assert breaks(of_cells, parse(cells(country, "day"))) == ("the grain of the dimension set_up changes",)
    assert breaks(of_cells, parse(cells(country, minCell=50))) == ()


def test_cells_have_no_place_that_could_be_near(country: Documents) -> None:
    document = cells(country)
    document["fields"].append({"name": "width", "type": "number", "label": label("width")})
    document["aggregates"]["measures"].append("width")
    assert parse(document).is_aggregate_only
    with pytest.raises(InvalidRequest, match="coordinates: is about records") as refused:
        parse({**document, "coordinates": {"lat": "height", "lon": "width"}})
    assert (refused.value.details["reason"], refused.value.hint) == ("contract", "Leave it out.")


@pytest.mark.parametrize("name", ["CountryAggregate", "AggregateGroup", "FlightAggregateSum"])
def test_a_record_may_not_be_named_like_the_types_of_aggregates(country: Documents, name: str) -> None:
    with pytest.raises(InvalidRequest, match="must not end in"):
        parse(country(recordName=name))
