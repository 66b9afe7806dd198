"""A dataset in the words of schema.org, for the search engines that read them in pages."""

from typing import Any

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.exports.dcat import page_url
from publicgsb.datasets.exports.distributions import distributions
from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.registry import DatasetEntry

DESCRIPTION_MIN, DESCRIPTION_MAX = 50, 5000  # what dataset search takes, in characters


def schema_org(entry: DatasetEntry, base_url: str, made: Made | None) -> dict[str, Any]:
    """`made` is of the current release."""
    contract, current = entry.contract, entry.current
    members: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": page_url(entry, base_url),
        "url": page_url(entry, base_url),
        "identifier": entry.name,
        "name": contract.title.en,
        "alternateName": contract.title.fa,
        "description": _description(entry),
        "license": contract.licence.url or contract.licence.title,
        "isAccessibleForFree": contract.access is not AccessLevel.WITHHELD,
        "creator": {"@type": "Organization", "name": entry.agency.name.en, "alternateName": entry.agency.name.fa},
        "includedInDataCatalog": {"@type": "DataCatalog", "name": "Public GSB", "url": f"{base_url}/"},
        "variableMeasured": [
            {"@type": "PropertyValue", "name": field.name, "description": field.label.en}
            for field in contract.released_fields
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": one.media_type,
                "contentUrl": one.url,
                **({"contentSize": f"{one.size} B", "sha256": one.sha256} if one.size else {}),
            }
            for one in distributions(entry, base_url, made)
        ],
    }
    if (place := contract.spatial) is not None:
        members["spatialCoverage"] = {"@type": "Place", "name": place.label.en, "alternateName": place.label.fa}
        if place.box is not None:
            sides = f"{place.box.south} {place.box.west} {place.box.north} {place.box.east}"
            members["spatialCoverage"]["geo"] = {"@type": "GeoShape", "box": sides}
    if current is not None:
        members["version"] = f"{current.contract.version}+{current.seq}"
        members["dateModified"] = current.published_at.isoformat()
    return members


def _description(entry: DatasetEntry) -> str:
    """Long enough to be taken: a short one says whose it is as well."""
    text = entry.contract.description.en
    if len(text) < DESCRIPTION_MIN:
        text = f"{text.rstrip(' .')}. Released by {entry.agency.name.en}, {entry.contract.source.name}."
    return text[:DESCRIPTION_MAX]
