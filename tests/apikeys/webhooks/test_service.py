"""Use cases that no route shows: how many webhooks there may be, what is audited, what a dump holds."""

import asyncio
from base64 import b64decode
from datetime import UTC, datetime

import pytest

from publicgsb.apikeys.webhooks.model import WEBHOOKS_MAX, Holder, Outcome
from publicgsb.apikeys.webhooks.sending import Rules, Sender
from publicgsb.apikeys.webhooks.service import PINGS_MAX, Issued, Webhooks
from publicgsb.apikeys.webhooks.signing import SecretLostError, WebhookSecrets, secret_text
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest
from publicgsb.platform.server.audit import Filters, entries

from .conftest import PEPPER, Book
from .receiver import Receiver


async def test_there_are_ten_at_most_however_many_ask_at_once(
    webhooks: Webhooks, holder: Holder, receiver: Receiver
) -> None:
    asked = [webhooks.register(holder, receiver.url(), ("*",), "one") for _ in range(WEBHOOKS_MAX - 4)]
    await asyncio.gather(*asked[: WEBHOOKS_MAX - 4])
    more = [webhooks.register(holder, receiver.url(), ("*",), "one") for _ in range(6)]
    ended = await asyncio.gather(*more, return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in ended) == 2
    assert len(await webhooks.list(holder)) == WEBHOOKS_MAX


async def test_a_private_address_is_refused_at_registration_and_leaves_nothing(
    connections: Connections, webhook_secrets: WebhookSecrets, book: Book, holder: Holder
) -> None:
    strict = Webhooks(connections, webhook_secrets, Sender(Rules(), resolver=book))
    with pytest.raises(InvalidRequest):
        await strict.register(holder, "https://hooks.test/", ("*",), "inside")
    assert await strict.list(holder) == ()


async def test_every_change_is_audited(
    connections: Connections, webhooks: Webhooks, holder: Holder, issued: Issued
) -> None:
    webhook_id = issued.webhook.id
    await webhooks.change(holder, webhook_id, url=None, kinds=("key.*",), label=None)
    await webhooks.rotate(holder, webhook_id, 24)
    await webhooks.disable(holder, webhook_id, "owner")
    await webhooks.remove(holder, webhook_id)
    async with connections.use() as connection:
        rows = await connection.fetch(
            "select action from gsb.audit where subject = $1 order by id", f"webhook:{webhook_id}"
        )
    actions = [row["action"].removeprefix("webhook.") for row in rows]
    assert actions == ["register", "verify", "change", "rotate", "disable", "remove"]


async def test_the_audit_says_what_a_webhook_was_and_is_and_no_path_of_its_address(
    connections: Connections, webhooks: Webhooks, holder: Holder, receiver: Receiver
) -> None:
    made = await webhooks.register(holder, receiver.url("/secret-path"), ("*",), "first")
    await webhooks.change(holder, made.webhook.id, url=None, kinds=("key.*",), label="second")
    (entry,) = await entries(connections, Filters(action="webhook.change"))
    assert entry.before is not None and entry.after is not None
    assert (entry.before["kinds"], entry.before["label"]) == ("*", "first")
    assert (entry.after["kinds"], entry.after["label"], entry.after["state"]) == ("key.*", "second", "active")
    assert "secret-path" not in str(await entries(connections, Filters()))


async def test_who_registers_while_a_worker_tests_enough_others_gets_the_secret_all_the_same(
    webhooks: Webhooks, holder: Holder, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_pinging", PINGS_MAX)
    made = await webhooks.register(holder, receiver.url(), ("*",), "one too many")
    assert made.secret.startswith("whsec_")
    assert (made.webhook.state, made.outcome) == ("unverified", Outcome(None, "busy"))


async def test_no_secret_is_in_the_database_or_in_a_repr(connections: Connections, issued: Issued) -> None:
    raw = b64decode(issued.secret.removeprefix("whsec_"))
    async with connections.use() as connection:
        row = await connection.fetchval("select w::text from gsb.webhook w")
        audit = await connection.fetchval("select string_agg(a::text, ' ') from gsb.audit a")
    for text in (row, audit, repr(issued)):
        assert issued.secret not in text
        assert raw.hex() not in text


async def test_what_the_database_holds_makes_no_secret_without_the_pepper(issued: Issued) -> None:
    with pytest.raises(SecretLostError):
        WebhookSecrets((b"a guess of thirty-two bytes .....",)).current(issued.webhook)


async def test_a_pepper_before_the_present_one_keeps_its_secrets(issued: Issued) -> None:
    changed = WebhookSecrets((b"the pepper that came after it ...", PEPPER))
    assert changed.current(issued.webhook) == WebhookSecrets((PEPPER,)).current(issued.webhook)


async def test_two_webhooks_never_share_a_secret(webhooks: Webhooks, holder: Holder, receiver: Receiver) -> None:
    made = [await webhooks.register(holder, receiver.url(), ("*",), "same") for _ in range(3)]
    assert len({one.secret for one in made}) == 3


async def test_a_ping_that_was_answered_for_an_address_left_meanwhile_verifies_nothing(
    webhooks: Webhooks, holder: Holder, receiver: Receiver, connections: Connections
) -> None:
    async def meanwhile() -> bytes:
        async with connections.use() as connection:
            await connection.execute("update gsb.webhook set url = 'https://elsewhere.test/'")
        return b"HTTP/1.1 204 Fine\r\n\r\n"

    receiver.answers = [meanwhile]
    made = await webhooks.register(holder, receiver.url(), ("*",), "moving")
    assert made.webhook.state == "unverified"
    assert (await webhooks.list(holder))[0].state == "unverified"


async def test_a_rotation_after_a_changed_pepper_still_signs_with_the_secret_before(
    connections: Connections, sender: Sender, holder: Holder, issued: Issued
) -> None:
    changed = WebhookSecrets((b"the pepper that came after it ...", PEPPER))
    rotated = await Webhooks(connections, changed, sender).rotate(holder, issued.webhook.id, 24)
    valid = {secret_text(secret) for secret in changed.valid(rotated.webhook, datetime.now(UTC))}
    assert {issued.secret, rotated.secret} <= valid


async def test_a_lost_secret_is_replaced_at_once_or_not_at_all(
    connections: Connections, sender: Sender, holder: Holder, issued: Issued
) -> None:
    stranger = Webhooks(connections, WebhookSecrets((b"another pepper of thirty-two ...",)), sender)
    with pytest.raises(Conflict) as refused:
        await stranger.rotate(holder, issued.webhook.id, 24)
    assert refused.value.details["reason"] == "secret_lost"
    assert (await stranger.rotate(holder, issued.webhook.id, 0)).secret != issued.secret
