"""Every statement of webhooks; a connection in, frozen values out. Whoever locks both locks the webhook first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from publicgsb.apikeys.rows import value_of
from publicgsb.apikeys.webhooks.model import (
    Delivery,
    DeliveryState,
    Holder,
    Message,
    Outcome,
    Salt,
    Terms,
    Webhook,
    WebhookState,
)
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.outward import Target
from publicgsb.platform.kernel.sql import load

_HERE = "publicgsb.apikeys.webhooks"
_NEXT_ID = load(_HERE, "sql/next_id.sql")
_LOCK_HOLDER = load(_HERE, "sql/lock_holder.sql")
_INSERT_WEBHOOK = load(_HERE, "sql/insert_webhook.sql")
_WEBHOOKS = load(_HERE, "sql/webhooks.sql")
_WEBHOOK_FOR_UPDATE = load(_HERE, "sql/webhook_for_update.sql")
_CHANGE_WEBHOOK = load(_HERE, "sql/change_webhook.sql")
_VERIFY_WEBHOOK = load(_HERE, "sql/verify_webhook.sql")
_BEGIN_TEST = load(_HERE, "sql/begin_test.sql")
_ROTATE_SECRET = load(_HERE, "sql/rotate_secret.sql")
_DISABLE_WEBHOOK = load(_HERE, "sql/disable_webhook.sql")
_FAIL_PENDING = load(_HERE, "sql/fail_pending.sql")
_DELETE_WEBHOOK = load(_HERE, "sql/delete_webhook.sql")
_DELIVERIES = load(_HERE, "sql/deliveries.sql")
_UNSPREAD = load(_HERE, "sql/unspread.sql")
_SPREAD = load(_HERE, "sql/spread.sql")
_REPLAY = load(_HERE, "sql/replay.sql")
_CLAIM = load(_HERE, "sql/claim.sql")
_SETTLE_DELIVERY = load(_HERE, "sql/settle_delivery.sql")
_NOTE_SUCCESS = load(_HERE, "sql/note_success.sql")
_NOTE_FAILURE = load(_HERE, "sql/note_failure.sql")


@dataclass(frozen=True, slots=True)
class Claimed:
    """One attempt that this process alone may make now, and what it sends."""

    delivery_id: int
    claim: UUID
    attempts: int  # this one counted
    webhook: Webhook
    lane: str
    message_id: UUID
    kind: str
    payload: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Range:
    """What a replay sends again: messages by id or by time, all of them or only those that were given up."""

    message_ids: tuple[UUID, ...] | None
    since: datetime | None
    until: datetime | None
    only_failed: bool = False


async def next_id(connection: Connection) -> int:
    number: int = await connection.fetchval(_NEXT_ID)
    return number


async def lock_holder(connection: Connection, holder: Holder) -> None:
    await connection.execute(_LOCK_HOLDER, holder.organisation_id, holder.agency_id)


async def insert_webhook(
    connection: Connection,
    webhook_id: int,
    holder: Holder,
    label: str,
    url: str,
    target: Target,
    kinds: Sequence[str],
    salt: Salt,
) -> Webhook:
    row = await connection.fetchrow(
        _INSERT_WEBHOOK, webhook_id, holder.organisation_id, holder.agency_id, label, url, target.lane, kinds,
        salt.value, salt.check,
    )  # fmt: skip
    return _webhook(row)


async def webhooks(connection: Connection, organisation_id: int | None, agency_id: int | None) -> tuple[Webhook, ...]:
    return tuple(map(_webhook, await connection.fetch(_WEBHOOKS, organisation_id, agency_id)))


async def webhook_for_update(connection: Connection, webhook_id: int, holder: Holder) -> Webhook | None:
    """The holder's webhook, locked; a holder without organisation and agency is the operator."""
    row = await connection.fetchrow(_WEBHOOK_FOR_UPDATE, webhook_id, holder.organisation_id, holder.agency_id)
    return _webhook(row) if row else None


