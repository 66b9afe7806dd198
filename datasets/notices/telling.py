"""Telling the organisations whose applications use what will break, each of its own applications alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from publicgsb.datasets.notices import store
from publicgsb.datasets.notices.model import Notice, User
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.outbox import publish

KIND = "contract.breaking_announced"
NAMED_MAX = 50  # of each list in one message


@dataclass(frozen=True, slots=True)
class Told:
    """What is announced. Without a last day the old one ends with the next release."""

    dataset: str
    version: str
    next_version: str
    successor: str | None
    sunset_on: date | None
    breaks: tuple[str, ...]
    touched: tuple[str, ...]


def announced_by(notice: Notice, version: str, sunset_on: date | None) -> Told:
    """What was announced once, told again; `version` is the one that ends."""
    return Told(
        *(notice.dataset, version, notice.version, notice.successor, sunset_on),
        *(notice.breaks, notice.touched),
    )


async def tell_users(
    connection: Connection, told: Told, users: Sequence[User], notice_id: int | None = None, *, again: bool = False
) -> int:
    """In the caller's transaction; how many organisations. Under a notice each is told once, unless `again`."""
    count = 0
    by_organisation = sorted(users, key=lambda user: user.organisation_id)
    for organisation_id, own in groupby(by_organisation, key=lambda user: user.organisation_id):
        is_new = notice_id is None or await store.note_told(connection, notice_id, organisation_id)
        if is_new or again:
            await publish(connection, KIND, payload(told, list(own)), organisation_id=organisation_id)
            count += 1
    return count


async def remind_users(connection: Connection, told: Told, users: Sequence[User], notice_id: int) -> int:
    """Once more, each organisation that was told; how many were reminded now."""
    count = 0
    by_organisation = sorted(users, key=lambda user: user.organisation_id)
    for organisation_id, own in groupby(by_organisation, key=lambda user: user.organisation_id):
        if await store.note_reminded(connection, notice_id, organisation_id):
            await publish(connection, KIND, payload(told, list(own)), organisation_id=organisation_id)
            count += 1
    return count


def payload(told: Told, own: Sequence[User]) -> dict[str, Any]:
    """What one organisation hears; `fields` are those that change, and may be none: then the name alone does."""
    return {
        "dataset": told.dataset,
        "contractVersion": told.version,
        "nextVersion": told.next_version,
        "successor": told.successor,
        "sunsetOn": told.sunset_on.isoformat() if told.sunset_on else None,
        "breaks": list(told.breaks[:NAMED_MAX]),
        "touchedFields": list(told.touched[:NAMED_MAX]),
        "applications": [
            {
                "id": user.application_id,
                "name": user.application,
                "fields": list(user.fields[:NAMED_MAX]),
                "requests": user.requests,
                "lastOn": user.last_on.isoformat(),
            }
            for user in own[:NAMED_MAX]
        ],
    }
