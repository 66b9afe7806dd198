"""The catalogue is clean under the shapes that DCAT-AP itself publishes, and not only under ours."""

import json
from datetime import date
from typing import Any

import pyshacl
import pytest
from rdflib import Graph, Namespace
from tests.datasets.conftest import country_document
from tests.datasets.exports.official_shapes import official_shapes
from tests.datasets.exports.test_dcat import AGENCY, BASE, MADE, OTHER, WITHHELD, entry
from tests.datasets.quality.test_mqa import PLACE

from publicgsb.datasets.exports.dcat import dcat_catalogue
from publicgsb.datasets.quality.dqv import with_quality
from publicgsb.datasets.registry import Registry

pytestmark = [
    pytest.mark.prove,  # the shapes are fetched
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning"),  # rdflib's own use of it
]

_SH = Namespace("http://www.w3.org/ns/shacl#")
MEMBERS = ("dcat-ap-SHACL.ttl",)
CLASSES = ("dcat-ap-SHACL.ttl", "dcat-ap-ranges.ttl")
LISTS = ("dcat-ap-controlled-vocabularies.shape.ttl",)


@pytest.fixture
def catalogue() -> dict[str, Any]:
    """As /catalog.jsonld has it: an open dataset with files, one that is withheld, one that was withdrawn."""
    entries = [entry(country_document(spatial=PLACE), 1), entry(WITHHELD, 2), entry(OTHER, 3, is_withdrawn=True)]
    registry = Registry(1, 1, {"standards": AGENCY}, {("standards", one.slug): one for one in entries})
    return with_quality(dcat_catalogue(registry, BASE, {1: MADE}), registry, BASE, {}, date(2026, 11, 27))


def found(document: dict[str, Any], *shapes: str) -> set[str]:
    """Of whatever severity, as path and value."""
    data = Graph().parse(data=json.dumps(document), format="json-ld")
    _, report, _ = pyshacl.validate(data, shacl_graph=official_shapes(*shapes), inference="none")
    assert isinstance(report, Graph)
    return {
        f"{report.value(one, _SH.resultPath) or ''} {report.value(one, _SH.value) or ''}".strip()
        for one in report.subjects(_SH.resultSeverity)
    }


@pytest.mark.parametrize("shapes", [MEMBERS, CLASSES])
def test_nothing_is_missing_too_many_or_of_another_class(catalogue: dict[str, Any], shapes: tuple[str, ...]) -> None:
    assert found(catalogue, *shapes) == set()


@pytest.mark.parametrize("left_out", ["dct:description", "dct:title"])
def test_the_shapes_find_what_is_missing(catalogue: dict[str, Any], left_out: str) -> None:
    del catalogue["dcat:dataset"][0][left_out]
    assert any(left_out.partition(":")[2] in one for one in found(catalogue, *MEMBERS))


def test_codes_are_of_the_lists_but_for_agencies_which_no_list_of_the_eu_has(catalogue: dict[str, Any]) -> None:
    """And but for the name of SHA-256: the shape wants https where the vocabulary that it names writes http."""
    own = {f"{BASE}/#publisher", f"{BASE}/#agency-standards"}
    algorithm = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
    told = {one for one in found(catalogue, *LISTS) if not one.endswith("#inScheme")}
    assert told == {f"http://purl.org/dc/terms/publisher {one}" for one in own} | {
        algorithm, f"http://spdx.org/rdf/terms#algorithm {algorithm}",
    }  # fmt: skip
