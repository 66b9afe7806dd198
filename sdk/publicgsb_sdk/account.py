"""Who the service takes you for, and how much you have left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    """The holder of the key. What does not apply to its kind of credential is None."""

    credential: str
    key_id: str | None
    organisation: str | None
    application: str | None
    agency: str | None
    plan: str | None


@dataclass(frozen=True, slots=True)
class Limit:
    """One policy of the plan and what is left of it."""

    name: str
    unit: str
    limit: int
    remaining: int
    window_seconds: int | None
    resets_at: datetime | None


def read_account(document: Mapping[str, Any]) -> Account:
    """The account in an answer of the service."""
    organisation = document.get("organisation") or {}
    return Account(
        credential=document["credential"],
        key_id=(document.get("key") or {}).get("id"),
        organisation=organisation.get("name"),
        application=(document.get("application") or {}).get("name"),
        agency=(document.get("agency") or {}).get("slug"),
        plan=organisation.get("plan"),
    )


def read_limits(document: Mapping[str, Any]) -> tuple[Limit, ...]:
    """The limits in an answer of the service."""
    return tuple(_limit(item) for item in document["policies"])


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
