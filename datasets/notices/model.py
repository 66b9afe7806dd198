"""A breaking contract that was announced: until when the old one is answered, what takes its place, who uses it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from publicgsb.platform.kernel.database import Connection


@dataclass(frozen=True, slots=True)
class Terms:
    """How long callers have: by default, and at least. In days."""

    days: int = 90
    days_min: int = 30


@dataclass(frozen=True, slots=True)
class User:
    """An application that asked a dataset in the last 90 days. Named to the owning agency and to operators alone."""

    organisation_id: int
    organisation: str
    application_id: int
    application: str
    fields: tuple[str, ...]  # of those that a change touches
    requests: int
    last_on: date


# By the dataset's id, a major of it, and the columns that a change touches; other parts answer, by way of the platform.
UsersOf: TypeAlias = Callable[[Connection, int, int, Sequence[str]], Awaitable[Sequence[User]]]


@dataclass(frozen=True, slots=True)
class Notice:
    """What was announced of a dataset, as long as the old major is answered."""

    id: int
    dataset_id: int
    dataset: str  # agency/dataset
    successor: str  # agency/dataset
    major: int  # the one that ends
    version: str  # the one that takes its place
    breaks: tuple[str, ...]
    touched: tuple[str, ...]
    at: datetime
    actor: str
    sunset_on: date | None  # None: the dataset is deprecated no more
    earliest_on: date
    beside_days: int
    override_reason: str | None
    successor_since: datetime | None  # when its current release was its first, or came after none; None: has none


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a dataset's contract stands: what is declared and would break what, what was announced, who uses it."""

    dataset: str
    served: str  # version
    declared: str | None  # the next release's version, where it is another
    is_breaking: bool
    breaks: tuple[str, ...]
    touched: tuple[str, ...]
    would_be: str | None  # the name that the announced major would have
    notice: Notice | None
    users: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Announced:
    """What an announcement or an override did, and whether every live process knows."""

    dataset: str
    successor: str | None  # None: the next release takes the place of the old one, under the same name
    version: str
    sunset_on: date | None
    breaks: tuple[str, ...]
    touched: tuple[str, ...]
    users: tuple[User, ...]
    linked_from: tuple[str, ...]  # datasets whose links lead to the old one
    workers: int
    workers_behind: int
