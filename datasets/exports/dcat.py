"""The catalogue as other portals harvest it: DCAT-AP 3 in JSON-LD, with its context in it, so that nothing is fetched.

Authorities' codes are the EU's lists, which contracts' themes and cadences are taken from. Agencies write no RDF.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from publicgsb.datasets.contracts.model import AccessLevel, Cadence, Contract, Label, Licence, Spatial, Theme
from publicgsb.datasets.exports.distributions import Distribution, distributions
from publicgsb.datasets.exports.model import FileFormat, Made
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, Registry

Node: TypeAlias = dict[str, Any]

_EU = "http://publications.europa.eu/resource/authority"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types"
_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_PROFILE = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"

CONTEXT: Mapping[str, str] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "adms": "http://www.w3.org/ns/adms#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_THEMES = {
    Theme.AGRICULTURE: "AGRI",
    Theme.ECONOMY: "ECON",
    Theme.EDUCATION: "EDUC",
    Theme.ENERGY: "ENER",
    Theme.ENVIRONMENT: "ENVI",
    Theme.GOVERNMENT: "GOVE",
    Theme.HEALTH: "HEAL",
    Theme.INTERNATIONAL: "INTR",
    Theme.JUSTICE: "JUST",
    Theme.REGIONS: "REGI",
    Theme.SCIENCE: "TECH",
    Theme.SOCIETY: "SOCI",
    Theme.TRANSPORT: "TRAN",
}
_FREQUENCIES = {
    Cadence.CONTINUOUS: "CONT",
    Cadence.DAILY: "DAILY",
    Cadence.WEEKLY: "WEEKLY",
    Cadence.MONTHLY: "MONTHLY",
    Cadence.QUARTERLY: "QUARTERLY",
    Cadence.YEARLY: "ANNUAL",
    Cadence.IRREGULAR: "IRREG",
    Cadence.ONCE: "NEVER",
}
_RIGHTS = {
    AccessLevel.OPEN: "PUBLIC",
    AccessLevel.REGISTERED: "RESTRICTED",
    AccessLevel.RESTRICTED: "RESTRICTED",
    AccessLevel.WITHHELD: "NON_PUBLIC",
}
_WHO_MAY = {
    AccessLevel.OPEN: Label("هر کس می‌تواند آن را بردارد.", "Anybody may have it."),
    AccessLevel.REGISTERED: Label("هر کس کلید دارد می‌تواند آن را بردارد.", "Whoever has a key may have it."),
    AccessLevel.RESTRICTED: Label("سازمانی که مجوز دارد می‌تواند آن را بردارد.", "Whoever has a grant may have it."),
    AccessLevel.WITHHELD: Label("منتشر نمی‌شود.", "It is not released."),
}
_LICENCES = {
    "CC0-1.0": "CC0",
    "CC-BY-4.0": "CC_BY_4_0",
    "CC-BY-SA-4.0": "CC_BYSA_4_0",
    "ODbL-1.0": "ODC_BL",
    "ODC-By-1.0": "ODC_BY",
    "PDDL-1.0": "ODC_PDDL",
    "OGL-UK-3.0": "OGL_3_0",
}
_FORMATS = {FileFormat.PARQUET: "PARQUET", FileFormat.CSV: "CSV", FileFormat.XLSX: "XLSX"}
_TITLES = {FileFormat.PARQUET: "Parquet", FileFormat.CSV: "CSV", FileFormat.XLSX: "Excel workbook"}
_NAME = Label("درگاه دادهٔ همگانی", "Public GSB")
_ABOUT = Label(
    "داده‌هایی که دستگاه‌ها منتشر کرده‌اند، و آنچه منتشر نمی‌شود با مبنای قانونی آن.",
    "What agencies have released, and what is withheld with its legal ground.",
)


def dcat_catalogue(registry: Registry, base_url: str, made: Mapping[int, Made]) -> Node:
    """Everything that is declared; withheld and withdrawn datasets are in it without files. `made` is by release id."""
    entries = sorted(registry.datasets.values(), key=lambda entry: entry.name)
    publisher: Node = {
        "@id": f"{base_url}/#publisher",
        "@type": "foaf:Agent",
        "foaf:name": _texts(_NAME),
        "foaf:homepage": {"@id": f"{base_url}/", "@type": "foaf:Document"},
    }
    return {
        "@context": dict(CONTEXT),
        "@id": f"{base_url}/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _texts(_NAME),
        "dct:description": _texts(_ABOUT),
        "dct:publisher": publisher,
        "dct:language": [_listed("language", code, "dct:LinguisticSystem") for code in ("FAS", "ENG")],
        "dct:conformsTo": _typed(_PROFILE, "dct:Standard"),
        "dcat:themeTaxonomy": _typed(f"{_EU}/data-theme", "skos:ConceptScheme") | {"dct:title": "Data theme"},
        "foaf:homepage": {"@id": f"{base_url}/"},
        "dcat:dataset": [dataset_node(entry, base_url, _made(entry, made)) for entry in entries],
        "dcat:service": _service(entries, base_url, publisher["@id"]),
    }


def _made(entry: DatasetEntry, made: Mapping[int, Made]) -> Made | None:
    return made.get(entry.current.id) if entry.current else None


def dataset_node(entry: DatasetEntry, base_url: str, made: Made | None) -> Node:
    """What the catalogue says of one dataset; `made` is of its current release."""
    contract, current = entry.contract, entry.current
    found = distributions(entry, base_url, made)
    return _without_empty(
        {
            "@id": dataset_id(entry, base_url),
            "@type": "dcat:Dataset",
            "dct:identifier": entry.name,
            "dct:title": _texts(contract.title),
            "dct:description": _texts(contract.description),
            "dct:publisher": _agency(entry.agency, base_url),
            "dcat:contactPoint": _contact(contract),
            "dcat:keyword": [{"@language": "en", "@value": word} for word in _keywords(contract)],
            "dcat:theme": _theme(contract),
            "dct:accrualPeriodicity": _listed("frequency", _FREQUENCIES[contract.cadence], "dct:Frequency"),
            "dct:accessRights": _rights(contract),
            "dct:rights": _ground(contract),
            "dct:spatial": _place(contract.spatial),
            "dct:temporal": _period(current.as_of) if current and current.as_of else None,
            "dct:provenance": {"@type": "dct:ProvenanceStatement", "rdfs:label": contract.source.name},
            "dcat:landingPage": {"@id": page_url(entry, base_url), "@type": "foaf:Document"},
            "dct:issued": _moment(min(one.published_at for one in entry.releases.values()).isoformat())
            if entry.releases
            else None,
            "dct:modified": _moment(current.published_at.isoformat()) if current else None,
            "dcat:version": f"{current.contract.version}+{current.seq}" if current else None,
            "adms:versionNotes": _texts(current.notes) if current and current.notes else None,
            "adms:status": _status(entry),
            "dcat:distribution": [_distribution(entry, one, base_url) for one in found],
        }
    )


def dataset_id(entry: DatasetEntry, base_url: str) -> str:
    return f"{base_url}/api/v1/agencies/{entry.agency.slug}/datasets/{entry.slug}"


def page_url(entry: DatasetEntry, base_url: str) -> str:
    """The page for people."""
    return f"{base_url}/datasets/{entry.agency.slug}/{entry.slug}"


def _distribution(entry: DatasetEntry, one: Distribution, base_url: str) -> Node:
    title = _TITLES[one.format] + (f", part {one.part} of {one.parts}" if one.parts > 1 else "")
    return _without_empty(
        {
            "@id": one.url,
            "@type": "dcat:Distribution",
            "dct:title": {"@language": "en", "@value": title},
            "dct:description": {"@language": "en", "@value": f"{entry.contract.title.en}: {one.rows} rows as {title}."},
            "dcat:accessURL": {"@id": page_url(entry, base_url)},
            "dcat:downloadURL": {"@id": one.url},
            "dct:format": _listed("file-type", _FORMATS[one.format], "dct:MediaTypeOrExtent"),
            "dcat:mediaType": _typed(f"{_MEDIA_TYPES}/{one.media_type}", "dct:MediaType"),
            "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(one.size)} if one.size else None,
            "spdx:checksum": _checksum(one.sha256) if one.sha256 else None,
            "dct:license": _licence(entry.contract.licence),
            "dct:rights": _terms(entry.contract),
            "dcatap:availability": _concept("planned-availability", "AVAILABLE", "available"),
        }
    )


def _service(entries: list[DatasetEntry], base_url: str, publisher: str) -> Node:
    served = [entry for entry in entries if entry.current is not None and entry.state is DatasetState.ACTIVE]
    return {
        "@id": f"{base_url}/graphql",
        "@type": "dcat:DataService",
        "dct:title": {"@language": "en", "@value": "GraphQL over every released dataset"},
        "dct:publisher": {"@id": publisher},
        "dcat:endpointURL": _typed(f"{base_url}/graphql", "rdfs:Resource"),
        "dcat:endpointDescription": _typed(f"{base_url}/schema.graphql", "rdfs:Resource"),
        "dcat:servesDataset": [{"@id": dataset_id(entry, base_url)} for entry in served],
    }


def _agency(agency: Agency, base_url: str) -> Node:
    return {"@id": f"{base_url}/#agency-{agency.slug}", "@type": "foaf:Agent", "foaf:name": _texts(agency.name)}


def _contact(contract: Contract) -> Node:
    contact: Node = {"@type": ["vcard:Kind", "vcard:Organization"], "vcard:fn": contract.attribution or contract.agency}
    if "@" in contract.contact:
        return contact | {"vcard:hasEmail": {"@id": f"mailto:{contract.contact}"}}
    if contract.contact.startswith(("http://", "https://")):
        return contact | {"vcard:hasURL": {"@id": contract.contact}}
    return contact | {"vcard:note": contract.contact}


def _keywords(contract: Contract) -> list[str]:
    """Contracts declare none: what a record is, and the theme."""
    return list(dict.fromkeys([contract.dataset.replace("_", " "), contract.record_name.lower(), contract.theme.value]))


def _theme(contract: Contract) -> Node:
    return _concept("data-theme", _THEMES[contract.theme], contract.theme.value)


def _rights(contract: Contract) -> Node:
    return _listed("access-right", _RIGHTS[contract.access], "dct:RightsStatement")


def _ground(contract: Contract) -> Node | None:
    """Why it is not everybody's, by the code of the law."""
    if contract.legal_ground is None:
        return None
    return {"@type": "dct:RightsStatement", "rdfs:label": contract.legal_ground}


