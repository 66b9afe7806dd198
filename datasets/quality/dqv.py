"""Quality in the words of the Data Quality Vocabulary, inside the catalogue that other portals harvest."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from publicgsb.datasets.quality.metrics import METRICS, POINTS_MAX
from publicgsb.datasets.quality.model import Answered
from publicgsb.datasets.quality.score import WEIGHTS
from publicgsb.datasets.quality.service import quality_of_node
from publicgsb.datasets.registry import Registry

Node: TypeAlias = dict[str, Any]

DQV = "http://www.w3.org/ns/dqv#"


def with_quality(
    catalogue: Node, registry: Registry, base_url: str, answered: Mapping[int, Answered], today: date
) -> Node:
    """The same catalogue, each of its datasets with both figures; what they mean is told once.

    They are measured on the nodes as they came, so that no figure is about itself.
    """
    entries = {entry.name: entry for entry in registry.datasets.values()}
    told = []
    for node in catalogue["dcat:dataset"]:
        entry = entries[node["dct:identifier"]]
        found = quality_of_node(entry, node, answered.get(entry.id), today)
        measurements = [_measurement(node["@id"], _mqa(base_url), "xsd:integer", str(found.metadata.points))]
        if found.data is not None:
            measurements.append(_measurement(node["@id"], _data(base_url), "xsd:decimal", f"{found.data.value:.1f}"))
        told.append(node | {"dqv:hasQualityMeasurement": measurements})
    return catalogue | {
        "@context": catalogue["@context"] | {"dqv": DQV},
        "dcat:dataset": told,
        "@included": _metrics(base_url),
    }


def _measurement(dataset: str, metric: str, kind: str, value: str) -> Node:
    return {
        "@type": "dqv:QualityMeasurement",
        "dqv:computedOn": {"@id": dataset},
        "dqv:isMeasurementOf": {"@id": metric},
        "dqv:value": {"@type": kind, "@value": value},
    }


def _metrics(base_url: str) -> list[Node]:
    weights = ", ".join(f"{part.value} {weight}" for part, weight in WEIGHTS.items())
    return [
        _metric(
            _mqa(base_url),
            "xsd:integer",
            "Points of metadata",
            f"Metadata Quality Assessment: points of {POINTS_MAX} in {len(METRICS)} metrics, as measured here.",
        ),
        _metric(_data(base_url), "xsd:decimal", "Data score", f"0 to 100, the sum of five weighted parts: {weights}."),
    ]


def _metric(iri: str, kind: str, label: str, definition: str) -> Node:
    return {
        "@id": iri,
        "@type": "dqv:Metric",
        "skos:prefLabel": {"@language": "en", "@value": label},
        "skos:definition": {"@language": "en", "@value": definition},
        "dqv:expectedDataType": {"@id": kind},
    }


def _mqa(base_url: str) -> str:
    return f"{base_url}/#quality-mqa"


def _data(base_url: str) -> str:
    return f"{base_url}/#quality-data"
