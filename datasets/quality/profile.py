"""Whether a dataset's node in the catalogue holds what DCAT-AP 3 asks of it: members, how many, and of which class.

Written from the profile's tables, like the shapes that the tests give to pyshacl; a test holds both against each other.
A validator of SHACL is far too large for a worker.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

Node: TypeAlias = Mapping[str, Any]

_TEXT = "text"
_IRI = "iri"


class Asked(NamedTuple):
    """`kind` is a class, text, a datatype, or an IRI of whatever class; `at_most` None is any number."""

    path: str
    kind: str
    at_least: int = 0
    at_most: int | None = None


DATASET = (
    Asked("dct:title", _TEXT, 1),
    Asked("dct:description", _TEXT, 1),
    Asked("dcat:contactPoint", "vcard:Kind", 1),
    Asked("dct:publisher", "foaf:Agent", 1, 1),
    Asked("dcat:keyword", _TEXT, 1),
    Asked("dcat:theme", "skos:Concept", 1),
    Asked("dct:accessRights", "dct:RightsStatement", 1, 1),
    Asked("dct:accrualPeriodicity", "dct:Frequency", 1, 1),
    Asked("dct:identifier", _TEXT, 1),
    Asked("dcat:landingPage", "foaf:Document", 1),
    Asked("dct:issued", "xsd:dateTime", 0, 1),
    Asked("dct:modified", "xsd:dateTime", 0, 1),
    Asked("dcat:version", _TEXT, 0, 1),
    Asked("dct:provenance", "dct:ProvenanceStatement"),
    Asked("dct:spatial", "dct:Location"),
    Asked("dct:temporal", "dct:PeriodOfTime"),
    Asked("dcat:distribution", "dcat:Distribution"),
)
DISTRIBUTION = (
    Asked("dcat:accessURL", _IRI, 1),
    Asked("dcat:downloadURL", _IRI, 1),
    Asked("dct:title", _TEXT, 1),
    Asked("dct:description", _TEXT, 1),
    Asked("dct:format", "dct:MediaTypeOrExtent", 1, 1),
    Asked("dcat:mediaType", "dct:MediaType", 1, 1),
    Asked("dct:license", "dct:LicenseDocument", 1, 1),
    Asked("dct:rights", "dct:RightsStatement", 0, 1),
    Asked("dcatap:availability", "skos:Concept", 1, 1),
    Asked("dcat:byteSize", "xsd:nonNegativeInteger", 0, 1),
    Asked("spdx:checksum", "spdx:Checksum", 0, 1),
)


def violations(dataset: Node) -> list[str]:
    """The members that are missing, too many or of another kind; empty for a node that conforms."""
    found = list(_missed(dataset, DATASET))
    for one in members(dataset, "dcat:distribution"):
        found += _missed(one, DISTRIBUTION)
    return found


def members(node: Node, path: str) -> list[Any]:
    """The values of a member, one or several."""
    value = node.get(path)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _missed(node: Node, asked: tuple[Asked, ...]) -> Iterator[str]:
    for one in asked:
        values = members(node, one.path)
        too_many = one.at_most is not None and len(values) > one.at_most
        if len(values) < one.at_least or too_many or not all(_is(value, one.kind) for value in values):
            yield one.path


def _is(value: Any, kind: str) -> bool:
    if kind == _TEXT:
        return isinstance(value, str) or (isinstance(value, dict) and "@value" in value and "@type" not in value)
    if not isinstance(value, dict):
        return False
    if kind == _IRI:
        return "@id" in value
    return kind in members(value, "@type")
