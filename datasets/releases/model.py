"""What a release brings back to whoever asked for it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.ingest.report import Ingested, Report
from publicgsb.datasets.registry import LinkRate, Registry
from publicgsb.platform.kernel.database import Connection


class Stage(StrEnum):
    """Where a release stands, in order."""

    READING = "reading"
    LOADING = "loading"
    INDEXING = "indexing"
    LINKING = "linking"
    SWAPPING = "swapping"
    DONE = "done"


# stage, rows so far, bytes read, bytes in total; called from the thread that reads and from the loop.
Progress: TypeAlias = Callable[[Stage, int, int, int], None]

# Runs inside the swap's transaction with the release's id, so that a job and its release are one fact.
Also: TypeAlias = Callable[[Connection, int, Report], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Target:
    """The dataset a release is made for, under the contract that the release will have."""

    dataset_id: int
    contract_id: int
    contract: Contract
    is_withdrawn: bool
    next_seq: int
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """The release that a new one is compared with."""

    id: int
    table: str
    columns: frozenset[str]
    is_corrected: bool = False  # the new one has the same records, some of them with other values


@dataclass(frozen=True, slots=True)
class Built:
    """A release with its keys, indexes and links, not yet current. `counted` is by source (0: itself), link, target."""

    target: Target
    table: str
    ingested: Ingested
    before: Before | None
    counted: Mapping[tuple[int, str, int], LinkRate]
    registry: Registry


# Looks at what was built, in the build's transaction, which is undone afterwards: nothing becomes current.
Examine: TypeAlias = Callable[[Connection, Built], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Released:
    id: int
    seq: int
    rows: int
    sha256: str
    published_at: datetime
    version: int  # the registry version at which it became current
    link_rates: dict[str, LinkRate]
    workers_behind: int  # 0: every live process answers from it


@dataclass(frozen=True, slots=True)
class Outcome:
    """`release` is None when the report says why nothing was released, or when it was only examined: nothing was
    changed then.
    """

    release: Released | None
    report: Report


@dataclass(frozen=True, slots=True)
class Swapped:
    """What a withdrawal or a rollback did, and whether every live process knows."""

    version: int
    workers: int
    workers_behind: int
    took_ms: int


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One line of a dataset's history."""

    id: int
    seq: int
    state: str
    contract_version: str
    rows: int
    sha256: str
    as_of: date | None
    published_at: datetime
    actor: str
    is_current: bool
    change_kind: str = "full"
    added: int | None = None  # None: the whole file was new
    replaced: int | None = None
    notes: Label | None = None
