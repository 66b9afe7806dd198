"""The use cases of webhooks: register, change, test, rotate, replay, disable, remove; one transaction each.

No transaction is open while a receiver is asked.
"""

from dataclasses import dataclass, field
from typing import Any

from publicgsb.apikeys import store as apikeys_store
from publicgsb.apikeys.webhooks import courier, store
from publicgsb.apikeys.webhooks.model import (
    REPLAY_MAX,
    TEST_SECONDS,
    WEBHOOKS_MAX,
    Delivery,
    DeliveryState,
    Holder,
    Outcome,
    Webhook,
    check_kinds,
    no_such_webhook,
)
from publicgsb.apikeys.webhooks.sending import Sender
from publicgsb.apikeys.webhooks.signing import SecretLostError, WebhookSecrets, secret_text
from publicgsb.apikeys.webhooks.store import Range
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Conflict, RateLimited, Unavailable

PINGS_MAX = 8  # at once in one worker
BUSY = "busy"  # the outcome of a ping that was one too many


@dataclass(frozen=True, slots=True)
class Pinged:
    """A webhook after a ping, and how the ping went."""

    webhook: Webhook
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Issued:
    """A webhook with its secret: exists in the one answer that makes it."""

    webhook: Webhook
    secret: str = field(repr=False)
    outcome: Outcome | None = None


