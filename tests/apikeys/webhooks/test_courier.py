"""Deliveries: signed, at least once under one id, patient, and no receiver in the way of another."""

import asyncio
import os
import signal
import sys
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.webhooks.courier import Courier
from publicgsb.apikeys.webhooks.model import DeliveryState, Holder
from publicgsb.apikeys.webhooks.sending import Rules, Sender
from publicgsb.apikeys.webhooks.service import Issued, Webhooks
from publicgsb.apikeys.webhooks.signing import WebhookSecrets
from publicgsb.apikeys.webhooks.store import Range
from publicgsb.platform.kernel.database import Connections

from .conftest import PEPPER, RULES, Book, MakeCourier, announce, new_holder, states
from .receiver import Receiver, status

EVERYTHING = Range(None, None, None)

_COURIER = """
import asyncio, sys
from publicgsb.apikeys.webhooks.courier import Courier
from publicgsb.apikeys.webhooks.model import Terms
from publicgsb.apikeys.webhooks.sending import Rules, Sender
from publicgsb.apikeys.webhooks.signing import WebhookSecrets
from publicgsb.platform.kernel.database import Connections

async def main():
    courier = Courier(
        Connections(sys.argv[1], size=2),
        WebhookSecrets((sys.argv[2].encode(),)),
        Sender(Rules(http_is_allowed=True, private_is_allowed=True)),
        terms=Terms(claim_seconds=1),
    )
    await courier.run(asyncio.Event())

asyncio.run(main())
"""


async def test_a_message_arrives_and_the_public_library_verifies_it(
    connections: Connections, courier: Courier, receiver: Receiver, issued: Issued
) -> None:
    await announce(connections, dataset="aviation/airports", name="فرودگاه")
    assert await courier.run_once() == 1
    (heard,) = receiver.messages
    verified = Verifier(issued.secret).verify(heard.body, heard.headers)
    assert verified["type"] == "release.published"
    assert verified["data"] == {"dataset": "aviation/airports", "name": "فرودگاه"}
    with pytest.raises(WebhookVerificationError):
        Verifier(issued.secret).verify(heard.body + b" ", heard.headers)


async def test_the_first_ping_is_signed_too(receiver: Receiver, issued: Issued) -> None:
    (heard,) = receiver.requests
    assert Verifier(issued.secret).verify(heard.body, heard.headers)["type"] == "webhook.ping"


async def test_a_webhook_hears_of_the_kinds_it_asked_for(
    connections: Connections, courier: Courier, webhooks: Webhooks, holder: Holder, receiver: Receiver
) -> None:
    await webhooks.register(holder, receiver.url(), ("release.*", "key.revoked"), "some")
    for kind in ("release.published", "key.rotated", "key.revoked", "dataset.withdrawn"):
        await announce(connections, kind)
    await courier.run_once()
    assert {heard.json["type"] for heard in receiver.messages} == {"release.published", "key.revoked"}


async def test_what_is_an_organisations_own_no_other_hears(
    connections: Connections, courier: Courier, keys: ApiKeys, issued: Issued, receiver: Receiver
) -> None:
    other = await new_holder(keys)
    await announce(connections, "key.revoked", organisation_id=other.organisation_id)
    await announce(connections, "key.revoked", organisation_id=issued.webhook.organisation_id, key="abc")
    await courier.run_once()
    assert [heard.json["data"] for heard in receiver.messages] == [{"key": "abc"}]


async def test_a_suspended_organisation_hears_of_itself_only(
    connections: Connections, courier: Courier, issued: Issued, receiver: Receiver
) -> None:
    organisation_id = issued.webhook.organisation_id
    async with connections.use() as connection:
        await connection.execute("update gsb.organisation set state = 'suspended', suspended_reason = 'abuse'")
    await announce(connections, "release.published")
    await announce(connections, "organisation.suspended", organisation_id=organisation_id)
    await courier.run_once()
    assert [heard.json["type"] for heard in receiver.messages] == ["organisation.suspended"]


async def test_a_webhook_that_answered_no_ping_gets_nothing(
    connections: Connections, courier: Courier, webhooks: Webhooks, holder: Holder, receiver: Receiver
) -> None:
    receiver.answers = [status(500)]
    made = await webhooks.register(holder, receiver.url(), ("*",), "not yet there")
    await announce(connections)
    assert (made.webhook.state, await courier.run_once(), receiver.messages) == ("unverified", 0, [])


async def test_a_failure_is_tried_again_under_the_same_id(
    connections: Connections, courier: Courier, receiver: Receiver, issued: Issued
) -> None:
    receiver.answers = [status(503), status(500)]
    await announce(connections)
    assert await courier.run_once() == 3
    assert len({heard.id for heard in receiver.messages}) == 1
    assert len({heard.body for heard in receiver.messages}) == 1
    assert await states(connections) == [("delivered", 3)]


