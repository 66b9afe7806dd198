"""Datasets, their releases, and which of them was current when: what every question is answered from."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from publicgsb_sdk.contract import FieldType
from publicgsb_sdk.testing.model import MockContract, Name, Row
from publicgsb_sdk.testing.refusals import Refusal
from publicgsb_sdk.testing.values import written

PLACE = "_row"  # where a row stands in its release, from 0


@dataclass(frozen=True, slots=True)
class Release:
    """Of a dataset of cells: `records` that they were made of, and `suppressed`, cells too small to be told."""

    seq: int
    contract: MockContract
    rows: tuple[Row, ...]
    published_at: datetime
    as_of: date
    sha256: str
    records: int
    suppressed: int = 0
    notes: Mapping[str, str] | None = None

    def has(self, columns: Iterable[str]) -> bool:
        """Whether the release knows these columns; a contract may have grown since."""
        return all(one in self.contract.by_name for one in columns)


@dataclass(slots=True)
class Dataset:
    """`state` is active, deprecated or withdrawn."""

    contract: MockContract
    releases: dict[int, Release] = field(default_factory=dict[int, Release])
    current: int | None = None
    state: str = "active"
    recalled: set[int] = field(default_factory=set[int])
    gone: set[int] = field(default_factory=set[int])
    sunset_on: date | None = None
    successor: str | None = None

    @property
    def is_in_schema(self) -> bool:
        return bool(self.releases) or self.contract.access == "withheld"

    @property
    def readable(self) -> tuple[Release, ...]:
        """Newest first."""
        barred = self.recalled | self.gone
        return tuple(self.releases[seq] for seq in sorted(self.releases, reverse=True) if seq not in barred)

    @property
    def current_release(self) -> Release | None:
        return self.releases[self.current] if self.current is not None and self.state != "withdrawn" else None

    def refuse_withdrawn(self) -> None:
        """Raises DATASET_WITHDRAWN, which tells whom to ask instead."""
        if self.state == "withdrawn":
            hint = f"Ask {self.successor} instead." if self.successor else "The catalogue says why and since when."
            raise Refusal("DATASET_WITHDRAWN", f"{self.contract.id} was withdrawn.", hint=hint, is_of_field=True)

    def release(self, seq: int) -> Release:
        """Raises the refusal that says why it cannot be read."""
        if seq in self.recalled:
            raise _at_field("RELEASE_RECALLED", f"Release {seq} of {self.contract.id} was recalled.")
        if seq in self.gone:
            raise _at_field("RELEASE_GONE", f"Release {seq} of {self.contract.id} is past its retention.")
        if seq not in self.releases:
            raise _at_field("NOT_FOUND", f"{self.contract.id} has no release {seq}.")
        return self.releases[seq]


@dataclass(frozen=True, slots=True)
class Step:
    """From this version on these releases were current; None: none was any more."""

    version: int
    day: date
    current: Mapping[Name, int | None]


class World:
    """All that was released, in the order in which it was."""

    def __init__(self) -> None:
        self.datasets: dict[Name, Dataset] = {}
        self._steps: list[Step] = []

    @property
    def version(self) -> int:
        return self._steps[-1].version if self._steps else 0

    def changed(self, day: date) -> None:
        """What is current now is a new version of the whole."""
        current = {name: one.current for name, one in self.datasets.items() if one.releases}
        self._steps.append(Step(self.version + 1, day, current))

    def dataset(self, name: Name) -> Dataset:
        """Raises NOT_FOUND, which tells what a test forgot."""
        found = self.datasets.get(name)
        if found is None:
            raise Refusal(
                "NOT_FOUND",
                f"There is no dataset {'/'.join(name)}.",
                hint="The mock knows the contracts that it was given; links need those of their targets, too.",
            )
        return found

    def bind(self, name: Name, version: int) -> Release:
        """What the dataset held at that version; raises what its field would answer."""
        dataset = self.dataset(name)
        if dataset.contract.access == "withheld":
            raise _at_field("WITHHELD", f"{dataset.contract.id} is not released.")
        dataset.refuse_withdrawn()
        seq = self._held(name, version)
        if seq is None:
            before = [step.current.get(name) for step in self._steps if step.version <= version]
            recalled = [one for one in before if one in dataset.recalled]
            if recalled:
                raise _at_field("RELEASE_RECALLED", f"Release {recalled[-1]} of {dataset.contract.id} was recalled.")
            if dataset.gone:
                raise _at_field("RELEASE_GONE", f"What {dataset.contract.id} held then is past its retention.")
            raise _at_field("DATASET_WITHDRAWN", f"{dataset.contract.id} had no release then.")
        return dataset.release(seq)

    def version_of(self, name: Name, release: int | date | str | None) -> int:
        """Of a number the last version at which it was current, of a day the last version of that day."""
        if isinstance(release, int):
            self.dataset(name).release(release)
            return max(step.version for step in self._steps if step.current.get(name) == release)
        if isinstance(release, date) and self._steps and release < self._steps[-1].day:
            found = max((step.version for step in self._steps if step.day <= release), default=0)
            if self._held(name, found) is None and not self.dataset(name).gone:
                raise _at_field("NOT_FOUND", f"{'/'.join(name)} had no release yet on {release}.")
            return found
        return self.version

    def _held(self, name: Name, version: int) -> int | None:
        step = next((one for one in reversed(self._steps) if one.version <= version), None)
        return step.current.get(name) if step else None


def sha256_of(contract: MockContract, rows: Iterable[Row]) -> str:
    """Of the rows as a file has them, so that equal rows have equal hashes."""
    hashed = hashlib.sha256()
    for row in rows:
        cells = [None if row.get(one.name) is None else written(row[one.name]) for one in contract.columns]
        hashed.update(json.dumps(cells, ensure_ascii=False).encode())
    return hashed.hexdigest()


def is_text(contract: MockContract, column: str) -> bool:
    return contract.by_name[column].type is FieldType.STRING


def _at_field(code: str, message: str) -> Refusal:
    return Refusal(code, message, is_of_field=True, hint="The catalogue says what can be read.")
