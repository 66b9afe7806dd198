"""What the mock tells beside records: the catalogue, the contract pages, quality, receipts and terms."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from publicgsb_sdk.contract import camel
from publicgsb_sdk.testing.model import Name
from publicgsb_sdk.testing.state import Dataset, Release, World
from publicgsb_sdk.wire import items, members


class Catalogue:
    """Told from what was released."""

    def __init__(self, world: World) -> None:
        self.world = world

    # REST ----------------------------------------------------------------------------------------------------

    def page(self, name: Name) -> dict[str, Any]:
        """`/api/v1/agencies/{agency}/datasets/{dataset}`."""
        dataset = self.world.dataset(name)
        deprecation = None
        if dataset.sunset_on is not None:
            deprecation = {"sunsetOn": dataset.sunset_on.isoformat(), "successor": dataset.successor}
        return {
            **dataset.contract.page,
            "state": dataset.state,
            "deprecation": deprecation,
            "release": _release(dataset.current_release),
            "releases": [] if dataset.state == "withdrawn" else [_release(one) for one in dataset.readable],
        }

    def catalogue(self) -> dict[str, Any]:
        """`/catalog.json`."""
        return {
            "version": self.world.version,
            "agencies": [
                {
                    "slug": slug,
                    "name": {"fa": slug, "en": slug},
                    "isSample": True,
                    "contact": "",
                    "datasets": [self._listed(one) for one in self._of(slug)],
                }
                for slug in self._slugs()
            ],
        }

    def quality(self, name: Name, today: date) -> dict[str, Any]:
        """`/api/v1/datasets/{agency}/{dataset}/quality`: how full the rows are; the service counts more than that."""
        dataset = self.world.dataset(name)
        release = dataset.current_release
        score = None if release is None else round(50 + 50 * _filled(release), 1)
        words = {"fa": "سنجهٔ ساختگی", "en": "A made-up figure of the mock."}
        parts = [{"name": "completeness", "weight": 100, "points": score, "counted": words, "raisedBy": None}]
        return {
            "dataset": "/".join(name),
            "release": release.seq if release else None,
            "day": today.isoformat(),
            "data": None if score is None else {"score": score, "of": 100, "parts": parts},
            "mqa": {"points": 405, "of": 405, "rating": "excellent", "askedAt": None, "dimensions": []},
        }

    # GraphQL -------------------------------------------------------------------------------------------------

    def agencies(self) -> list[dict[str, Any]]:
        told = self.datasets()
        return [
            {
                "slug": slug,
                "name": {"fa": slug, "en": slug},
                "isSample": True,
                "contact": "",
                "datasets": [one for one in told if one["id"].startswith(f"{slug}/")],
            }
            for slug in self._slugs()
        ]

    def datasets(self) -> list[dict[str, Any]]:
        return [self._told(self.world.datasets[name]) for name in sorted(self.world.datasets)]

    def receipt(self, name: Name, release: Release) -> dict[str, Any]:
        """Which release an answer came from, and how to name its source."""
        page = self.world.dataset(name).contract.page
        licence = members(page.get("licence"))
        return {
            "agency": name[0],
            "dataset": "/".join(name),
            "release": release.seq,
            "asOf": release.as_of.isoformat(),
            "sha256": release.sha256,
            "source": members(page.get("source")).get("name") or "",
            "licence": licence.get("name") or "",
            "isShareAlike": bool(licence.get("isShareAlike")),
            "attribution": licence.get("attribution") or "",
        }

    def terms(self, names: Iterable[Name]) -> dict[str, Any]:
        """The union of what all the datasets ask for."""
        licences = [members(self.world.dataset(name).contract.page.get("licence")) for name in names]
        found = {one.get("name"): one for one in licences}
        share_alike = [name for name, one in found.items() if one.get("isShareAlike")]
        return {
            "licences": [
                {
                    "name": name,
                    "title": one.get("title"),
                    "url": one.get("url"),
                    "text": one.get("text"),
                    "isShareAlike": bool(one.get("isShareAlike")),
                }
                for name, one in found.items()
            ],
            "attributions": list(dict.fromkeys(whom for one in licences if (whom := one.get("attribution")))),
            "shareAlike": share_alike,
            "isShareAlike": bool(share_alike),
        }

    # Parts ---------------------------------------------------------------------------------------------------

    def _slugs(self) -> list[str]:
        return list(dict.fromkeys(agency for agency, _ in sorted(self.world.datasets)))

    def _of(self, agency: str) -> list[Dataset]:
        return [self.world.datasets[name] for name in sorted(self.world.datasets) if name[0] == agency]

    def _listed(self, dataset: Dataset) -> dict[str, Any]:
        contract, release = dataset.contract, dataset.current_release
        page = contract.page
        return {
            "slug": contract.dataset,
            "id": contract.id,
            "title": page.get("title"),
            "description": page.get("description"),
            "access": contract.access,
            "state": dataset.state,
            "licence": page.get("licence"),
            "source": page.get("source"),
            "contractVersion": contract.version,
            "rows": len(release.rows) if release else None,
            "release": release.seq if release else None,
            "sha256": release.sha256 if release else None,
            "asOf": release.as_of.isoformat() if release else None,
            "publishedAt": release.published_at.isoformat() if release else None,
            "notes": release.notes if release else None,
            "fields": page["contract"]["fields"],
        }

    def _told(self, dataset: Dataset) -> dict[str, Any]:
        contract, release = dataset.contract, dataset.current_release
        page, told = contract.page, contract.page["contract"]
        licence, aggregates = members(page.get("licence")), told.get("aggregates")
        listed = contract.list_name if contract.has_records else f"{contract.list_name}Aggregate"
        coordinates = contract.coordinates and dict(
            zip(("lat", "lon"), (contract.by_name[one].api_name for one in contract.coordinates), strict=True)
        )
        return {
            "id": contract.id,
            "path": f"{camel(contract.agency)}.{listed}{contract.suffix}",
            "title": _text(page.get("title")),
            "description": _text(page.get("description")),
            "access": contract.access,
            "state": dataset.state,
            "contract": contract.version,
            "licence": {
                "name": licence.get("name") or "",
                "title": licence.get("title") or "",
                "url": licence.get("url"),
                "isShareAlike": bool(licence.get("isShareAlike")),
                "attribution": licence.get("attribution") or "",
            },
            "source": members(page.get("source")).get("name") or "",
            "dataScore": None if release is None else round(50 + 50 * _filled(release), 1),
            "fields": [
                {**one, "label": _text(one.get("label")), "isRequired": bool(one.get("required")), "withheld": None}
                for one in told["fields"]
            ],
            "links": [
                {"name": one["name"], "to": one["to"], "reverse": one.get("reverse"), "matchRate": one.get("matchRate")}
                for one in items(told.get("links"))
            ],
            "shortcuts": [
                {
                    "name": one.name,
                    "label": {"fa": one.name, "en": one.name},
                    "on": "/".join(one.inward.to),
                    "to": "/".join(one.outward.to),
                }
                for one in contract.ties
            ],
            "orderings": items(told.get("orderings")),
            "search": list(contract.search),
            "aggregates": aggregates,
            "coordinates": coordinates,
            "current": None if release is None else _info(release),
            "releases": [_info(one) for one in dataset.readable],
            "deprecation": None
            if dataset.sunset_on is None
            else {
                "reason": {"fa": "", "en": ""},
                "since": release.published_at if release else None,
                "successor": dataset.successor,
                "sunsetOn": dataset.sunset_on,
            },
            "tombstone": None,
            "withheld": None,
        }


def _release(release: Release | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {
        "seq": release.seq,
        "rows": len(release.rows),
        "sha256": release.sha256,
        "asOf": release.as_of.isoformat(),
        "publishedAt": release.published_at.isoformat(),
        "notes": release.notes,
        "suppressedCells": None if release.contract.has_records else release.suppressed,
        "contractVersion": release.contract.version,
    }


def _info(release: Release) -> dict[str, Any]:
    return {
        "seq": release.seq,
        "rows": len(release.rows),
        "sha256": release.sha256,
        "contract": release.contract.version,
        "asOf": release.as_of,
        "publishedAt": release.published_at,
        "notes": release.notes,
    }


def _filled(release: Release) -> float:
    cells = len(release.rows) * len(release.contract.columns)
    filled = sum(row.get(one.name) is not None for row in release.rows for one in release.contract.columns)
    return filled / cells if cells else 1.0


def _text(label: Any) -> dict[str, str]:
    found = members(label)
    return {"fa": found.get("fa") or "", "en": found.get("en") or ""}
