"""A data request as everybody may read it. Whoever asked is in none of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from publicgsb.datasets.ingest.jalali import from_date
from publicgsb.datasets.requests.grounds import grounds
from publicgsb.datasets.requests.model import DataRequest, Step
from publicgsb.datasets.requests.store import Figures
from publicgsb.datasets.requests.working_days import WorkingDays


def request_json(request: DataRequest, now: datetime, calendar: WorkingDays) -> dict[str, Any]:
    history = request.history(now)
    asked_on = calendar.local_day(request.asked_at)
    due_on = calendar.last_day(request.due_at)
    return {
        "id": request.id,
        "agency": request.agency,
        "dataset": request.dataset,
        "title": request.title,
        "text": request.text,
        "state": request.state(now).value,
        "askedAt": request.asked_at.isoformat(),
        "dueAt": request.due_at.isoformat(),
        "dueOn": due_on.isoformat(),
        "dueOnJalali": jalali(due_on),
        "dueIsProvisional": calendar.is_provisional(asked_on, due_on),
        "answeredAt": request.answered_at.isoformat() if request.answered_at else None,
        "answeredInWorkingDays": request.answered_working_days,
        "isLate": request.is_late,
        "history": [_step(step) for step in history],
    }


def figures_json(found: Sequence[Figures]) -> list[dict[str, Any]]:
    return [
        {
            "agency": one.agency,
            "asked": one.asked,
            "running": one.running,
            "answered": one.answered,
            "refused": one.refused,
            "refusedWithoutGround": one.refused_without_ground,
            "noAnswer": one.no_answer,
            "late": one.late,
            "medianWorkingDays": one.median_working_days,
        }
        for one in found
    ]


def grounds_json() -> list[dict[str, Any]]:
    return [{"code": code, "title": {"fa": words.fa, "en": words.en}} for code, words in sorted(grounds().items())]


def jalali(day: date) -> str:
    return "{:04}-{:02}-{:02}".format(*from_date(day))


def _step(step: Step) -> dict[str, Any]:
    told = {
        "state": step.state.value,
        "at": step.at.isoformat(),
        "by": step.by,
        "legalGround": step.legal_ground,
        "dataset": step.dataset,
        "message": step.message,
    }
    return {name: value for name, value in told.items() if value is not None}
