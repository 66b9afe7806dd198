"""Webhooks, their messages and deliveries, and the rules that need no I/O."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from publicgsb.apikeys.model import Actor
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound

WEBHOOKS_MAX = 10  # per organisation or agency
SECRET_OVERLAP_HOURS = 24
REPLAY_MAX = 1000  # messages that one replay sends again
TEST_SECONDS = 10  # between two pings of one webhook
PING = "webhook.ping"

# What is announced, and to whom; docs/webhooks.md shows the same table, and a test compares them.
KINDS = {
    "release.published": "a dataset has a new release; everybody may hear",
    "release.corrected": "a release has the same records as the one before, some corrected; everybody may hear",
    "release.rolled_back": "an earlier release of a dataset is current again; everybody may hear",
    "dataset.withdrawn": "a dataset is no longer answered; everybody may hear",
    "release.recalled": "a release was taken back from everybody; everybody may hear",
    "copy.recalled": "copies of a recalled release that was read are to be deleted; the organisation",
    "dataset.deprecated": "a dataset is answered until a day; everybody may hear",
    "dataset.kept": "a deprecated dataset stays after all; everybody may hear",
    "contract.changed": "a dataset declared a contract: its first, an addition or a new major; everybody may hear",
    "contract.breaking_announced": "a contract breaks what applications use, with the last day of the old one; the "
    "organisation",
    "key.expiring": "a key ends in 30, 7 or 1 days; its organisation or agency",
    "key.rotated": "a key was replaced and works until the end of its overlap; its organisation or agency",
    "key.restricted": "what a key is held to, or its end, was changed; its organisation or agency",
    "key.revoked": "a key works no more; its organisation or agency",
    "quota.threshold": "80, 95 or 100 % of a period's points or bytes are used or set aside; the organisation",
    "organisation.approved": "the organisation is on a larger plan; the organisation",
    "organisation.suspended": "none of the organisation's keys works; the organisation",
    "organisation.resumed": "a suspension has ended, and the keys work again; the organisation",
    "webhook.disabled": "a webhook was turned off; its organisation or agency, by its other webhooks",
}
_OPEN_GROUPS = {"grant", "submission", "request"}  # their kinds are not listed above
_GROUPS = {kind.partition(".")[0] for kind in KINDS} | _OPEN_GROUPS
_KIND = re.compile(r"([a-z]+)(\.[a-z_]+)+").fullmatch
_MESSAGE = re.compile(r"msg_([0-9a-f]{32})").fullmatch


class WebhookState(StrEnum):
    UNVERIFIED = "unverified"  # no ping was answered yet; gets nothing
    ACTIVE = "active"
    DISABLED = "disabled"


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; a replay sends it again


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose webhooks: an organisation's or an agency's, and who acts for it."""

    organisation_id: int | None
    agency_id: int | None
    actor: Actor


@dataclass(frozen=True, slots=True)
class Salt:
    """What a secret is derived from, together with the webhook's id and a key that no database holds."""

    value: bytes
    check: bytes


@dataclass(frozen=True, slots=True)
class Webhook:
    id: int
    organisation_id: int | None
    agency_id: int | None
    label: str
    url: str
    kinds: tuple[str, ...]
    state: WebhookState
    disabled_reason: str | None
    salt: bytes = field(repr=False)
    secret_check: bytes = field(repr=False)
    previous_salt: bytes | None = field(repr=False)
    previous_until: datetime | None
    verified_at: datetime | None
    last_success_at: datetime | None
    failing_since: datetime | None
    failures: int
    created_at: datetime

    @property
    def standing(self) -> dict[str, Any]:
        """What changes of a webhook, as the audit keeps it. Of its address the host alone: paths hold secrets."""
        host = urlsplit(self.url).netloc
        return {"state": self.state.value, "label": self.label, "kinds": " ".join(self.kinds), "host": host}


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the outbox."""

    id: int
    message_id: UUID
    kind: str
    payload: dict[str, Any]
    organisation_id: int | None
    agency_id: int | None
    at: datetime

    @property
    def name(self) -> str:
        """The `webhook-id`: the same at every attempt, replays included."""
        return message_name(self.message_id)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to one webhook."""

    id: int
    message_id: UUID
    kind: str
    at: datetime
    state: DeliveryState
    attempts: int
    due_at: datetime
    last_status: int | None
    last_error: str | None
    last_attempt_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went: a status, or the reason why there is none."""

    status: int | None
    error: str | None
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410


@dataclass(frozen=True, slots=True)
class Terms:
    """How patient deliveries are. The pauses sum up to about two days."""

    pauses: tuple[timedelta, ...] = (
        timedelta(seconds=5),
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=5),
        timedelta(hours=10),
        timedelta(hours=14),
        timedelta(hours=16),
    )
    jitter: float = 0.2
    pause_max: timedelta = timedelta(hours=24)  # of what a receiver asks for by Retry-After
    give_up_after: timedelta = timedelta(days=5)  # without any success
    give_up_failures_min: int = 10
    claim_seconds: float = 60.0
    places: int = 64  # attempts at once in one jobs process
    places_per_lane: int = 4  # to one host and port
    places_per_holder: int = 4

    def pause(self, attempts: int, retry_after: timedelta | None, chance: float) -> timedelta | None:
        """How long to wait after attempt number `attempts`; None when it was the last. `chance` is 0 to 1."""
        if attempts > len(self.pauses):
            return None
        pause = self.pauses[attempts - 1] * (1 + self.jitter * (2 * chance - 1))
        return max(pause, min(retry_after or pause, self.pause_max))


def message_name(message_id: UUID) -> str:
    return f"msg_{message_id.hex}"


def parse_message_name(text: str) -> UUID:
    found = _MESSAGE(text)
    if found is None:
        raise InvalidRequest(f"{text[:80]!r} is not the id of a message.", hint="They begin with msg_.", reason="id")
    return UUID(found[1])


def check_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    """Kinds as `release.published`, groups as `release.*`, or `*`; raises InvalidRequest for one that cannot come."""
    unknown = [kind for kind in kinds if not _is_known(kind)]
    if unknown or not kinds:
        raise InvalidRequest(
            f"Nothing of this kind is announced: {', '.join(kind[:80] for kind in unknown) or '(none)'}.",
            hint=f"Kinds: {', '.join(KINDS)}; groups: {', '.join(f'{group}.*' for group in sorted(_GROUPS))}; or *.",
            reason="kinds",
        )
    return tuple(dict.fromkeys(kinds))


def no_such_webhook() -> NotFound:
    """One answer for a webhook that does not exist and for one that belongs to somebody else."""
    return NotFound("There is no such webhook.", hint="GET /api/v1/webhooks lists yours.")


def _is_known(kind: str) -> bool:
    if kind == "*" or kind in KINDS:
        return True
    group, _, rest = kind.partition(".")
    if rest == "*":
        return group in _GROUPS
    return group in _OPEN_GROUPS and len(kind) <= 80 and _KIND(kind) is not None
