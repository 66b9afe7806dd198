"""Bodies of the webhook routes, parsed at the edge; every problem of a body is told at once."""

from dataclasses import dataclass
from datetime import UTC, datetime

from publicgsb.apikeys.bodies import Members, json_object
from publicgsb.apikeys.webhooks.model import REPLAY_MAX, SECRET_OVERLAP_HOURS, URL_LENGTH_MAX, parse_message_name
from publicgsb.apikeys.webhooks.store import Range
from publicgsb.platform.kernel.errors import InvalidRequest

_KINDS_MAX = 50
_OVERLAP_HOURS_MAX = 168
_REASON = "turned off by its owner"


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    url: str
    kinds: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class WebhookChange:
    """None leaves a member as it is; `is_disabled` turns the webhook off."""

    url: str | None
    kinds: tuple[str, ...] | None
    label: str | None
    is_disabled: bool


def webhook_request(body: bytes) -> WebhookRequest:
    members = Members(json_object(body))
    parsed = WebhookRequest(
        url=members.text("url", 8, URL_LENGTH_MAX),
        kinds=_texts(members, "kinds", _KINDS_MAX) or (),
        label=members.text("label", 1, 120, default="webhook"),
    )
    members.finish()
    return parsed


def webhook_change(body: bytes) -> WebhookChange:
    given = json_object(body)
    members = Members(given)
    parsed = WebhookChange(
        url=members.text("url", 8, URL_LENGTH_MAX) if "url" in given else None,
        kinds=_texts(members, "kinds", _KINDS_MAX) if "kinds" in given else None,
        label=members.text("label", 1, 120) if "label" in given else None,
        is_disabled="state" in given and members.choice("state", ("disabled",), "") == "disabled",
    )
    members.known |= {"url", "kinds", "label", "state"}
    members.finish()
    return parsed


def secret_rotation(body: bytes) -> int:
    """The hours for which the secret before signs too."""
    members = Members(json_object(body))
    hours = members.integer("overlapHours", 0, _OVERLAP_HOURS_MAX, default=None)
    members.finish()
    return SECRET_OVERLAP_HOURS if hours is None else hours


def replay_request(body: bytes) -> Range:
    """Ids of messages, or a time from which on (and until when)."""
    given = json_object(body)
    members = Members(given)
    messages = _texts(members, "messages", REPLAY_MAX) if "messages" in given else None
    since = _moment(members, "from") if "from" in given else None
    until = _moment(members, "until") if "until" in given else None
    only_failed = members.choice("state", ("failed", "any"), "any") == "failed"
    members.known |= {"messages", "from", "until"}
    members.finish()
    if (messages is None) == (since is None) or (messages is not None and until is not None):
        raise InvalidRequest(
            "Say which messages: their ids, or from when on.",
            reason="replay",
            hint='{"messages": ["msg_…"]} or {"from": "2026-11-27T00:00:00Z", "until": "…", "state": "failed"}',
        )
    ids = None if messages is None else tuple(parse_message_name(text) for text in messages)
    return Range(ids, since, until, only_failed)


def _texts(members: Members, name: str, count_max: int) -> tuple[str, ...] | None:
    members.known.add(name)
    value = members.given.get(name)
    is_right = isinstance(value, list) and 1 <= len(value) <= count_max
    if not is_right or not all(isinstance(text, str) and len(text) <= 200 for text in value or ()):
        members.problems.append({"member": name, "problem": f"must be a list of 1 to {count_max} strings"})
        return None
    return tuple(value or ())


def _moment(members: Members, name: str) -> datetime | None:
    text = members.text(name, 10, 40)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        members.problems.append({"member": name, "problem": "must be a moment such as 2026-11-27T00:00:00Z"})
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
