"""A contract document is read whole, or refused with everything that is wrong with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.contracts.model import FieldType, FilterOp, Transform, TransformKind
from publicgsb.datasets.contracts.parse import load, parse
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound

Documents = Callable[..., dict[str, Any]]


def problems_of(document: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as refused:
        parse(document)
    found = refused.value.details["problems"]
    assert all(problem["message_en"] and problem["message_fa"] for problem in found)
    return {problem["path"]: problem["message_en"] + problem["fix"] for problem in found}


def with_field(document: dict[str, Any], **members: Any) -> dict[str, Any]:
    field = {"name": "extra", "type": "string", "label": {"fa": "ا", "en": "E"}, **members}
    return {**document, "fields": [*document["fields"], field]}


def test_a_contract_survives_being_rendered_and_read_again(airport: Documents) -> None:
    contract = parse(airport())
    again = parse(render(contract))
    assert again == contract and again.sha256 == contract.sha256


def test_names_take_the_shapes_that_the_schema_needs(airport: Documents) -> None:
    document = airport(dataset="air_ports", recordName="AirPort", primaryKey=["icao", "country"])
    contract = parse(document)
    assert (contract.list_name, contract.record_field) == ("airPorts", "airPort")
    assert contract.unique_keys[0].name == "icao_country"
    assert contract.field("icao").required and not contract.field("name").required


def test_every_problem_is_told_at_once(airport: Documents) -> None:
    document = airport(version="1", theme="weather", licence="GPL", contact=None, surprise=1)
    document["fields"][0] |= {"type": "text"}
    document["fields"][1] |= {"label": "Name", "filter": ["eq"]}
    found = problems_of(document)
    assert set(found) == {
        "version", "theme", "licence", "contact", "surprise", "fields[0].type", "fields[1].label", "fields[1].filter",
    }  # fmt: skip
    assert "`filters`" in found["fields[1].filter"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"recordName": "Airports"}, "recordName"),
        ({"recordName": "AirportEdge"}, "recordName"),
        ({"primaryKey": ["iata"]}, "key iata"),
        ({"orderings": ["speed"]}, "orderings.speed"),
        ({"orderings": ["name", {"name": "name", "fields": ["icao"]}]}, "orderings"),
        ({"uniqueKeys": [["name"], ["name"]]}, "uniqueKeys"),
        ({"uniqueKeys": [[]]}, "uniqueKeys[0]"),
        ({"access": "restricted"}, "legalGround"),
        ({"agency": "Aviation"}, "agency"),
        ({"description": {"en": "only English"}}, "description.fa"),
        ({"licence": {"name": "other", "title": "Own"}}, "licence.text"),
        ({"foreignKeys": []}, "foreignKeys"),
        ({"fields": []}, "fields"),
        ({"title": {"fa": "\x00", "en": "x"}}, "title.fa"),
    ],
)
def test_what_does_not_hang_together_is_named(airport: Documents, changes: dict[str, Any], path: str) -> None:
    assert path in problems_of(airport(**changes))


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"name": "Extra"}, "fields[4].name"),
        ({"name": "xmin"}, "fields[4].name"),
        ({"name": "_row"}, "fields[4].name"),
        ({"name": "icao"}, "fields"),
        ({"name": "country_record"}, "fields"),
        ({"filters": ["like"]}, "fields[4].filters"),
        ({"type": "integer", "filters": ["startsWith"]}, "fields[4].filters"),
        ({"type": "integer", "constraints": {"minimum": "ten"}}, "fields[4].constraints.minimum"),
        ({"type": "number", "constraints": {"maximum": float("inf")}}, "fields[4].constraints.maximum"),
        ({"constraints": {"pattern": "("}}, "fields[4].constraints.pattern"),
        ({"constraints": {"enum": [False]}}, "fields[4].constraints.enum[0]"),
        ({"access": "withheld", "legalGround": "x", "filters": ["eq"]}, "fields[4]"),
        ({"access": "withheld"}, "fields[4].legalGround"),
        ({"type": "integer", "apply": [{"zeroPad": 2}]}, "fields[4].apply"),
        ({"apply": [{"zeroPad": 0}]}, "fields[4].apply[0]"),
        ({"zeroPad": 2}, "fields[4].zeroPad"),
        ({"derive": {"from": "nothing", "apply": ["fold"]}}, "fields[4].derive.from"),
        ({"derive": {"from": "elevation", "apply": ["fold"]}}, "fields[4].derive"),
        ({"derive": {"from": "name", "apply": []}, "type": "integer"}, "fields[4].derive"),
        ({"derive": {"from": "name", "apply": []}, "constraints": {"required": True}}, "fields[4].derive"),
        ({"categories": [False]}, "fields[4].categories[0]"),
        ({"missingValues": [0]}, "fields[4].missingValues[0]"),
    ],
)
def test_what_a_field_cannot_be_is_named(airport: Documents, members: dict[str, Any], path: str) -> None:
    assert path in problems_of(with_field(airport(), **members))


def test_columns_that_meet_in_camel_case_clash(airport: Documents) -> None:
    document = with_field(with_field(airport(), name="runway_1"), name="runway1")
    assert "runway1" in problems_of(document)["fields"]


def test_bounds_beyond_32_bits_make_a_big_integer(airport: Documents) -> None:
    document = with_field(airport(), type="integer", constraints={"maximum": 2**31})
    assert parse(document).field("extra").type is FieldType.BIGINT


@pytest.mark.parametrize("format_", ["%Y%Y", "%Q", "%Y-%", "%c%c"])
@pytest.mark.parametrize("type_", ["date", "datetime"])
def test_a_format_that_is_no_pattern_of_a_date_is_refused(airport: Documents, type_: str, format_: str) -> None:
    found = problems_of(with_field(airport(), type=type_, format=format_))
    assert list(found) == [f"fields[{len(airport()['fields'])}].format"]


@pytest.mark.parametrize("pattern", ["(", "a{99999999999999999999}", "(" * 2_000 + ")" * 2_000])
def test_a_pattern_that_the_matcher_does_not_take_is_refused(airport: Documents, pattern: str) -> None:
    found = problems_of(with_field(airport(), constraints={"pattern": pattern}))
    assert list(found) == [f"fields[{len(airport()['fields'])}].constraints.pattern"]


def test_a_number_in_decimal_format_is_exact(airport: Documents) -> None:
    document = with_field(airport(), type="number", format="decimal", constraints={"minimum": "0.10"})
    field = parse(document).field("extra")
    assert field.type is FieldType.DECIMAL and str(field.constraints.minimum) == "0.10"


def test_range_stands_for_the_four_comparisons(airport: Documents) -> None:
    assert parse(airport()).field("elevation").filters == {
        FilterOp.GT,
        FilterOp.GTE,
        FilterOp.LT,
        FilterOp.LTE,
    }


def test_derived_fields_chain_their_transforms(airport: Documents) -> None:
    derive = {"from": "country", "apply": [{"zeroPad": 2}, {"prepend": "IR-"}]}
    field = parse(with_field(airport(), derive=derive)).field("extra")
    assert field.derive is not None and field.derive.source == "country"
    assert field.derive.transforms == (
        Transform(TransformKind.ZERO_PAD, 2),
        Transform(TransformKind.PREPEND, "IR-"),
    )


def test_a_unique_column_is_a_key(airport: Documents) -> None:
    document = with_field(airport(), constraints={"unique": True})
    assert [key.fields for key in parse(document).unique_keys] == [("icao",), ("extra",)]


def test_yaml_keeps_norway_and_dates_as_text() -> None:
    assert read_text("a: NO\nb: 2013-01-01\nc: true\nd: null") == {
        "a": "NO",
        "b": "2013-01-01",
        "c": True,
        "d": None,
    }


@pytest.mark.parametrize("text", ["a: 1\na: 2", "a: &x [1]\nb: *x", "- 1", "a: [", "[" * 5_000, "", "!!python/none"])
def test_a_document_that_hides_something_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        read_text(text)


def test_a_missing_contract_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load(tmp_path / "none.yaml")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)
MEMBERS = [
    "agency", "dataset", "version", "recordName", "title", "access", "licence", "source", "theme", "cadence",
    "contact", "fields", "primaryKey", "uniqueKeys", "missingValues", "orderings", "links",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_whatever_the_members_are_only_a_refusal_comes_of_it(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        parse({"dataset": "x", **changes})


FIELD_MEMBERS = [
    "name", "type", "format", "label", "unit", "categories", "filters", "access", "constraints", "apply", "derive",
    "missingValues", "normalise", "trueValues",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELD_MEMBERS), JSON, min_size=1))
def test_whatever_a_field_holds_only_a_refusal_comes_of_it(members: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        parse({"fields": [members]})
