"""The registry: which release of each dataset is current, at every registry version that is still readable.

A worker holds one snapshot and swaps the reference; a request binds all its datasets at one version of it.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Label
from publicgsb.datasets.quality.model import Counted
from publicgsb.platform.kernel.errors import NotFound, ReleaseGone, ReleaseRecalled

TRAIL_MAX = 50  # releases that one change feed puts together; beyond, it compares both tables


class DatasetState(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is told of a withdrawn dataset beside its reason. `by` is `agency` or `operator`: the audit names people."""

    by: str
    at: datetime
    legal_ground: str | None


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A dataset that is answered until `sunset_on` and then withdrawn; `successor` is written agency/dataset."""

    at: datetime
    sunset_on: date
    successor: str | None
    reason: Label

    @property
    def sentence(self) -> str:
        """As the schema says it."""
        instead = f" Use {self.successor} instead." if self.successor else ""
        return f"Answered until {self.sunset_on}: {self.reason.en.rstrip('. ')}.{instead}"


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
    counted: Counted | None = None  # None: of before it was counted
    notes: Label | None = None  # what is new in it, in its agency's words


@dataclass(frozen=True, slots=True)
class LinkRate:
    """Of `rows` rows with a complete link value, `matched` found their target.

    `most` is how many of them lead to one and the same record, at most. It is counted where a shortcut comes in by the
    link; None: it was not.
    """

    rows: int
    matched: int
    most: int | None = None

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
    tombstone: Tombstone | None = None  # of a withdrawn one
    deprecation: Deprecation | None = None
    linked_from: Mapping[str, LinkRate] = field(default_factory=dict)  # by agency/dataset.link, of current releases

    @property
    def name(self) -> str:
        return f"{self.agency.slug}/{self.slug}"

    @property
    def successor(self) -> str | None:
        """Written agency/dataset; of one that is deprecated, and stays when it is withdrawn."""
        return self.deprecation.successor if self.deprecation else None

    @property
    def is_in_schema(self) -> bool:
        """Whatever was released once, and what is withheld: a query of it is answered by why there is no answer."""
        return bool(self.history) or self.contract.access is AccessLevel.WITHHELD

    @property
    def shown_state(self) -> str:
        """active, deprecated or withdrawn."""
        return "deprecated" if self.state is DatasetState.ACTIVE and self.deprecation else self.state.value

    @property
    def readable_told(self) -> str:
        """Which of its releases can be asked for, for whoever asked for another one."""
        seqs = [str(seq) for seq in sorted(self.releases) if self.releases[seq].contract.major == self.contract.major]
        return f"Releases that can be asked for: {', '.join(seqs)}." if seqs else "None of its releases can be read."

    def release(self, seq: int) -> ReleaseRef:
        """Release `seq` while its rows are kept, whatever contract it is under."""
        if (found := self.releases.get(seq)) is not None:
            return found
        if seq in self.recalled:
            hint = f"Delete what you took of it. {self.readable_told}"
            raise ReleaseRecalled(f"Release {seq} of {self.name} was recalled.", hint=hint)
        if seq in self.gone:
            raise ReleaseGone(f"Release {seq} of {self.name} is past its retention.", hint=self.readable_told)
        raise NotFound(f"{self.name} has no release {seq}.", hint=self.readable_told)

    def refuse_recalled(self, version: int) -> None:
        """Raises ReleaseRecalled where nothing was current at `version` because what was before had been recalled."""
        at = bisect_right(self.history, version, key=_version_of) - 1
        if at > 0 and (before := self.history[at - 1][1]) is not None and before.seq in self.recalled:
            raise ReleaseRecalled(
                f"Release {before.seq} of {self.name} was recalled, and none has taken its place.",
                hint="The catalogue says when there is one.",
            )

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
        raise NotFound(f"{entry.name} has no release {seq}.", hint=entry.readable_told)

    def version_at_end_of(self, entry: DatasetEntry, day: date) -> int:
        """The last version of that day (UTC); of a day that is not over, the newest. Every dataset binds at it."""
        if not self.moments or day >= self.moments[-1][0]:
            return self.version
        at = bisect_right(self.moments, day, key=_day_of) - 1
        version = self.moments[at][1] if at >= 0 else 0
        if version < entry.history[0][0] and not entry.gone:
            raise NotFound(f"{entry.name} had no release yet on {day}.", hint=entry.readable_told)
        return version


def _day_of(moment: tuple[date, int]) -> date:
    return moment[0]


def _version_of(step: tuple[int, ReleaseRef | None]) -> int:
    return step[0]
