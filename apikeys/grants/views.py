"""Requests and grants as JSON, the same over HTTP and at a terminal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from publicgsb.apikeys import moments
from publicgsb.apikeys.grants.model import Content, Decided, Grant, GrantRequest, Taken, Told
from publicgsb.apikeys.grants.states import Party, is_reopened, steps_from
from publicgsb.apikeys.views import spread


def told(told_: Told, party: Party, now: datetime) -> dict[str, Any]:
    """A request with all that was done and said."""
    return {**request(told_.request, party, now), "steps": [_step(step) for step in told_.steps]}


def listed(requests: Sequence[GrantRequest], party: Party, now: datetime) -> dict[str, Any]:
    return {"grants": [request(one, party, now) for one in requests]}


def decided(done: Decided, party: Party, now: datetime) -> dict[str, Any]:
    """A request after a decision; one that changes rights says how far that has got."""
    told_ = request(done.request, party, now)
    if done.spread is None:
        return told_
    return {**told_, **spread(done.spread)}


def request(one: GrantRequest, party: Party, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "dataset": one.name,
        "organisation": {"id": one.organisation_id, "name": one.organisation},
        "state": one.state.value,
        "isReopened": is_reopened(one.standing),
        "possible": [step.value for step in steps_from(one.standing, party)],
        **_content(one.content),
        "grant": _grant(one.grant, now) if one.grant else None,
        "openedAt": moments.told(one.opened_at),
        "submittedAt": moments.told(one.submitted_at),
        "changedAt": moments.told(one.changed_at),
    }


def _content(content: Content) -> dict[str, Any]:
    return {
        "fields": _names(content.fields),
        "purpose": content.purpose,
        "legalBasis": content.legal_basis,
        "contact": content.contact,
        "responsible": content.responsible,
        "days": content.days,
    }


def _grant(grant: Grant, now: datetime) -> dict[str, Any]:
    return {
        "state": grant.told_at(now),
        "fields": _names(grant.fields),
        "since": moments.told(grant.begins_at),
        "until": moments.told(grant.ends_at),
        "endedAt": moments.told(grant.ended_at),
        "revokedReason": grant.revoked_reason,
    }


def _step(step: Taken) -> dict[str, Any]:
    return {
        "at": moments.told(step.at),
        "by": step.party.value,
        "step": step.step.value,
        "message": step.message,
        "legalGround": step.legal_ground,
    }


def _names(fields: tuple[str, ...] | None) -> list[str] | None:
    return None if fields is None else list(fields)
