"""Which part of the world a dataset is about: read, told to harvesters and search engines, and never a break."""

from typing import Any

import pytest
from tests.datasets.conftest import country_document
from tests.datasets.exports.test_dcat import BASE, entry

from publicgsb.datasets.contracts.change import breaks
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.exports.dcat import dataset_node
from publicgsb.datasets.exports.schema_org import schema_org
from publicgsb.platform.kernel.errors import InvalidRequest

LABEL = {"fa": "ایران", "en": "Iran"}
PLACE = {"label": LABEL, "country": "IRN", "box": [44, 25, 63.4, 39.8]}


def test_it_is_told_as_a_location_with_its_box() -> None:
    told = dataset_node(entry(country_document(spatial=PLACE), 1), BASE, None)["dct:spatial"]
    assert told["@id"].endswith("/authority/country/IRN") and told["@type"] == "dct:Location"
    box = "POLYGON((44.0 39.8, 63.4 39.8, 63.4 25.0, 44.0 25.0, 44.0 39.8))"
    assert told["dcat:bbox"]["@value"] == box
    place = schema_org(entry(country_document(spatial=PLACE), 1), BASE, None)["spatialCoverage"]
    assert (place["name"], place["geo"]["box"]) == ("Iran", "25.0 44.0 39.8 63.4")


def test_a_place_of_a_gazetteer_is_named_by_its_address_and_one_without_by_words_alone() -> None:
    address = "https://sws.geonames.org/124647/"
    named = country_document(spatial={"label": LABEL, "url": address})
    assert dataset_node(entry(named, 1), BASE, None)["dct:spatial"]["@id"] == address
    worded = dataset_node(entry(country_document(spatial={"label": LABEL}), 1), BASE, None)["dct:spatial"]
    assert set(worded) == {"@type", "skos:prefLabel"}


@pytest.mark.parametrize("spatial", [PLACE, {"label": LABEL}, {"label": LABEL, "url": "https://sws.geonames.org/1/"}])
def test_what_is_stored_reads_as_what_was_written(spatial: dict[str, Any]) -> None:
    contract = parse(country_document(spatial=spatial))
    assert parse(render(contract)) == contract
    without = parse(country_document())
    assert breaks(contract, without) == breaks(without, contract) == ()


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"country": "Iran"}, "spatial.country"),
        ({"url": "ftp://x.example"}, "spatial.url"),
        ({"country": "IRN", "url": "https://x.example/1"}, "spatial.url"),
        ({"box": [44, 25, 63.4]}, "spatial.box"),
        ({"box": [63.4, 25, 44, 39.8]}, "spatial.box"),
        ({"box": [44, 25, 63.4, 99]}, "spatial.box"),
        ({"box": [True, 25, 63.4, 39.8]}, "spatial.box"),
        ({"box": [float("nan"), 25, 63.4, 39.8]}, "spatial.box"),
        ({"city": "Tehran"}, "spatial.city"),
        ({"label": None}, "spatial.label"),
    ],
)
def test_a_wrong_place_is_told_where_it_is_wrong(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(country_document(spatial={"label": LABEL, **wrong}))
    assert [one["path"] for one in refused.value.details["problems"]] == [path]
