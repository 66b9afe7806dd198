"""Notices in JSON, for the agency whose dataset it is and for operators: applications are named."""

from collections.abc import Iterable
from typing import Any

from publicgsb.datasets.notices.model import Announced, Notice, Standing, User


def announced_json(done: Announced) -> dict[str, Any]:
    return {
        "dataset": done.dataset,
        "nextVersion": done.version,
        "successor": done.successor,
        "sunsetOn": done.sunset_on.isoformat() if done.sunset_on else None,
        "breaks": list(done.breaks),
        "touchedFields": list(done.touched),
        "applications": users_json(done.users),
        "linkedFrom": list(done.linked_from),
        "effective": "pending" if done.workers_behind else "everywhere",
        "workers": done.workers,
        "open": done.workers_behind,
    }


def standing_json(found: Standing) -> dict[str, Any]:
    """`applications` are all that asked the served major in the last 90 days; their `fields` those that change."""
    return {
        "dataset": found.dataset,
        "servedVersion": found.served,
        "declaredVersion": found.declared,
        "isBreaking": found.is_breaking,
        "wouldBe": found.would_be,
        "breaks": list(found.breaks),
        "touchedFields": list(found.touched),
        "notice": _notice(found.notice),
        "applications": users_json(found.users),
    }


def _notice(notice: Notice | None) -> dict[str, Any] | None:
    if notice is None:
        return None
    since = notice.successor_since
    return {
        "successor": notice.successor,
        "nextVersion": notice.version,
        "announcedAt": notice.at.isoformat(),
        "sunsetOn": notice.sunset_on.isoformat() if notice.sunset_on else None,
        "earliestOn": notice.earliest_on.isoformat(),
        "besideDays": notice.beside_days,
        "successorSince": since.isoformat() if since else None,
        "override": notice.override_reason,
    }


def users_json(users: Iterable[User]) -> list[dict[str, Any]]:
    return [
        {
            "organisation": user.organisation,
            "application": user.application_id,
            "name": user.application,
            "fields": list(user.fields),
            "requests": user.requests,
            "lastOn": user.last_on.isoformat(),
        }
        for user in users
    ]
