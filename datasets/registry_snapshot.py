"""Reading the registry: one statement, one snapshot, also on a replica."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import reread
from publicgsb.datasets.quality.model import counted_of
from publicgsb.datasets.registry import (
    Agency,
    ChangedKeys,
    DatasetEntry,
    DatasetState,
    Deprecation,
    LinkRate,
    Registry,
    ReleaseRef,
    Tombstone,
)
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.sql import load

_SNAPSHOT = load("publicgsb.datasets", "sql/registry_snapshot.sql")
_VERSION = load("publicgsb.datasets", "sql/registry_version.sql")


async def shown_version(connection: Connection) -> int:
    """The version that `load_registry` would find on this connection now, or an older one."""
    version: int = await connection.fetchval(_VERSION)
    return version


async def load_registry(connection: Connection, previous: Registry | None = None) -> Registry:
    """One consistent snapshot by a single statement; contracts known to `previous` are not parsed again."""
    known = _contracts_of(previous) if previous is not None else {}
    text: str = await connection.fetchval(_SNAPSHOT, list(known))
    # With many datasets it takes long, so not in the event loop.
    return await asyncio.to_thread(_from_text, text, known)


def _from_text(text: str, known: Mapping[str, Contract]) -> Registry:
    return _from_snapshot(json.loads(text), known)


def _contracts_of(registry: Registry) -> dict[str, Contract]:
    found: dict[str, Contract] = {}
    for entry in registry.datasets.values():
        for contract in (entry.contract, *(release.contract for release in entry.releases.values())):
            found[contract.sha256] = contract
    return found


def _from_snapshot(snapshot: dict[str, Any], known: Mapping[str, Contract]) -> Registry:
    contracts = {
        row["id"]: reread(row["document"], row["sha256"]) if row["document"] else known[row["sha256"]]
        for row in snapshot["contracts"]
    }
    agencies = {
        row["id"]: Agency(
            row["id"], row["slug"], Label(row["name_fa"], row["name_en"]), row["is_sample"], row["contact"]
        )
        for row in snapshot["agencies"]
    }
    entries = _entries(snapshot, agencies, contracts)
    return Registry(
        version=snapshot["version"],
        schema_version=snapshot["schema_version"],
        agencies=MappingProxyType({agency.slug: agency for agency in agencies.values()}),
        datasets=MappingProxyType({(entry.agency.slug, entry.slug): entry for entry in entries}),
        moments=_moments(snapshot["history"]),
    )


def _moments(history: list[list[Any]]) -> tuple[tuple[date, int], ...]:
    """The last version of each day on which something changed; a clock that was set back does not reorder versions."""
    last: dict[date, int] = {}
    newest = date.min
    for version, at in sorted({(version, at) for _, version, _, at in history}):
        newest = max(newest, datetime.fromisoformat(at).astimezone(UTC).date())
        last[newest] = version
    return tuple(last.items())


def _entries(
    snapshot: dict[str, Any], agencies: Mapping[int, Agency], contracts: Mapping[int, Contract]
) -> list[DatasetEntry]:
    releases = {row["id"]: _release(row, contracts) for row in snapshot["releases"]}
    readable: dict[int, dict[int, ReleaseRef]] = defaultdict(dict)
    for row in snapshot["releases"]:
        if row["state"] == "published":
            readable[row["dataset_id"]][row["seq"]] = releases[row["id"]]
    history: dict[int, list[tuple[int, ReleaseRef | None]]] = defaultdict(list)
    for dataset_id, version, release_id, _ in snapshot["history"]:
        history[dataset_id].append((version, releases[release_id] if release_id else None))
    unreadable: dict[tuple[int, str], set[int]] = defaultdict(set)
    for dataset_id, seq, state in snapshot["unreadable"]:
        unreadable[dataset_id, state].add(seq)
    rates: dict[int, dict[str, LinkRate]] = defaultdict(dict)
    for release_id, link, rows, matched, most in snapshot["link_rates"]:
        rates[releases[release_id].dataset_id][link] = LinkRate(rows, matched, most)
    linked = _linked(snapshot, agencies, contracts, rates)
    return [
        DatasetEntry(
            id=row["id"],
            agency=agencies[row["agency_id"]],
            slug=row["slug"],
            contract=contracts[row["contract_id"]],
            state=DatasetState(row["state"]),
            withdrawn_reason=Label(row["withdrawn_fa"], row["withdrawn_en"]) if row["withdrawn_fa"] else None,
            current=history[row["id"]][-1][1] if history[row["id"]] else None,
            history=tuple(history[row["id"]]),
            releases=MappingProxyType(readable[row["id"]]),
            gone=frozenset(unreadable[row["id"], "gone"]),
            recalled=frozenset(unreadable[row["id"], "recalled"]),
            link_rates=MappingProxyType(rates[row["id"]]),
            tombstone=_tombstone(row),
            deprecation=_deprecation(row),
            linked_from=MappingProxyType(linked[agencies[row["agency_id"]].slug, row["slug"]]),
        )
        for row in snapshot["datasets"]
    ]


def _linked(
    snapshot: dict[str, Any],
    agencies: Mapping[int, Agency],
    contracts: Mapping[int, Contract],
    rates: Mapping[int, Mapping[str, LinkRate]],
) -> Mapping[tuple[str, str], dict[str, LinkRate]]:
    """By the dataset that links lead to."""
    found: dict[tuple[str, str], dict[str, LinkRate]] = defaultdict(dict)
    for row in snapshot["datasets"]:
        own = rates.get(row["id"], {})
        for link in contracts[row["contract_id"]].links:
            if link.name in own:
                name = f"{agencies[row['agency_id']].slug}/{row['slug']}.{link.name}"
                found[link.target][name] = own[link.name]
    return found


def _tombstone(row: dict[str, Any]) -> Tombstone | None:
    if row["withdrawn_at"] is None:
        return None
    return Tombstone(row["withdrawn_by"], datetime.fromisoformat(row["withdrawn_at"]), row["withdrawn_ground"])


def _deprecation(row: dict[str, Any]) -> Deprecation | None:
    if row["deprecated_at"] is None:
        return None
    return Deprecation(
        at=datetime.fromisoformat(row["deprecated_at"]),
        sunset_on=date.fromisoformat(row["sunset_on"]),
        successor=row["successor"],
        reason=Label(row["deprecated_fa"], row["deprecated_en"]),
    )


def _release(row: dict[str, Any], contracts: Mapping[int, Contract]) -> ReleaseRef:
    return ReleaseRef(
        id=row["id"],
        dataset_id=row["dataset_id"],
        seq=row["seq"],
        contract=contracts[row["contract_id"]],
        table=row["table_name"],
        columns=frozenset(row["columns"]),
        rows=row["rows"],
        sha256=row["sha256"],
        as_of=date.fromisoformat(row["as_of"]) if row["as_of"] else None,
        published_at=datetime.fromisoformat(row["published_at"]),
        changes=ChangedKeys(row["changes_table"], row["changes_since"]) if row["changes_table"] else None,
        suppressed_cells=row["suppressed_cells"],
        counted=counted_of(row["quality"]),
        notes=Label(row["notes_fa"], row["notes_en"]) if row["notes_fa"] else None,
    )