def _terms(contract: Contract) -> Node:
    """Who may have the file, and whom to name."""
    may, named = _WHO_MAY[contract.access], contract.licence.attribution
    told = may if not named else Label(f"{may.fa} نام ببرید: {named}.", f"{may.en} Name {named}.")
    return {"@type": "dct:RightsStatement", "rdfs:label": _texts(told)}


def _period(day: date) -> Node:
    """Of the rows, as far as the release says it: the day that they describe."""
    moment = {"@type": "xsd:date", "@value": day.isoformat()}
    return {"@type": "dct:PeriodOfTime", "dcat:startDate": moment, "dcat:endDate": moment}


def _place(spatial: Spatial | None) -> Node | None:
    """A country by the EU's list, another place by its own address."""
    if spatial is None:
        return None
    place: Node = {"@type": "dct:Location"}
    if spatial.country:
        place = _listed("country", spatial.country, "dct:Location")
    elif spatial.url:
        place = _typed(spatial.url, "dct:Location")
    place["skos:prefLabel"] = _texts(spatial.label)
    if (box := spatial.box) is not None:
        corners = [(box.west, box.north), (box.east, box.north), (box.east, box.south), (box.west, box.south)]
        ring = ", ".join(f"{lon} {lat}" for lon, lat in (*corners, corners[0]))
        place["dcat:bbox"] = {"@type": _WKT, "@value": f"POLYGON(({ring}))"}
    return place


