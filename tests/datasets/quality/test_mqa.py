"""Each of the 405 points is one metric's, measured on the catalogue as it is published."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from rdflib import Graph
from tests.datasets.conftest import country_document
from tests.datasets.quality.conftest import AGENCY, MADE, NOW, entry_of

from publicgsb.datasets.exports.dcat import dataset_node, dcat_catalogue
from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.quality.dqv import with_quality
from publicgsb.datasets.quality.metrics import METRICS, POINTS_MAX, Dimension
from publicgsb.datasets.quality.model import Answered
from publicgsb.datasets.quality.mqa import Metadata, Rating, measure
from publicgsb.datasets.quality.profile import DATASET, DISTRIBUTION, violations
from publicgsb.datasets.quality.service import quality
from publicgsb.datasets.registry import DatasetEntry, Registry

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib's own use of it

SHAPES = Path(__file__).parent.with_name("exports") / "dcat_ap_shapes.ttl"
BASE = "https://gsb.example"
ANSWERED = Answered(1, 200, {"data.csv": 200, "part-00001.parquet": 200}, NOW)
FULL = entry_of(as_of=date(2026, 10, 31))


def node_of(entry: DatasetEntry = FULL, made: Made | None = MADE) -> dict[str, Any]:
    return dataset_node(entry, BASE, made)


def missed(found: Metadata) -> set[str]:
    return {one.metric.name for one in found.measured if not one.is_met}


def test_the_points_of_all_metrics_are_405_in_five_dimensions() -> None:
    points: Counter[str] = Counter()
    for metric in METRICS:
        points[metric.dimension] += metric.points
    assert points == {
        "findability": 100, "accessibility": 100, "interoperability": 110, "reusability": 75, "contextuality": 20,
    }  # fmt: skip
    assert POINTS_MAX == 405 and len({metric.name for metric in METRICS}) == len(METRICS) == 23


PLACE: dict[str, Any] = {"label": {"fa": "ایران", "en": "Iran"}, "country": "IRN", "box": [44, 25, 63.4, 39.8]}

PLACED = entry_of(country_document(spatial=PLACE), as_of=date(2026, 10, 31))


def test_a_dataset_that_says_its_day_earns_all_points_but_those_of_a_place() -> None:
    found = measure(node_of(), ANSWERED)
    assert (missed(found), found.points, found.rating) == ({"spatial"}, 385, Rating.EXCELLENT)


def test_a_dataset_that_says_its_place_too_earns_all_points() -> None:
    found = measure(node_of(PLACED), ANSWERED)
    assert (missed(found), found.points) == (set(), POINTS_MAX)


OF_DATASET = {
    "dcat:keyword": {"keywords", "dcatApCompliance"},
    "dcat:theme": {"categories", "dcatApCompliance"},
    "dct:temporal": {"temporal"},
    "dct:accessRights": {"accessRights", "accessRightsFromVocabulary", "dcatApCompliance"},
    "dcat:contactPoint": {"contactPoint", "dcatApCompliance"},
    "dct:publisher": {"publisher", "dcatApCompliance"},
    "dct:issued": {"issued"},
    "dct:modified": {"modified"},
    "dct:title": {"dcatApCompliance"},
}
OF_FILES = {
    "dcat:downloadURL": {"downloadUrl", "dcatApCompliance"},
    "dct:format": {"format", "formatFromVocabulary", "nonProprietary", "machineReadable", "dcatApCompliance"},
    "dcat:mediaType": {"mediaType", "formatFromVocabulary", "dcatApCompliance"},
    "dct:license": {"licence", "licenceFromVocabulary", "dcatApCompliance"},
    "dct:rights": {"rights"},
    "dcat:byteSize": {"byteSize"},
}


@pytest.mark.parametrize("path", OF_DATASET)
def test_what_is_not_published_of_a_dataset_earns_nothing(path: str) -> None:
    node = node_of()
    del node[path]
    assert missed(measure(node, ANSWERED)) == {"spatial"} | OF_DATASET[path]


@pytest.mark.parametrize("path", OF_FILES)
def test_what_is_not_published_of_its_files_earns_nothing(path: str) -> None:
    node = node_of()
    for one in node["dcat:distribution"]:
        del one[path]
    assert missed(measure(node, ANSWERED)) == {"spatial"} | OF_FILES[path]


def test_every_metric_can_be_missed_and_every_one_can_be_met() -> None:
    nothing = measure({}, None)
    assert nothing.points == 0 and nothing.rating is Rating.BAD
    met = measure(node_of() | {"dct:spatial": {"@id": "x", "@type": "dct:Location"}}, ANSWERED)
    assert met.points == 405


@pytest.mark.parametrize(
    ("answered", "lost"),
    [
        (None, {"accessUrlAnswers", "downloadUrlAnswers"}),
        (Answered(1, None, {}, NOW), {"accessUrlAnswers", "downloadUrlAnswers"}),
        (Answered(1, 302, {"data.csv": 401}, NOW), {"downloadUrlAnswers"}),
        (Answered(1, 500, {"data.csv": 200}, NOW), {"accessUrlAnswers"}),
    ],
)
def test_addresses_earn_points_only_for_what_they_answered(answered: Answered | None, lost: set[str]) -> None:
    assert missed(measure(node_of(), answered)) == {"spatial"} | lost


def test_what_the_files_of_an_earlier_release_answered_counts_for_nothing() -> None:
    before = Answered(0, 200, {"data.csv": 200}, NOW)
    assert missed(quality(FULL, BASE, MADE, before, NOW.date()).metadata) == {"spatial", "downloadUrlAnswers"}


def test_one_file_has_to_earn_all_points_of_files() -> None:
    """The CSV without an answer and Parquet with one: neither earns what both together would."""
    found = measure(node_of(), Answered(1, 200, {"data.csv": None, "part-00001.parquet": 200}, NOW))
    assert missed(found) == {"spatial", "downloadUrlAnswers"}


def test_files_that_are_not_made_have_no_size_yet() -> None:
    assert missed(measure(node_of(made=None), ANSWERED)) == {"spatial", "byteSize"}


def test_a_licence_beyond_the_list_and_a_dataset_without_a_day_earn_less() -> None:
    entry = entry_of(country_document(licence="MIT"))
    assert missed(measure(node_of(entry), ANSWERED)) == {"spatial", "temporal", "licenceFromVocabulary"}


def test_a_withheld_dataset_earns_what_is_said_of_it() -> None:
    document = country_document(access="withheld", legalGround="IR-FOI-13", primaryKey=None, orderings=None)
    found = measure(node_of(entry_of(document, is_released=False)), None)
    assert (found.of(Dimension.ACCESSIBILITY), found.of(Dimension.FINDABILITY)) == (0, 60)
    assert found.rating is Rating.SUFFICIENT


def test_what_raises_a_metric_is_told_for_each() -> None:
    assert all(text for metric in METRICS for text in (metric.measured.fa, metric.measured.en, metric.raised_by.en))


def conforms(node: dict[str, Any]) -> bool:
    document = dcat_catalogue(registry(FULL), BASE, {1: MADE}) | {"dcat:dataset": [node]}
    data = Graph().parse(data=json.dumps(document), format="json-ld")
    return bool(pyshacl.validate(data, shacl_graph=Graph().parse(SHAPES), inference="none")[0])


def registry(entry: DatasetEntry) -> Registry:
    return Registry(1, 1, {"standards": AGENCY}, {("standards", entry.slug): entry})


@pytest.mark.parametrize("path", [one.path for one in DATASET if one.path != "dcat:distribution"])
@pytest.mark.parametrize("change", ["missing", "twice", "of another class"])
def test_the_check_of_a_dataset_says_what_pyshacl_says(path: str, change: str) -> None:
    node = node_of(PLACED)
    node |= {path: changed(node[path], change)}
    assert (violations(node) == []) is conforms(node)


@pytest.mark.parametrize("path", [one.path for one in DISTRIBUTION])
@pytest.mark.parametrize("change", ["missing", "twice", "of another class"])
def test_the_check_of_a_file_says_what_pyshacl_says(path: str, change: str) -> None:
    node = node_of()
    files = node["dcat:distribution"]
    files[0] |= {path: changed(files[0][path], change)}
    assert (violations(node) == []) is conforms(node)


def changed(value: Any, change: str) -> Any:
    if change == "missing":
        return []
    if change == "of another class":
        return {"@id": "urn:other", "@type": "foaf:Image"}
    if isinstance(value, str):
        return [value, "another"]
    if isinstance(value, dict):
        other = {"@value": "2026-01-01T00:00:00Z"} if "@value" in value else {"@id": "urn:other"}
        return [value, value | other]
    return [*value, {"@language": "de", "@value": "anderes"}]


def test_the_catalogue_tells_both_figures_in_dqv_and_stays_what_the_profile_asks_for() -> None:
    document = with_quality(
        dcat_catalogue(registry(FULL), BASE, {1: MADE}), registry(FULL), BASE, {1: ANSWERED}, NOW.date()
    )
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    found = graph.query(
        """
        prefix dqv: <http://www.w3.org/ns/dqv#>
        prefix skos: <http://www.w3.org/2004/02/skos/core#>
        select ?dataset ?label ?value where {
          ?dataset dqv:hasQualityMeasurement ?one . ?one dqv:value ?value ; dqv:isMeasurementOf ?metric ;
            dqv:computedOn ?dataset . ?metric a dqv:Metric ; skos:prefLabel ?label
        }
        """
    )
    told = {str(row[1]): float(str(row[2])) for row in found if not isinstance(row, bool)}
    data = quality(FULL, BASE, MADE, ANSWERED, NOW.date()).data
    assert data is not None
    assert told["Points of metadata"] == 385 and told["Data score"] == data.value
    conforms, _, text = pyshacl.validate(graph, shacl_graph=Graph().parse(SHAPES), inference="none")
    assert conforms, text
