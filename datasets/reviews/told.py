"""A submission as its agency sees it in JSON, in lists and on its review page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from publicgsb.datasets.privacy.version import GATE_VERSION
from publicgsb.datasets.reviews.model import Bound, Submission


@dataclass(frozen=True, slots=True)
class Hurt:
    """An application that asked for fields which a change touches."""

    organisation: str
    application_id: int
    application: str
    fields: tuple[str, ...]
    requests: int
    last_on: date


def submission_line(submission: Submission, now: datetime | None = None) -> dict[str, Any]:
    return {
        "id": submission.id,
        "dataset": submission.name,
        "state": submission.state(now or datetime.now(UTC)).value,
        "submittedBy": submission.submitter,
        "createdAt": submission.created_at.isoformat(),
        "inReviewSince": _at(submission.in_review_at),
        "remindedAt": _at(submission.reminded_at),
        "embargoUntil": _at(submission.embargo_until),
        "decidedBy": submission.decider,
        "decidedAt": _at(submission.decided_at),
        "reason": submission.reason,
        "notes": {"fa": submission.notes.fa, "en": submission.notes.en} if submission.notes else None,
        "release": submission.release_seq,
    }


def submission_json(submission: Submission, hurt: Sequence[Hurt] = (), now: datetime | None = None) -> dict[str, Any]:
    """With what its check found; `wouldHurt` names applications, so it is for the agency whose dataset it is alone."""
    return submission_line(submission, now) | {
        "file": {
            "sha256": submission.file_sha256,
            "bytes": submission.file_bytes,
            "mode": submission.mode.value,
            "asOf": submission.as_of.isoformat() if submission.as_of else None,
        },
        "job": submission.job_id,
        "checks": submission.checks,
        "checked": _bound(submission.checked),
        "approved": _bound(submission.approved),
        "wouldBe": {
            "contract": {"version": submission.contract_versions[1], "sha256": submission.contract_now[1]},
            "gate": GATE_VERSION,
        },
        "holds": submission.holds(GATE_VERSION),
        "report": submission.report,
        "review": submission.review,
        "error": submission.error,
        "wouldHurt": [
            {
                "organisation": one.organisation,
                "application": one.application_id,
                "name": one.application,
                "fields": list(one.fields),
                "requests": one.requests,
                "lastOn": one.last_on.isoformat(),
            }
            for one in hurt
        ],
    }


def _bound(bound: Bound | None) -> dict[str, str] | None:
    if bound is None:
        return None
    return {"fileSha256": bound.file_sha256, "contractSha256": bound.contract_sha256, "gate": bound.gate_version}


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
