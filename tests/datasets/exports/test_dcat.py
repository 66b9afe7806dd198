"""The catalogue is DCAT-AP to another tool's eyes, and says of each dataset what holds today."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from rdflib import Graph
from tests.datasets.conftest import airport_document, country_document

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.exports.dcat import dcat_catalogue
from publicgsb.datasets.exports.model import FileFormat, Made, Part, Whole
from publicgsb.datasets.exports.schema_org import schema_org
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, Registry, ReleaseRef

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib's own use of it

SHAPES = Path(__file__).with_name("dcat_ap_shapes.ttl")
BASE = "https://gsb.example"
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
AGENCY = Agency(1, "standards", Label("استاندارد", "Standards"), False, "c@example.org")
SHA = "ab" * 32
MADE = Made(
    1,
    NOW,
    (
        Part(FileFormat.PARQUET, 1, 2, 10, SHA),
        Part(FileFormat.PARQUET, 2, 1, 9, SHA),
        Part(FileFormat.CSV, 1, 3, 30, SHA),
    ),
    Whole(30, SHA, SHA),
)


def entry(document: dict[str, Any], at: int, *, is_withdrawn: bool = False) -> DatasetEntry:
    contract = parse(document)
    names = frozenset(field.name for field in contract.released_fields)
    release = ReleaseRef(at, at, 3, contract, f"t{at}", names, 3, SHA, None, NOW) if names else None
    state, reason = (DatasetState.WITHDRAWN, Label("خ", "e")) if is_withdrawn else (DatasetState.ACTIVE, None)
    return DatasetEntry(
        at, AGENCY, contract.dataset, contract, state, reason, release, ((1, release),),
        {3: release} if release else {}, frozenset(), frozenset(), {},
    )  # fmt: skip


WITHHELD = country_document(
    dataset="secrets", recordName="Secret", access="withheld", legalGround="IR-FOI-13", primaryKey=None, orderings=None
)
OTHER = country_document(
    dataset="terms",
    recordName="Term",
    licence={"name": "other", "title": "Our terms", "text": "Ask first."},
    contact="Room 7",
)


@pytest.fixture(scope="module")
def registry() -> Registry:
    entries = [
        entry(country_document(), 1),
        entry(airport_document(agency="standards", links=None, access="registered"), 2),
        entry(WITHHELD, 3),
        entry(OTHER, 4, is_withdrawn=True),
    ]
    return Registry(1, 1, {"standards": AGENCY}, {("standards", one.slug): one for one in entries})


def datasets(document: dict[str, Any]) -> dict[str, Any]:
    return {one["dct:identifier"].partition("/")[2]: one for one in document["dcat:dataset"]}


def violations(document: dict[str, Any]) -> str:
    data = Graph().parse(data=json.dumps(document), format="json-ld")
    conforms, _, text = pyshacl.validate(data, shacl_graph=Graph().parse(SHAPES), inference="none")
    return "" if conforms else str(text)


def test_the_catalogue_has_what_the_profile_makes_mandatory_and_recommends(registry: Registry) -> None:
    assert violations(dcat_catalogue(registry, BASE, {1: MADE})) == ""
    assert violations(dcat_catalogue(registry, BASE, {})) == ""


@pytest.mark.parametrize(
    "left_out", ["dct:title", "dct:description", "dct:publisher", "dcat:theme", "dcat:contactPoint"]
)
def test_the_shapes_find_what_is_missing(registry: Registry, left_out: str) -> None:
    document = dcat_catalogue(registry, BASE, {1: MADE})
    del document["dcat:dataset"][0][left_out]
    assert left_out.partition(":")[2] in violations(document)


def test_each_file_has_its_address_size_and_checksum(registry: Registry) -> None:
    countries = datasets(dcat_catalogue(registry, BASE, {1: MADE}))["countries"]
    files = {one["@id"].rpartition("/")[2]: one for one in countries["dcat:distribution"]}
    assert set(files) == {"part-00001.parquet", "part-00002.parquet", "data.csv"}
    second = files["part-00002.parquet"]
    assert second["dcat:downloadURL"]["@id"] == f"{BASE}/files/standards/countries/3/part-00002.parquet"
    assert second["dcat:byteSize"]["@value"] == "9"
    assert second["spdx:checksum"]["spdx:checksumValue"]["@value"] == SHA


def test_what_is_withheld_or_withdrawn_is_named_without_files(registry: Registry) -> None:
    found = datasets(dcat_catalogue(registry, BASE, {}))
    assert [name for name, one in found.items() if "dcat:distribution" not in one] == ["secrets", "terms"]
    assert found["secrets"]["dct:accessRights"]["@id"].endswith("/NON_PUBLIC")
    assert found["secrets"]["dct:rights"]["rdfs:label"] == "IR-FOI-13"
    assert found["terms"]["adms:status"]["@id"].endswith("/WITHDRAWN")


def test_search_engines_are_told_of_files_terms_and_fields(registry: Registry) -> None:
    told = schema_org(registry.dataset("standards", "countries"), BASE, MADE)
    assert (told["@type"], told["name"], told["license"]) == (
        "Dataset", "Countries", "https://creativecommons.org/publicdomain/zero/1.0/",
    )  # fmt: skip
    assert 50 <= len(told["description"]) <= 5000
    assert {one["encodingFormat"] for one in told["distribution"]} == {"application/vnd.apache.parquet", "text/csv"}
    assert [one["name"] for one in told["variableMeasured"]] == ["code", "name"]
