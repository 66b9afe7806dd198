"""The whole catalogue as one JSON document, and one dataset of it as its contract page."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from publicgsb.datasets.contracts.decisions import statement_json
from publicgsb.datasets.contracts.model import (
    AccessLevel,
    Contract,
    Field,
    Label,
    Licence,
    Link,
    Source,
)
from publicgsb.datasets.contracts.spatial import render_spatial
from publicgsb.datasets.exports.distributions import as_json, distributions
from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.quality.model import Answered
from publicgsb.datasets.quality.score import utc_today
from publicgsb.datasets.quality.service import NOBODY_ASKED, in_short, quality
from publicgsb.datasets.registry import DatasetEntry, Deprecation, Registry, ReleaseRef
from publicgsb.datasets.told import (
    ToldAggregates,
    ToldOrdering,
    ToldShortcut,
    aggregates_of,
    orderings_of,
    shortcuts_of,
)


def catalogue(
    registry: Registry,
    base_url: str,
    grant_requests: Mapping[int, Mapping[str, int | None]] = MappingProxyType({}),
    made: Mapping[int, Made] = MappingProxyType({}),
    answered: Mapping[int, Answered] = NOBODY_ASKED,
    today: date | None = None,
) -> dict[str, Any]:
    """Everything that is declared, withheld and withdrawn datasets too, by agency.

    `grant_requests`: by dataset id, how many requests for its restricted data ended how; None where too few asked.
    `made`: by release id, its files. `answered`: by dataset id, which addresses did; `today` in UTC.
    """
    day = today or utc_today()
    by_agency: dict[str, list[DatasetEntry]] = {slug: [] for slug in registry.agencies}
    for entry in registry.datasets.values():
        by_agency[entry.agency.slug].append(entry)
    return {
        "version": registry.version,
        "agencies": [
            {
                "slug": agency.slug,
                "name": _label(agency.name),
                "isSample": agency.is_sample,
                "contact": agency.contact,
                "datasets": [
                    {
                        **_dataset(entry, base_url),
                        "distributions": [as_json(one) for one in distributions(entry, base_url, _made(entry, made))],
                        "grantRequests": grant_requests.get(entry.id),
                        "quality": in_short(quality(entry, base_url, _made(entry, made), answered.get(entry.id), day)),
                    }
                    for entry in by_agency[agency.slug]
                ],
            }
            for agency in registry.agencies.values()
        ],
    }


def _made(entry: DatasetEntry, made: Mapping[int, Made]) -> Made | None:
    return made.get(entry.current.id) if entry.current else None


def dataset_page(entry: DatasetEntry, base_url: str) -> dict[str, Any]:
    """The contract in the API's words, the current release, and where its files are."""
    contract = entry.contract
    return {
        "agency": entry.agency.slug,
        "dataset": entry.slug,
        "title": _label(contract.title),
        "description": _label(contract.description),
        "state": entry.shown_state,
        "withdrawnReason": _label(entry.withdrawn_reason),
        "tombstone": _tombstone(entry),
        "deprecation": _deprecation(entry.deprecation),
        "contract": {
            "version": contract.version,
            "sha256": contract.sha256,
            "recordName": contract.record_name,
            "listName": contract.list_name,
            "recordField": contract.record_field,
            "access": contract.access.value,
            "legalGround": contract.legal_ground,
            "withheld": statement_json(contract),
            "primaryKey": list(contract.primary_key),
            "keys": [{"name": key.name, "fields": list(key.fields)} for key in contract.unique_keys],
            "fields": [_field(contract, field) for field in contract.fields],
            "links": [_link(entry, link) for link in contract.links],
            "shortcuts": [_shortcut(shortcut) for shortcut in shortcuts_of(contract)],
            "coordinates": {"lat": contract.coordinates.lat, "lon": contract.coordinates.lon}
            if contract.coordinates
            else None,
            "orderings": [_ordering(order) for order in orderings_of(contract)],
            "search": list(contract.search),
            "aggregates": _aggregates(aggregates_of(contract)),
        },
        "licence": _licence(contract.licence),
        "source": _source(contract.source),
        "spatial": render_spatial(contract.spatial),
        "release": _release(entry.current),
        "releases": _readable(entry),
        "files": {"csv": file_url(entry, base_url)},
    }


def file_url(entry: DatasetEntry, base_url: str) -> str | None:
    if entry.current is None:
        return None
    return f"{base_url}/files/{entry.agency.slug}/{entry.slug}/{entry.current.seq}.csv"


