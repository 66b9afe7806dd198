"""The next major has names of its own for everything that stands beside the old one's."""

from tests.datasets.conftest import Documents, column

from publicgsb.datasets.contracts.aggregates_document import root_field_names
from publicgsb.datasets.contracts.change import touched_fields
from publicgsb.datasets.contracts.majors import as_next_major, is_major
from publicgsb.datasets.contracts.parse import parse


def test_dataset_record_and_reverse_are_named_by_the_major(airport: Documents) -> None:
    old, new = parse(airport()), parse(airport(version="2.0.0", orderings=None))
    made = as_next_major(old, new)
    assert (made.slug, made.record_name) == ("aviation/airports_v2", "Airport")
    assert root_field_names(made) == {"airportsV2", "airportV2", "airportsChangesV2"}
    assert not root_field_names(made) & root_field_names(old)
    assert (made.link("countryRecord").reverse, made.link("countryRecord").target) == (
        "airportsV2",
        ("standards", "countries"),
    )


def test_the_one_after_the_next_is_not_named_twice(airport: Documents) -> None:
    links = [airport()["links"][0] | {"reverse": "airportsV2"}]
    old = parse(airport(dataset="airports_v2", version="2.1.0", links=links))
    made = as_next_major(old, parse(airport(dataset="airports_v2", version="3.0.0", links=links)))
    assert (made.slug, made.link("countryRecord").reverse) == ("aviation/airports_v3", "airportsV3")
    assert "airportsV3" in root_field_names(made)


def test_a_first_major_keeps_its_whole_name(airport: Documents) -> None:
    assert parse(airport(dataset="airports_v1")).list_name == "airportsV1"
    assert parse(airport(dataset="airports_v2")).list_name == "airportsV2"


def test_links_to_itself_lead_to_itself(country: Documents) -> None:
    own = {
        "name": "successor",
        "fields": ["next"],
        "to": "standards/countries",
        "toFields": ["code"],
        "reverse": "predecessors",
        "label": {"fa": "بعدی", "en": "Next"},
    }
    fields = [column("code", filters=["eq"]), column("name"), column("next")]
    old = parse(country(fields=fields, links=[own]))
    made = as_next_major(old, parse(country(fields=fields, links=[own], version="2.0.0")))
    assert made.link("successor").target == ("standards", "countries_v2")
    assert made.link("successor").reverse == "predecessorsV2"


def test_a_higher_major_is_one_even_where_nothing_breaks(country: Documents) -> None:
    old = parse(country())
    assert is_major(old, parse(country(version="2.0.0")))
    assert is_major(old, parse(country(version="1.1.0", orderings=None)))
    assert not is_major(old, parse(country(version="1.1.0", attribution="Others")))


def test_what_orders_counts_or_names_a_record_is_touched_as_well(country: Documents) -> None:
    rich = {"uniqueKeys": [["name"]], "aggregates": {"dimensions": ["name"]}}
    old = parse(country(**rich))
    assert touched_fields(old, parse(country(orderings=None, **rich))) == ("name",)
    assert touched_fields(old, parse(country(**(rich | {"uniqueKeys": None})))) == ("name",)
    assert touched_fields(old, parse(country(**(rich | {"aggregates": None})))) == ("name",)
    assert touched_fields(old, old) == ()