class Webhooks:
    """For HTTP and the command line alike. A holder without organisation and agency is the operator."""

    def __init__(self, connections: Connections, secrets: WebhookSecrets, sender: Sender) -> None:
        self._connections = connections
        self._secrets = secrets
        self._sender = sender
        self._pinging = 0

    async def register(self, holder: Holder, url: str, kinds: tuple[str, ...], label: str) -> Issued:
        """A new webhook, active when it answered the first ping with 2xx, else `unverified`.

        InvalidRequest (`url`, `address`, `kinds`) for what can never be called; Conflict past ten.
        """
        kinds = check_kinds(kinds)
        target = self._sender.target(url)
        await self._sender.check(target)
        async with self._connections.transaction() as connection:
            await store.lock_holder(connection, holder)
            if len(await store.webhooks(connection, holder.organisation_id, holder.agency_id)) >= WEBHOOKS_MAX:
                raise Conflict(
                    f"There are {WEBHOOKS_MAX} webhooks, and there may be no more.",
                    reason="webhooks_max",
                    hint="Delete one, or let one address take several kinds.",
                )
            webhook_id = await store.next_id(connection)
            salt = self._secrets.new_salt(webhook_id)
            webhook = await store.insert_webhook(connection, webhook_id, holder, label, url, target, kinds, salt)
            await store.begin_test(connection, webhook_id, TEST_SECONDS)
            await self._audit(connection, holder, "webhook.register", None, webhook)
        tested = await self._ping(holder, webhook)
        return Issued(tested.webhook, secret_text(self._secrets.current(webhook)), tested.outcome)

    async def list(self, holder: Holder) -> tuple[Webhook, ...]:
        """Newest first."""
        async with self._connections.use() as connection:
            return await store.webhooks(connection, holder.organisation_id, holder.agency_id)

    async def change(
        self, holder: Holder, webhook_id: int, *, url: str | None, kinds: tuple[str, ...] | None, label: str | None
    ) -> Pinged | Webhook:
        """Another address is unverified until it has answered a ping, which is sent at once."""
        if url is not None:
            await self._sender.check(self._sender.target(url))
        async with self._connections.transaction() as connection:
            before = await self._locked(connection, holder, webhook_id)
            wanted = before.url if url is None else url
            webhook = await store.change_webhook(
                connection,
                webhook_id,
                before.label if label is None else label,
                before.kinds if kinds is None else check_kinds(kinds),
                wanted,
                self._sender.target(wanted),
            )
            await self._audit(connection, holder, "webhook.change", before, webhook)
        return webhook if wanted == before.url else await self._ping(holder, webhook)

    async def test(self, holder: Holder, webhook_id: int) -> Pinged:
        """Ping; a 2xx makes an unverified or disabled webhook active. RateLimited within ten seconds of the last."""
        async with self._connections.transaction() as connection:
            webhook = await self._locked(connection, holder, webhook_id)
            if not await store.begin_test(connection, webhook_id, TEST_SECONDS):
                raise RateLimited(
                    f"A webhook is tested at most once in {TEST_SECONDS} seconds.",
                    reason="webhook_test",
                    retry_after_seconds=TEST_SECONDS,
                )
            await self._audit(connection, holder, "webhook.test", webhook, webhook)
        tested = await self._ping(holder, webhook)
        if tested.outcome.error == BUSY:
            raise Unavailable(
                "Too many webhooks are being tested.", reason="webhook_test", retry_after_seconds=TEST_SECONDS
            )
        return tested

    async def rotate(self, holder: Holder, webhook_id: int, overlap_hours: int) -> Issued:
        """A new secret; messages carry a signature by each of both for `overlap_hours`."""
        async with self._connections.transaction() as connection:
            before = await self._locked(connection, holder, webhook_id)
            if overlap_hours:
                self._refuse_overlap_of_a_lost_secret(before)
            webhook = await store.rotate_secret(
                connection, webhook_id, self._secrets.new_salt(webhook_id), overlap_hours
            )
            await self._audit(connection, holder, "webhook.rotate", before, webhook, overlap_hours=overlap_hours)
        return Issued(webhook, secret_text(self._secrets.current(webhook)))

    async def replay(self, holder: Holder, webhook_id: int, what: Range) -> int:
        """How many messages are due again, under the ids they had; at most a thousand per call, the oldest first."""
        async with self._connections.transaction() as connection:
            webhook = await self._locked(connection, holder, webhook_id)
            if webhook.state != "active":
                raise Conflict(
                    f"This webhook is {webhook.state.value} and gets nothing.",
                    reason=webhook.state.value,
                    hint=f"POST /api/v1/webhooks/{webhook_id}/test makes it active once it answers.",
                )
            count = await store.replay(connection, webhook_id, what, REPLAY_MAX)
            await self._audit(connection, holder, "webhook.replay", webhook, webhook, messages=count)
        return count

    async def deliveries(
        self, holder: Holder, webhook_id: int, before: int | None, state: DeliveryState | None, limit: int
    ) -> tuple[Delivery, ...]:
        """Newest first, below number `before`."""
        async with self._connections.transaction() as connection:
            await self._locked(connection, holder, webhook_id)
            return await store.deliveries(connection, webhook_id, before, state, limit)

    async def disable(self, holder: Holder, webhook_id: int, reason: str) -> Webhook:
        """Nothing is sent any more until a test succeeds; its holder is told. Twice does no harm."""
        async with self._connections.transaction() as connection:
            webhook = await self._locked(connection, holder, webhook_id)
            if webhook.disabled_reason is not None:
                return webhook
            return await courier.disable(connection, webhook, reason, holder.actor)

    async def remove(self, holder: Holder, webhook_id: int) -> None:
        """With its deliveries."""
        async with self._connections.transaction() as connection:
            webhook = await self._locked(connection, holder, webhook_id)
            await store.delete_webhook(connection, webhook_id)
            await self._audit(connection, holder, "webhook.remove", webhook, None)

    async def _ping(self, holder: Holder, webhook: Webhook) -> Pinged:
        """A worker that tests enough others says so as the outcome (BUSY): whoever registers gets the secret all the
        same, which no other answer tells.
        """
        if self._pinging >= PINGS_MAX:
            return Pinged(webhook, Outcome(None, BUSY))
        self._pinging += 1
        try:
            outcome = await courier.ping(self._sender, self._secrets, webhook)
        finally:
            self._pinging -= 1
        if not outcome.is_success:
            return Pinged(webhook, outcome)
        async with self._connections.transaction() as connection:
            verified = await store.verify_webhook(connection, webhook.id, webhook.url)
            if verified is not None and verified.state is not webhook.state:
                await self._audit(connection, holder, "webhook.verify", webhook, verified)
        return Pinged(verified or webhook, outcome)

    def _refuse_overlap_of_a_lost_secret(self, webhook: Webhook) -> None:
        try:
            self._secrets.current(webhook)
        except SecretLostError:
            raise Conflict(
                "The secret before was made under a pepper that is no more, so it can sign nothing.",
                reason="secret_lost",
                hint="Rotate with overlapHours 0.",
            ) from None

    async def _locked(self, connection: Connection, holder: Holder, webhook_id: int) -> Webhook:
        webhook = await store.webhook_for_update(connection, webhook_id, holder)
        if webhook is None:
            raise no_such_webhook()
        return webhook

    async def _audit(
        self,
        connection: Connection,
        holder: Holder,
        action: str,
        before: Webhook | None,
        after: Webhook | None,
        **details: Any,
    ) -> None:
        webhook = after or before
        assert webhook is not None
        await apikeys_store.audit(
            connection,
            holder.actor,
            action,
            f"webhook:{webhook.id}",
            before=before.standing if before else None,
            after=after.standing if after else None,
            **details,
        )