def _dataset(entry: DatasetEntry, base_url: str) -> dict[str, Any]:
    contract, current = entry.contract, entry.current
    return {
        "slug": entry.slug,
        "id": entry.name,
        "sdk": f"{entry.agency.slug}.{entry.slug}",
        "title": _label(contract.title),
        "description": _label(contract.description),
        "access": contract.access.value,
        "legalGround": contract.legal_ground,
        "withheld": statement_json(contract),
        "state": entry.shown_state,
        "withdrawnReason": _label(entry.withdrawn_reason),
        "tombstone": _tombstone(entry),
        "deprecation": _deprecation(entry.deprecation),
        "licence": _licence(contract.licence),
        "source": _source(contract.source),
        "theme": contract.theme.value,
        "cadence": contract.cadence.value,
        "contact": contract.contact,
        "spatial": render_spatial(contract.spatial),
        "contractVersion": contract.version,
        "rows": current.rows if current else None,
        "release": current.seq if current else None,
        "sha256": current.sha256 if current else None,
        "asOf": current.as_of.isoformat() if current and current.as_of else None,
        "publishedAt": current.published_at.isoformat() if current else None,
        "notes": _label(current.notes) if current else None,
        "fields": [_field(contract, field) for field in contract.fields],
        "links": [_link(entry, link) for link in contract.links],
        "shortcuts": [_shortcut(shortcut) for shortcut in shortcuts_of(contract)],
        "orderings": [_ordering(order) for order in orderings_of(contract)],
        "search": list(contract.search),
        "aggregates": _aggregates(aggregates_of(contract)),
        "urls": {
            "csv": file_url(entry, base_url),
            "contract": f"{base_url}/api/v1/agencies/{entry.agency.slug}/datasets/{entry.slug}",
            "quality": f"{base_url}/api/v1/datasets/{entry.agency.slug}/{entry.slug}/quality",
        },
    }


def _field(contract: Contract, field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "apiName": field.api_name,
        "type": field.type.value,
        "required": field.required,
        "label": _label(field.label),
        "description": _label(field.description),
        "unit": field.unit,
        "access": contract.access_of(field).value,
        "legalGround": field.legal_ground,
        "withheld": statement_json(contract, field),
        "isReleased": contract.access_of(field) is not AccessLevel.WITHHELD,
        "filters": sorted(op.value for op in field.filters),
        "categories": [{"value": category.value, "label": _label(category.label)} for category in field.categories],
    }


def _link(entry: DatasetEntry, link: Link) -> dict[str, Any]:
    rate = entry.link_rates.get(link.name)
    return {
        "name": link.name,
        "label": _label(link.label),
        "fields": list(link.fields),
        "to": f"{link.to_agency}/{link.to_dataset}",
        "toFields": list(link.to_fields),
        "reverse": link.reverse,
        "matchRate": round(rate.ratio, 6) if rate else None,
        "rows": rate.rows if rate else None,
        "matched": rate.matched if rate else None,
    }


def _shortcut(shortcut: ToldShortcut) -> dict[str, Any]:
    return {"name": shortcut.name, "label": _label(shortcut.label), "on": shortcut.on, "to": shortcut.to}


def _ordering(ordering: ToldOrdering) -> dict[str, Any]:
    return {"name": ordering.name, "fields": list(ordering.fields), "alphabet": ordering.alphabet}


def _aggregates(aggregates: ToldAggregates | None) -> dict[str, Any] | None:
    if aggregates is None:
        return None
    return {
        "name": aggregates.name,
        "groupings": [
            {"name": one.name, "apiName": one.api_name, "field": one.field, "grain": one.grain}
            for one in aggregates.groupings
        ],
        "measures": list(aggregates.measures),
        "only": aggregates.only,
        "minCell": aggregates.min_cell,
        "pPercent": aggregates.p_percent,
    }


def _readable(entry: DatasetEntry) -> list[dict[str, Any] | None]:
    """Newest first; none of a dataset that was withdrawn."""
    if entry.tombstone is not None:
        return []
    return [_release(entry.releases[seq]) for seq in sorted(entry.releases, reverse=True)]


def _release(release: ReleaseRef | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {
        "seq": release.seq,
        "rows": release.rows,
        "sha256": release.sha256,
        "asOf": release.as_of.isoformat() if release.as_of else None,
        "publishedAt": release.published_at.isoformat(),
        "notes": _label(release.notes),
        "suppressedCells": release.suppressed_cells,
        "contractVersion": release.contract.version,
    }


def _tombstone(entry: DatasetEntry) -> dict[str, Any] | None:
    """What stays of a withdrawn dataset: when, by whom, why, on which ground."""
    stone = entry.tombstone
    if stone is None:
        return None
    return {
        "by": stone.by,
        "at": stone.at.isoformat(),
        "reason": _label(entry.withdrawn_reason),
        "legalGround": stone.legal_ground,
    }


def _deprecation(deprecation: Deprecation | None) -> dict[str, Any] | None:
    if deprecation is None:
        return None
    return {
        "since": deprecation.at.isoformat(),
        "sunsetOn": deprecation.sunset_on.isoformat(),
        "successor": deprecation.successor,
        "reason": _label(deprecation.reason),
    }


def _licence(licence: Licence) -> dict[str, Any]:
    return {
        "name": licence.name,
        "title": licence.title,
        "url": licence.url,
        "text": licence.text,
        "isShareAlike": licence.is_share_alike,
        "attribution": licence.attribution,
    }


def _source(source: Source) -> dict[str, Any]:
    return {"name": source.name, "url": source.url, "year": source.year}


def _label(label: Label | None) -> dict[str, str] | None:
    return {"fa": label.fa, "en": label.en} if label else None
