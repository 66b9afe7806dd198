"""What the catalogue says of datasets that are on their way out, and of those that are gone: as REST tells it."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from publicgsb.datasets.registry import DatasetEntry
from publicgsb.schema.types.told import Text, text


@strawberry.type(description="Until when a dataset is answered, and what to use instead.")
class DeprecationInfo:
    since: datetime
    sunset_on: date = strawberry.field(description="The last day on which it is answered.")
    successor: str | None = strawberry.field(description="agency/dataset.")
    reason: Text


@strawberry.type(description="What stays of a withdrawn dataset.")
class TombstoneInfo:
    by: str = strawberry.field(description="agency or operator.")
    at: datetime
    reason: Text | None
    legal_ground: str | None


def deprecation(entry: DatasetEntry) -> DeprecationInfo | None:
    found = entry.deprecation
    if found is None:
        return None
    return DeprecationInfo(
        since=found.at, sunset_on=found.sunset_on, successor=found.successor, reason=text(found.reason)
    )


def tombstone(entry: DatasetEntry) -> TombstoneInfo | None:
    found, reason = entry.tombstone, entry.withdrawn_reason
    if found is None:
        return None
    return TombstoneInfo(
        by=found.by, at=found.at, reason=text(reason) if reason else None, legal_ground=found.legal_ground
    )