def _status(entry: DatasetEntry) -> Node | None:
    if entry.state is DatasetState.WITHDRAWN:
        return _concept("dataset-status", "WITHDRAWN", "withdrawn")
    return None


def _licence(licence: Licence) -> Node:
    """By the EU's list where it is there; one without an address of its own is named and its terms are told."""
    if (code := _LICENCES.get(licence.name)) is not None:
        found = _listed("licence", code, "dct:LicenseDocument") | {"dct:title": licence.title}
        return found | {"rdfs:seeAlso": {"@id": licence.url}}
    if licence.url:
        return _typed(licence.url, "dct:LicenseDocument")
    told = {"@type": "dct:LicenseDocument", "dct:title": licence.title, "rdfs:comment": licence.text}
    return _without_empty(told)


def _checksum(sha256: str) -> Node:
    return {
        "@type": "spdx:Checksum",
        "spdx:algorithm": _typed("http://spdx.org/rdf/terms#checksumAlgorithm_sha256", "spdx:ChecksumAlgorithm"),
        "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": sha256},
    }


def _texts(label: Label) -> list[Node]:
    return [{"@language": "fa", "@value": label.fa}, {"@language": "en", "@value": label.en}]


def _moment(text: str) -> Node:
    return {"@type": "xsd:dateTime", "@value": text}


def _concept(name: str, code: str, label: str) -> Node:
    return _listed(name, code, "skos:Concept") | {"skos:prefLabel": {"@language": "en", "@value": label}}


def _listed(name: str, code: str, type_: str) -> Node:
    """A code of one of the EU's lists, with the list, so that whoever checks it need not fetch either."""
    return _typed(f"{_EU}/{name}/{code}", type_) | {"skos:inScheme": {"@id": f"{_EU}/{name}"}}


def _typed(iri: str, type_: str) -> Node:
    return {"@id": iri, "@type": type_}


def _without_empty(members: Node) -> Node:
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}
