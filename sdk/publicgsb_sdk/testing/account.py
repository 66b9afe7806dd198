"""What the mock tells the caller of itself: who asks, what is left, what an operation costs, and what was used."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from publicgsb_sdk.testing.inspecting import RECORDS_PER_POINT, Inspection
from publicgsb_sdk.testing.quotas import UNLIMITED, Fact, Quotas

ORGANISATION, APPLICATION, KEY, PLAN = 1, 1, "mockmock", "open"


class Account:
    """`asked` is the operation whose price `rateLimit` tells; `facts` are what usage is summed from."""

    def __init__(self, quotas: Quotas) -> None:
        self.asked = Inspection()
        self.facts: list[Fact] = []
        self.quotas = quotas

    def whoami(self) -> dict[str, Any]:
        """`/api/v1/whoami`."""
        return {
            "credential": "key",
            "key": {"id": KEY},
            "organisation": {"id": ORGANISATION, "name": "Tests", "plan": PLAN},
            "application": {"id": APPLICATION, "name": "A test"},
        }

    def me(self) -> dict[str, Any]:
        return {"organisation": ORGANISATION, "application": APPLICATION, "key": KEY, "plan": PLAN, "grants": []}

    def quota(self) -> list[dict[str, Any]]:
        return [
            {
                "policy": one["name"],
                "unit": one["unit"],
                "limit": one["limit"],
                "remaining": one["remaining"],
                "windowSeconds": one.get("windowSeconds"),
                "resetsAt": one["resetsAt"] and one["resetsAt"].replace("Z", "+00:00"),
                "resetSeconds": None,
            }
            for one in self.quotas.standings()
        ]

    def rate_limit(self) -> dict[str, Any]:
        asked, month = self.asked, self.quotas.per_month
        is_free = asked.is_free and not asked.is_dry_run
        return {
            "cost": 0 if is_free else asked.price,
            "records": 0 if is_free else asked.records,
            "limit": UNLIMITED if month is None else month,
            "remaining": UNLIMITED if month is None else self.quotas.remaining,
            "resetsAt": self.quotas.resets_at,
            "policies": self.quota(),
            "levels": _levels(asked),
            "statements": int(bool(asked.versions)),
        }

    def usage(self, args: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What was charged, summed by what is asked."""
        by = ["DATASET"] if args.get("by") is None else args["by"]
        groups: dict[tuple[Any, ...], dict[str, Any]] = {}
        for fact in self.facts:
            if _is_between(fact.day, args.get("from"), args.get("to")):
                for dataset in (fact.datasets or (None,)) if "DATASET" in by else (None,):
                    _add(groups, fact, dataset, by, len(fact.datasets) if dataset else 1)
        return list(groups.values())


def _levels(asked: Inspection) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    so_far = 0
    for one in asked.levels:
        before, so_far = so_far, so_far + one.records
        points = so_far // RECORDS_PER_POINT - before // RECORDS_PER_POINT + one.beside
        found.append(
            {
                "path": ".".join(one.path),
                "dataset": one.dataset,
                "records": one.records,
                "points": points,
                "reads": one.reads,
            }
        )
    return found


def _is_between(day: str, begin: date | None, end: date | None) -> bool:
    return (begin is None or begin.isoformat() <= day) and (end is None or day <= end.isoformat())


def _add(
    groups: dict[tuple[Any, ...], dict[str, Any]], fact: Fact, dataset: str | None, by: list[str], shared_by: int
) -> None:
    key = {
        "dataset": dataset,
        "day": date.fromisoformat(fact.day) if "DAY" in by else None,
        "key": KEY if "KEY" in by else None,
        "application": APPLICATION if "APPLICATION" in by else None,
    }
    zero = {"requests": 0, "points": 0, "bytes": 0, "errors": 0, "databaseMs": 0}
    found = groups.setdefault(tuple(key.values()), {**key, **zero})
    found["requests"] += 1
    found["points"] += fact.points // shared_by
    found["bytes"] += fact.bytes // shared_by
    found["errors"] += fact.is_error
