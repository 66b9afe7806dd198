"""Webhooks on a real database, sent to a receiver of the test's own; names are in a book that the test fills."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.webhooks.courier import Courier
from publicgsb.apikeys.webhooks.model import Holder, Terms
from publicgsb.apikeys.webhooks.sending import Rules, Sender
from publicgsb.apikeys.webhooks.service import Issued, Webhooks
from publicgsb.apikeys.webhooks.signing import WebhookSecrets
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.outbox import publish
from publicgsb.platform.kernel.outward import NameUnknownError

from .receiver import Receiver

PEPPER = b"a pepper of thirty-two bytes ..."
RULES = Rules(http_is_allowed=True, private_is_allowed=True, attempt_seconds=60.0)
AT_ONCE = Terms(pauses=(timedelta(0),) * 9, jitter=0.0)

MakeCourier: TypeAlias = Callable[..., Courier]


class Book:
    """Implements Resolver: what each name resolves to, and how often it was asked."""

    def __init__(self) -> None:
        self.addresses: dict[str, list[str]] = {
            name: ["127.0.0.1"] for name in ("hooks.test", "other.test", "127.0.0.1")
        }
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.addresses:
            raise NameUnknownError
        return self.addresses[host]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def sender(book: Book) -> Sender:
    return Sender(RULES, resolver=book)


@pytest.fixture
def webhook_secrets() -> WebhookSecrets:
    return WebhookSecrets((PEPPER,))


@pytest.fixture
def webhooks(connections: Connections, webhook_secrets: WebhookSecrets, sender: Sender) -> Webhooks:
    return Webhooks(connections, webhook_secrets, sender)


@pytest.fixture
def make_courier(connections: Connections, webhook_secrets: WebhookSecrets, sender: Sender) -> MakeCourier:
    def make(**terms: Any) -> Courier:
        return Courier(connections, webhook_secrets, sender, terms=replace(AT_ONCE, **terms))

    return make


@pytest.fixture
def courier(make_courier: MakeCourier) -> Courier:
    return make_courier()


@pytest.fixture
async def holder(keys: ApiKeys) -> Holder:
    """A registered organisation."""
    return await new_holder(keys)


async def new_holder(keys: ApiKeys) -> Holder:
    made = await keys.register("شرکت راه", "rah@example.ir", "سفر ارزان")
    return Holder(made.organisation.id, None, Actor("person:1", made.organisation.id))


@pytest.fixture
async def issued(webhooks: Webhooks, holder: Holder, receiver: Receiver) -> Issued:
    """A webhook of the holder for everything, active because the receiver answered its ping."""
    return await webhooks.register(holder, receiver.url(), ("*",), "all")


async def announce(
    connections: Connections, kind: str = "release.published", *, organisation_id: int | None = None, **payload: Any
) -> None:
    async with connections.transaction() as connection:
        await publish(connection, kind, payload, organisation_id=organisation_id)


async def states(connections: Connections) -> list[tuple[str, int]]:
    """State and attempts of every delivery, in order of their messages."""
    async with connections.use() as connection:
        rows = await connection.fetch("select state, attempts from gsb.webhook_delivery order by outbox_id, webhook_id")
    return [(row["state"], row["attempts"]) for row in rows]