async def test_after_the_last_try_a_message_is_given_up_and_a_replay_sends_it(
    connections: Connections, courier: Courier, webhooks: Webhooks, holder: Holder, receiver: Receiver, issued: Issued
) -> None:
    receiver.answers = [status(500)] * 10
    await announce(connections)
    assert await courier.run_once() == 10
    assert await states(connections) == [("failed", 10)]
    assert await webhooks.replay(holder, issued.webhook.id, EVERYTHING) == 1
    assert await courier.run_once() == 1
    assert await states(connections) == [("delivered", 1)]
    assert len({heard.id for heard in receiver.messages}) == 1


async def test_a_replay_takes_the_messages_that_it_names(
    connections: Connections, courier: Courier, webhooks: Webhooks, holder: Holder, receiver: Receiver, issued: Issued
) -> None:
    for number in range(4):
        await announce(connections, number=number)
    await courier.run_once()
    listed = await webhooks.deliveries(holder, issued.webhook.id, None, DeliveryState.DELIVERED, 10)
    assert await webhooks.replay(holder, issued.webhook.id, Range((listed[0].message_id,), None, None)) == 1
    assert await webhooks.replay(holder, issued.webhook.id, Range(None, listed[1].at, listed[0].at)) == 1
    assert await webhooks.replay(holder, issued.webhook.id, Range(None, listed[3].at, None, only_failed=True)) == 0
    before = len(receiver.messages)
    await courier.run_once()
    assert sorted(heard.json["data"]["number"] for heard in receiver.messages[before:]) == [2, 3]


async def test_a_replay_reaches_back_to_before_the_webhook_was_there(
    connections: Connections, courier: Courier, webhooks: Webhooks, holder: Holder, receiver: Receiver
) -> None:
    await announce(connections)
    await courier.spread()
    made = await webhooks.register(holder, receiver.url(), ("release.*",), "late")
    assert await courier.run_once() == 0
    assert await webhooks.replay(holder, made.webhook.id, EVERYTHING) == 1
    assert await courier.run_once() == 1


async def test_retry_after_is_kept_for_all_that_the_webhook_is_owed(
    connections: Connections, courier: Courier, receiver: Receiver, issued: Issued
) -> None:
    receiver.answers = [status(429, "Retry-After: 3600")]
    await announce(connections)
    assert await courier.run_once() == 1
    await announce(connections)
    assert await courier.run_once() == 0
    async with connections.use() as connection:
        waits = await connection.fetchval(
            "select min(due_at) > now() + interval '59 min' from gsb.webhook_delivery where attempts > 0"
        )
    assert waits


async def test_gone_turns_the_webhook_off_and_tells_by_the_others(
    connections: Connections, courier: Courier, webhooks: Webhooks, holder: Holder, receiver: Receiver, issued: Issued
) -> None:
    other = await webhooks.register(holder, receiver.url("/other"), ("webhook.*",), "watch")
    receiver.answers = [status(410)]
    await announce(connections)
    await courier.run_once()
    await courier.run_once()
    by_id = {webhook.id: webhook for webhook in await webhooks.list(holder)}
    assert (by_id[issued.webhook.id].state, by_id[issued.webhook.id].disabled_reason) == ("disabled", "gone")
    assert by_id[other.webhook.id].state == "active"
    (told,) = [heard for heard in receiver.messages if heard.path == "/other"]
    assert told.json["data"]["reason"] == "gone"
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.audit where action = 'webhook.disable'") == 1


async def test_five_days_without_a_success_turn_it_off_and_what_waits_is_given_up(
    connections: Connections,
    make_courier: MakeCourier,
    webhooks: Webhooks,
    holder: Holder,
    receiver: Receiver,
    issued: Issued,
) -> None:
    courier = make_courier(pauses=(timedelta(hours=1),))
    async with connections.use() as connection:
        await connection.execute("update gsb.webhook set failures = 9, failing_since = now() - interval '5 days 1 s'")
    receiver.answers = [status(500)]
    await announce(connections)
    await courier.run_once()
    (webhook,) = await webhooks.list(holder)
    assert (webhook.state, webhook.disabled_reason) == ("disabled", "failing")
    assert await states(connections) == [("failed", 1)]


async def test_a_success_ends_the_count_of_failures(
    connections: Connections, courier: Courier, webhooks: Webhooks, holder: Holder, receiver: Receiver, issued: Issued
) -> None:
    async with connections.use() as connection:
        await connection.execute("update gsb.webhook set failures = 99, failing_since = now() - interval '4 days'")
    await announce(connections)
    await courier.run_once()
    (webhook,) = await webhooks.list(holder)
    assert (webhook.failures, webhook.failing_since, webhook.state) == (0, None, "active")


