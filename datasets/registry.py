"""The registry: which release of each dataset is current, at every registry version that is still readable.

A worker holds one snapshot and swaps the reference; a request binds all its datasets at one version of it.
"""

import asyncio
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import reread
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import NotFound, ReleaseGone, ReleaseRecalled
from publicgsb.platform.kernel.sql import load

TRAIL_MAX = 50  # releases that one change feed puts together; beyond, it compares both tables
_SNAPSHOT = load("publicgsb.datasets", "sql/registry_snapshot.sql")
_VERSION = load("publicgsb.datasets", "sql/registry_version.sql")


class DatasetState(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Agency:
    id: int
    slug: str
    name: Label
    is_sample: bool
    contact: str


@dataclass(frozen=True, slots=True)
class ChangedKeys:
    """A table in schema `released` with the keys by which a release differs from release `since` (an id)."""

    table: str
    since: int


@dataclass(frozen=True, slots=True)
class ReleaseRef:
    """One immutable release: the table is never altered, so what was true of it stays true."""

    id: int
    dataset_id: int
    seq: int
    contract: Contract
    table: str  # unquoted name in schema `released`
    columns: frozenset[str]
    rows: int
    sha256: str
    as_of: date | None
    published_at: datetime
    changes: ChangedKeys | None = None  # against the release before it
    suppressed_cells: int | None = None  # of an aggregate-only dataset, whose rows are cells


@dataclass(frozen=True, slots=True)
class LinkRate:
    """Of `rows` rows with a complete link value, `matched` found their target."""

    rows: int
    matched: int

    @property
    def ratio(self) -> float:
        return self.matched / self.rows if self.rows else 1.0


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    id: int
    agency: Agency
    slug: str
    contract: Contract  # the newest that took effect; a release may be older and lack fields of it
    state: DatasetState
    withdrawn_reason: Label | None
    current: ReleaseRef | None
    history: tuple[tuple[int, ReleaseRef | None], ...]  # ascending; from that version on it was current
    releases: Mapping[int, ReleaseRef]  # readable ones, by seq
    gone: frozenset[int]
    recalled: frozenset[int]
    link_rates: Mapping[str, LinkRate]  # by link name, of the current release

    @property
    def name(self) -> str:
        return f"{self.agency.slug}/{self.slug}"

    def release(self, seq: int) -> ReleaseRef:
        """Release `seq` while its rows are kept, whatever contract it is under."""
        if (found := self.releases.get(seq)) is not None:
            return found
        if seq in self.recalled:
            raise ReleaseRecalled(f"Release {seq} of {self.name} was recalled.")
        if seq in self.gone:
            raise ReleaseGone(
                f"Release {seq} of {self.name} is past its retention.", hint="Ask for the current release."
            )
        raise NotFound(f"{self.name} has no release {seq}.")

    def trail(self, one: ReleaseRef, other: ReleaseRef) -> tuple[ReleaseRef, ...] | None:
        """The releases whose changed keys, together, are all keys that can differ between the two.

        None where a release between them can no longer be read, or none of them was compared.
        """
        readable = {release.id: release for release in self.releases.values()}
        first, last = sorted((one, other), key=lambda release: release.seq)
        found: list[ReleaseRef] = []
        while last.id != first.id:
            if last.changes is None or len(found) == TRAIL_MAX:
                return None
            found.append(last)
            before = readable.get(last.changes.since)
            if before is None or before.seq < first.seq:
                return None
            last = before
        return tuple(found)

    def readable(self, release: ReleaseRef) -> ReleaseRef:
        """The release itself, or the error that says why no query can read it any more."""
        self.release(release.seq)
        if release.contract.major != self.contract.major:
            raise ReleaseGone(
                f"Release {release.seq} of {self.name} has contract {release.contract.version}; "
                f"the dataset now answers by {self.contract.version}.",
                hint="Its file is still served under /files.",
                reason="contract",
            )
        return release


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Registry:
    version: int
    schema_version: int
    agencies: Mapping[str, Agency]
    datasets: Mapping[tuple[str, str], DatasetEntry]
    moments: tuple[tuple[date, int], ...] = ()  # ascending; the day (UTC) on which each version of a history began

    def dataset(self, agency: str, slug: str) -> DatasetEntry:
        entry = self.datasets.get((agency, slug))
        if entry is None:
            raise NotFound(f"There is no dataset {agency}/{slug}.", hint="/catalog.json lists them all.")
        return entry

    def bind(self, entry: DatasetEntry, version: int) -> ReleaseRef | None:
        """What was current at `version`; None when nothing was (withdrawn, or before the first release)."""
        if version == self.version:
            return entry.current
        at = bisect_right(entry.history, version, key=_version_of) - 1
        if at < 0:
            if entry.gone:
                raise ReleaseGone(
                    f"What {entry.name} held then is past its retention.",
                    hint="Begin again without the cursor.",
                )
            return None
        release = entry.history[at][1]
        return None if release is None else entry.readable(release)

    def since(self, entry: DatasetEntry, version: int) -> int:
        """The version from which on `entry` has held what it holds at `version`."""
        return entry.history[max(0, bisect_right(entry.history, version, key=_version_of) - 1)][0]

    def version_of_release(self, entry: DatasetEntry, seq: int) -> int:
        """The last version at which release `seq` was current, where the datasets around it bind too."""
        entry.readable(entry.release(seq))
        following = self.version + 1
        for version, release in reversed(entry.history):
            if release is not None and release.seq == seq:
                return following - 1
            following = version
        raise NotFound(f"{entry.name} has no release {seq}.")

    def version_at_end_of(self, entry: DatasetEntry, day: date) -> int:
        """The last version of that day (UTC); of a day that is not over, the newest. Every dataset binds at it."""
        if not self.moments or day >= self.moments[-1][0]:
            return self.version
        at = bisect_right(self.moments, day, key=_day_of) - 1
        version = self.moments[at][1] if at >= 0 else 0
        if version < entry.history[0][0] and not entry.gone:
            raise NotFound(f"{entry.name} had no release yet on {day}.", hint="The catalogue lists its releases.")
        return version


def _day_of(moment: tuple[date, int]) -> date:
    return moment[0]


def _version_of(step: tuple[int, ReleaseRef | None]) -> int:
    return step[0]


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
    for release_id, link, rows, matched in snapshot["link_rates"]:
        rates[releases[release_id].dataset_id][link] = LinkRate(rows, matched)
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
        )
        for row in snapshot["datasets"]
    ]


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
    )