async def change_webhook(
    connection: Connection, webhook_id: int, label: str, kinds: Sequence[str], url: str, target: Target
) -> Webhook:
    return _webhook(await connection.fetchrow(_CHANGE_WEBHOOK, webhook_id, label, kinds, url, target.lane))


async def verify_webhook(connection: Connection, webhook_id: int, url: str) -> Webhook | None:
    """None when the webhook went away or moved to another address while it was pinged."""
    row = await connection.fetchrow(_VERIFY_WEBHOOK, webhook_id, url)
    return _webhook(row) if row else None


async def begin_test(connection: Connection, webhook_id: int, seconds: float) -> bool:
    return bool(await connection.fetchval(_BEGIN_TEST, webhook_id, seconds))


async def rotate_secret(connection: Connection, webhook_id: int, salt: Salt, overlap_hours: int) -> Webhook:
    row = await connection.fetchrow(_ROTATE_SECRET, webhook_id, salt.value, salt.check, overlap_hours)
    return _webhook(row)


async def disable_webhook(connection: Connection, webhook_id: int, reason: str) -> Webhook:
    """Nothing is sent any more, and what was on its way is given up."""
    row = await connection.fetchrow(_DISABLE_WEBHOOK, webhook_id, reason)
    await connection.execute(_FAIL_PENDING, webhook_id, "disabled")
    return _webhook(row)


async def delete_webhook(connection: Connection, webhook_id: int) -> None:
    await connection.execute(_DELETE_WEBHOOK, webhook_id)


async def deliveries(
    connection: Connection, webhook_id: int, before: int | None, state: DeliveryState | None, limit: int
) -> tuple[Delivery, ...]:
    return tuple(map(_delivery, await connection.fetch(_DELIVERIES, webhook_id, before, state, limit)))


async def unspread(connection: Connection, limit: int) -> tuple[Message, ...]:
    """Locked until the end of the transaction, in which `spread` and the mails belong."""
    return tuple(map(_message, await connection.fetch(_UNSPREAD, limit)))


async def spread(connection: Connection, messages: Sequence[Message]) -> None:
    await connection.execute(_SPREAD, [message.id for message in messages])


async def replay(connection: Connection, webhook_id: int, what: Range, limit: int) -> int:
    """How many messages are due again."""
    ids = None if what.message_ids is None else list(what.message_ids)
    return len(await connection.fetch(_REPLAY, webhook_id, ids, what.since, what.until, limit, what.only_failed))


async def claim(
    connection: Connection, busy_lanes: Sequence[str], busy_holders: Sequence[str], limit: int, terms: Terms
) -> tuple[Claimed, ...]:
    rows = await connection.fetch(_CLAIM, busy_lanes, busy_holders, limit, terms.claim_seconds)
    return tuple(map(_claimed, rows))


async def settle_delivery(
    connection: Connection, claimed: Claimed, state: DeliveryState, outcome: Outcome, pause: timedelta | None
) -> bool:
    """False when the attempt had lost its claim: then whoever holds it now says how it went."""
    row = await connection.fetchval(
        _SETTLE_DELIVERY, claimed.delivery_id, claimed.claim, state, outcome.status, outcome.error, pause
    )
    return row is not None


async def note_success(connection: Connection, webhook_id: int) -> None:
    await connection.execute(_NOTE_SUCCESS, webhook_id)


async def note_failure(connection: Connection, webhook_id: int, held: timedelta | None) -> Webhook | None:
    row = await connection.fetchrow(_NOTE_FAILURE, webhook_id, held)
    return _webhook(row) if row else None


def _webhook(row: asyncpg.Record | None) -> Webhook:
    assert row is not None, "the statement returns exactly one row"
    return value_of(Webhook, row, kinds=tuple(row["kinds"]), state=WebhookState(row["state"]))


def _message(row: asyncpg.Record) -> Message:
    return value_of(Message, row, payload=json.loads(row["payload"]))


def _delivery(row: asyncpg.Record) -> Delivery:
    return value_of(Delivery, row, state=DeliveryState(row["state"]))


def _claimed(row: asyncpg.Record) -> Claimed:
    return value_of(Claimed, row, webhook=_webhook(row), payload=json.loads(row["payload"]))
