"""Who the service takes you for, and how much you have left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from publicgsb_sdk.wire import members


@dataclass(frozen=True, slots=True)
class Account:
    """The holder of the key. What does not apply to its kind of credential is None.

    >>> gsb.whoami().credential, gsb.whoami().agency
    ('key', None)
    """

    credential: str
    key_id: str | None
    organisation: str | None
    application: str | None
    agency: str | None
    plan: str | None


@dataclass(frozen=True, slots=True)
class Limit:
    """One policy of the plan and what is left of it, in its `unit`: points, bytes, requests or milliseconds.

    `window_seconds` is None for what is counted by month or day; `resets_at` is a moment in UTC.

    >>> month = gsb.limits()[1]
    >>> month.limit - month.remaining, month.resets_at.date()
    (120, datetime.date(2026, 12, 1))
    """

    name: str
    unit: str
    limit: int
    remaining: int
    window_seconds: int | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used. What it is not summed by is None; so is `dataset` for answers that touched none.

    `database_ms`: milliseconds that the database worked; `bytes` of bodies. Days are UTC's.

    >>> [(one.day, one.requests) for one in gsb.usage(date(2026, 11, 1))]
    [(None, 12)]
    """

    requests: int
    points: int
    bytes: int
    errors: int
    database_ms: int
    dataset: str | None
    day: date | None
    key: str | None
    application: int | None


USAGE = (
    "query Usage($from: Date, $to: Date, $by: [UsageBy!]) { me { usage(from: $from, to: $to, by: $by) "
    "{ requests points bytes errors databaseMs dataset day key application } } }"
)


def read_account(document: Mapping[str, Any]) -> Account:
    """The account in an answer of the service."""
    organisation = members(document.get("organisation"))
    return Account(
        credential=document["credential"],
        key_id=members(document.get("key")).get("id"),
        organisation=organisation.get("name"),
        application=members(document.get("application")).get("name"),
        agency=members(document.get("agency")).get("slug"),
        plan=organisation.get("plan"),
    )


def read_limits(document: Mapping[str, Any]) -> tuple[Limit, ...]:
    """The limits in an answer of the service."""
    return tuple(_limit(item) for item in document["policies"])


def read_usage(data: Mapping[str, Any]) -> tuple[Usage, ...]:
    """The sums in an answer of the service."""
    return tuple(
        Usage(
            requests=int(item["requests"]),
            points=int(item["points"]),
            bytes=int(item["bytes"]),
            errors=int(item["errors"]),
            database_ms=int(item["databaseMs"]),
            dataset=item["dataset"],
            day=date.fromisoformat(item["day"]) if item["day"] else None,
            key=item["key"],
            application=item["application"],
        )
        for item in data["me"]["usage"]
    )


def _limit(item: Mapping[str, Any]) -> Limit:
    resets = item.get("resetsAt")
    return Limit(
        name=item["name"],
        unit=item.get("unit") or "points",
        limit=item["limit"],
        remaining=item["remaining"],
        window_seconds=item.get("windowSeconds"),
        resets_at=datetime.fromisoformat(resets) if resets else None,
    )
