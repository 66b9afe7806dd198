"""The courier: takes messages from the outbox to webhooks, many at once, each at least once.

An attempt is claimed in the database before it is made and settled after it; what dies in between is due again when its
claim has run out, under the same id. Order is not promised: a message that waits for its next try holds up no other.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import orjson

from publicgsb.apikeys import store as apikeys_store
from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.webhooks import store
from publicgsb.apikeys.webhooks.model import (
    PING,
    DeliveryState,
    Message,
    Outcome,
    Terms,
    Webhook,
    message_name,
)
from publicgsb.apikeys.webhooks.sending import Sender
from publicgsb.apikeys.webhooks.signing import SecretLostError, WebhookSecrets, sign
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import TimedOut, Unavailable
from publicgsb.platform.kernel.outbox import publish

POLL_SECONDS = 0.5
SPREAD_MAX = 200  # messages per transaction
ACTOR = Actor("jobs", None)

# Told of every message, in the transaction that spreads it: whoever writes mails queues one there, so exactly once.
Hearer: TypeAlias = Callable[[Connection, Message], Awaitable[None]]

log = logging.getLogger(__name__)


class Courier:
    """Any number of processes may run one; each attempt belongs to one of them."""

    def __init__(
        self,
        connections: Connections,
        secrets: WebhookSecrets,
        sender: Sender,
        *,
        terms: Terms | None = None,
        hearer: Hearer | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._connections = connections
        self._secrets = secrets
        self._sender = sender
        self._terms = terms or Terms()
        self._hearer = hearer
        self._chance = chance
        self._under_way: dict[asyncio.Task[None], store.Claimed] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; attempts under way are given up then and made again after their claim."""
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                try:
                    await self.spread()
                    await self._begin_due()
                except (Unavailable, TimedOut) as away:
                    log.warning("webhooks wait for the database: %s", away.message)
                await asyncio.wait(
                    {stopped, *self._under_way}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            await _cancelled(stopped, *self._under_way)

    async def run_once(self) -> int:
        """Spread what is there and make every attempt that is due, once through; how many were made."""
        await self.spread()
        made = 0
        while begun := await self._begin_due():
            made += begun
            await asyncio.gather(*self._under_way)
        return made

    async def spread(self) -> None:
        """Give every webhook that wants a new message its delivery."""
        count = SPREAD_MAX
        while count == SPREAD_MAX:
            async with self._connections.transaction() as connection:
                messages = await store.unspread(connection, SPREAD_MAX)
                count = len(messages)
                if messages:
                    await store.spread(connection, messages)
                for message in messages:
                    await self._tell_hearer(connection, message)

    async def _tell_hearer(self, connection: Connection, message: Message) -> None:
        """A mail that cannot be written must not hold up every message after it."""
        if self._hearer is None:
            return
        try:
            async with connection.transaction():
                await self._hearer(connection, message)
        except (KeyError, ValueError, TypeError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError):
            log.exception("no mail for message %s", message.name)

    async def _begin_due(self) -> int:
        """Claim while there are places and due deliveries; a lane or holder whose places are taken waits alone."""
        begun = 0
        while (free := self._terms.places - len(self._under_way)) > 0:
            under_way = self._under_way.values()
            lanes = Counter(claimed.lane for claimed in under_way)
            holders = Counter(_holder(claimed.webhook) for claimed in under_way)
            async with self._connections.transaction() as connection:
                claimed = await store.claim(
                    connection,
                    [lane for lane, count in lanes.items() if count >= self._terms.places_per_lane],
                    [holder for holder, count in holders.items() if count >= self._terms.places_per_holder],
                    free,
                    self._terms,
                )
            if not claimed:
                break
            for one in claimed:
                task = asyncio.create_task(self._attempt(one), name=f"webhook-{one.delivery_id}")
                self._under_way[task] = one
                task.add_done_callback(self._under_way.pop)
            begun += len(claimed)
        return begun

    async def _attempt(self, claimed: store.Claimed) -> None:
        try:
            outcome = await self._send(claimed)
            async with self._connections.transaction() as connection:
                await self._settle(connection, claimed, outcome)
        except (Unavailable, TimedOut) as away:
            log.warning("a delivery is made again, the database did not hear of it: %s", away.message)
        except Exception:
            log.exception("delivery %d broke; it is made again after its claim", claimed.delivery_id)

    async def _send(self, claimed: store.Claimed) -> Outcome:
        body = message_body(claimed.kind, claimed.at, claimed.payload)
        return await _send_signed(self._sender, self._secrets, claimed.webhook, claimed.message_id, body)

    async def _settle(self, connection: Connection, claimed: store.Claimed, outcome: Outcome) -> None:
        webhook_id, terms, now = claimed.webhook.id, self._terms, datetime.now(UTC)
        if outcome.is_success:
            await store.note_success(connection, webhook_id)
            await store.settle_delivery(connection, claimed, DeliveryState.DELIVERED, outcome, None)
            return
        held = min(outcome.retry_after, terms.pause_max) if outcome.retry_after else None
        webhook = await store.note_failure(connection, webhook_id, held)
        if webhook is None:
            return  # deleted meanwhile, and its deliveries with it
        pause = terms.pause(claimed.attempts, outcome.retry_after, self._chance())
        state = DeliveryState.FAILED if pause is None else DeliveryState.PENDING
        await store.settle_delivery(connection, claimed, state, outcome, pause)
        reason = _disable_reason(webhook, outcome, terms, now)
        if reason is not None and webhook.disabled_reason is None:
            await disable(connection, webhook, reason, ACTOR)


def message_body(kind: str, at: datetime, payload: dict[str, object]) -> bytes:
    """The same bytes at every attempt."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return orjson.dumps({"type": kind, "timestamp": moment, "data": payload})


async def ping(sender: Sender, secrets: WebhookSecrets, webhook: Webhook) -> Outcome:
    """A signed message of a kind that nobody announces, to see whether the receiver is there."""
    body = message_body(PING, datetime.now(UTC), {"webhook": webhook.id})
    return await _send_signed(sender, secrets, webhook, uuid4(), body)


async def disable(connection: Connection, webhook: Webhook, reason: str, actor: Actor) -> Webhook:
    """The webhook gets nothing any more; its holder hears of it by mail and by other webhooks."""
    disabled = await store.disable_webhook(connection, webhook.id, reason)
    await apikeys_store.audit(
        connection,
        actor,
        "webhook.disable",
        f"webhook:{webhook.id}",
        before=webhook.standing,
        after=disabled.standing,
        reason=reason,
    )
    await publish(
        connection,
        "webhook.disabled",
        {
            "webhook": webhook.id,
            "label": webhook.label,
            "reason": reason,
            "failingSince": webhook.failing_since.isoformat() if webhook.failing_since else None,
        },
        organisation_id=webhook.organisation_id,
        agency_id=webhook.agency_id,
    )
    return disabled


async def _send_signed(
    sender: Sender, secrets: WebhookSecrets, webhook: Webhook, message_id: UUID, body: bytes
) -> Outcome:
    """One attempt. A secret whose pepper is gone is an outcome that the holder sees: a rotation makes a new one."""
    now = datetime.now(UTC)
    try:
        valid = secrets.valid(webhook, now)
    except SecretLostError:
        return Outcome(None, "secret_lost")
    return await sender.send(webhook.url, sign(valid, message_name(message_id), int(now.timestamp()), body), body)


def _disable_reason(webhook: Webhook, outcome: Outcome, terms: Terms, now: datetime) -> str | None:
    if outcome.is_gone:
        return "gone"
    since = webhook.failing_since
    is_given_up = since is not None and now - since >= terms.give_up_after
    return "failing" if is_given_up and webhook.failures >= terms.give_up_failures_min else None


def _holder(webhook: Webhook) -> str:
    return f"a{webhook.agency_id}" if webhook.organisation_id is None else f"o{webhook.organisation_id}"


async def _cancelled(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
