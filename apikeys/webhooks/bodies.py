"""Bodies of the webhook routes, parsed at the edge; every problem of a body is told at once."""

from dataclasses import dataclass

from publicgsb.apikeys.members import members_of
from publicgsb.apikeys.webhooks.model import REPLAY_MAX, SECRET_OVERLAP_HOURS, parse_message_name
from publicgsb.apikeys.webhooks.store import Range
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.outward import URL_LENGTH_MAX

_KINDS_MAX = 50
_OVERLAP_HOURS_MAX = 168


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
    members = members_of(body)
    if members.given.get("kinds") is None:
        members.wrong("kinds", "is required")
    parsed = WebhookRequest(
        url=members.text("url", 8, URL_LENGTH_MAX),
        kinds=members.texts("kinds", _KINDS_MAX) or (),
        label=members.text("label", 1, 120, default="webhook"),
    )
    members.finish()
    return parsed


def webhook_change(body: bytes) -> WebhookChange:
    members = members_of(body)
    parsed = WebhookChange(
        url=members.text("url", 8, URL_LENGTH_MAX) if "url" in members.given else None,
        kinds=members.texts("kinds", _KINDS_MAX),
        label=members.text("label", 1, 120) if "label" in members.given else None,
        is_disabled="state" in members.given and members.choice("state", ("disabled",), "") == "disabled",
    )
    members.known |= {"url", "label", "state"}
    members.finish()
    return parsed


def secret_rotation(body: bytes) -> int:
    """The hours for which the secret before signs too."""
    members = members_of(body)
    hours = members.integer("overlapHours", 0, _OVERLAP_HOURS_MAX, default=None)
    members.finish()
    return SECRET_OVERLAP_HOURS if hours is None else hours


def replay_request(body: bytes) -> Range:
    """Ids of messages, or a time from which on (and until when)."""
    members = members_of(body)
    messages = members.texts("messages", REPLAY_MAX)
    since, until = members.moment("from"), members.moment("until")
    only_failed = members.choice("state", ("failed", "any"), "any") == "failed"
    members.finish()
    if (messages is None) == (since is None) or (messages is not None and until is not None):
        raise InvalidRequest(
            "Say which messages: their ids, or from when on.",
            reason="replay",
            hint='{"messages": ["msg_…"]} or {"from": "2026-11-27T00:00:00Z", "until": "…", "state": "failed"}',
        )
    ids = None if messages is None else tuple(parse_message_name(text) for text in messages)
    return Range(ids, since, until, only_failed)