async def test_both_secrets_verify_during_a_rotation_and_the_old_one_no_more_after_it(
    connections: Connections, courier: Courier, webhooks: Webhooks, holder: Holder, receiver: Receiver, issued: Issued
) -> None:
    rotated = await webhooks.rotate(holder, issued.webhook.id, 24)
    assert rotated.secret != issued.secret
    await announce(connections)
    await courier.run_once()
    (heard,) = receiver.messages
    for secret in (issued.secret, rotated.secret):
        Verifier(secret).verify(heard.body, heard.headers)
    async with connections.use() as connection:
        await connection.execute("update gsb.webhook set previous_until = now()")
    await announce(connections)
    await courier.run_once()
    heard = receiver.messages[-1]
    Verifier(rotated.secret).verify(heard.body, heard.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(issued.secret).verify(heard.body, heard.headers)


async def test_a_receiver_that_never_answers_delays_no_other(
    connections: Connections, courier: Courier, webhooks: Webhooks, keys: ApiKeys, receiver: Receiver, issued: Issued
) -> None:
    release = asyncio.Event()

    async def late() -> bytes:
        await release.wait()
        return status(204)

    quick = Receiver()
    await quick.start()
    await webhooks.register(await new_holder(keys), quick.url(host="other.test"), ("*",), "quick")
    receiver.answers = [late] * 4
    for _ in range(20):
        await announce(connections)
    stop = asyncio.Event()
    running = asyncio.create_task(courier.run(stop))
    async with asyncio.timeout(60):
        for _ in range(21):
            await quick.heard.get()
    assert len(receiver.messages) == 4  # as many as one lane has places
    release.set()
    async with asyncio.timeout(60):
        for _ in range(21):
            await receiver.heard.get()
    stop.set()
    await running
    await quick.stop()


async def test_two_processes_send_each_message_once(
    connections: Connections, make_courier: MakeCourier, receiver: Receiver, issued: Issued
) -> None:
    for number in range(20):
        await announce(connections, number=number)
    await asyncio.gather(make_courier().run_once(), make_courier().run_once())
    assert sorted(heard.json["data"]["number"] for heard in receiver.messages) == list(range(20))


async def test_a_process_killed_between_sending_and_noting_is_followed_by_another_under_the_same_id(
    connections: Connections,
    database_url: str,
    courier: Courier,
    receiver: Receiver,
    webhooks: Webhooks,
    holder: Holder,
) -> None:
    await webhooks.register(holder, receiver.url(host="127.0.0.1"), ("*",), "survivor")
    died = asyncio.Event()

    async def kill_first() -> bytes:
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        died.set()
        return b""

    receiver.answers = [kill_first]
    await announce(connections)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _COURIER, database_url, PEPPER.decode())
    try:
        async with asyncio.timeout(60):
            await died.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert await states(connections) == [("pending", 1)]
    stop = asyncio.Event()
    running = asyncio.create_task(courier.run(stop))
    async with asyncio.timeout(60):
        while len(receiver.messages) < 2:
            await receiver.heard.get()
    stop.set()
    await running
    first, second = receiver.messages
    assert (first.id, first.body) == (second.id, second.body)


async def test_an_attempt_that_lost_its_claim_does_not_say_how_it_went(
    connections: Connections, make_courier: MakeCourier, receiver: Receiver, issued: Issued
) -> None:
    async def meanwhile() -> bytes:
        async with connections.use() as connection:
            await connection.execute("update gsb.webhook_delivery set claim = gen_random_uuid()")
        return status(500)

    receiver.answers = [meanwhile]
    await announce(connections)
    await make_courier().run_once()
    async with connections.use() as connection:
        row = await connection.fetchrow("select state, last_status, claim from gsb.webhook_delivery")
    assert row is not None
    assert (row["state"], row["last_status"], row["claim"] is not None) == ("pending", None, True)


async def test_an_address_that_turned_private_is_not_called(
    connections: Connections,
    webhook_secrets: WebhookSecrets,
    book: Book,
    receiver: Receiver,
    issued: Issued,
) -> None:
    strict = Courier(connections, webhook_secrets, Sender(Rules(http_is_allowed=True), resolver=book))
    await announce(connections)
    assert await strict.run_once() == 1
    assert receiver.messages == []
    async with connections.use() as connection:
        assert await connection.fetchval("select last_error from gsb.webhook_delivery") == "address_refused"


async def test_a_lost_pepper_signs_nothing(
    connections: Connections, book: Book, receiver: Receiver, issued: Issued
) -> None:
    stranger = Courier(
        connections, WebhookSecrets((b"another pepper of thirty-two ...",)), Sender(RULES, resolver=book)
    )
    await announce(connections)
    await stranger.run_once()
    assert receiver.messages == []
    async with connections.use() as connection:
        assert await connection.fetchval("select last_error from gsb.webhook_delivery") == "secret_lost"
