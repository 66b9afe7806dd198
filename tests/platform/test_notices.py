"""Mails that go with messages: queued once, in the transaction that spreads them, to whom they concern."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from publicgsb.apikeys.webhooks.courier import Courier
from publicgsb.apikeys.webhooks.sending import Rules, Sender
from publicgsb.apikeys.webhooks.signing import WebhookSecrets
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.outbox import publish
from publicgsb.platform.server.notices import Notices

THRESHOLD: dict[str, Any] = {
    "application": 30,
    "policy": "month",
    "percent": 95,
    "limit": 100_000,
    "used": 95_000,
    "reserved": 120,
    "periodStart": "2026-11-01T00:00:00Z",
    "resetsAt": "2026-12-01T00:00:00Z",
}
DISABLED = {"webhook": 7, "label": "ours", "reason": "failing", "failingSince": None}
EXPIRING = {"key": "abcdefgh", "label": "first key", "days": 7, "expiresAt": "2026-12-04T00:00:00Z"}


async def _post(connection: Connection, address: str, subject: str, text: str) -> None:
    await connection.execute("insert into posted values ($1, $2, $3)", address, subject, text)


async def _posted(connections: Connections) -> list[tuple[str, str, str]]:
    async with connections.use() as connection:
        return [tuple(row) for row in await connection.fetch("select * from posted order by address")]


@pytest.fixture
async def courier(connections: Connections) -> AsyncIterator[Courier]:
    async with connections.use() as connection:
        await connection.execute("create table posted (address text, subject text, text text)")
        await connection.execute(
            "insert into gsb.organisation (name, email, purpose) values ('Rah', 'rah@example.org', 'trips')"
        )
        await connection.execute("insert into gsb.agency (slug, name_fa, name_en) values ('caa', 'هوا', 'Air')")
        await connection.execute(
            """
            insert into gsb.person (name, email, agency_id, role)
            select 'A person', address, 1, 'publisher' from unnest(array['a@caa.example', 'b@caa.example']) as address
            """
        )
    yield Courier(connections, WebhookSecrets((b"a pepper",)), Sender(Rules()), hearer=Notices(_post))


async def _say(connections: Connections, kind: str, payload: dict[str, Any], **to: int) -> None:
    async with connections.transaction() as connection:
        await publish(connection, kind, payload, **to)


async def test_a_threshold_is_mailed_once_in_both_languages(connections: Connections, courier: Courier) -> None:
    await _say(connections, "quota.threshold", THRESHOLD, organisation_id=1)
    await courier.spread()
    await courier.spread()
    ((address, subject, text),) = await _posted(connections)
    assert (address, "95 %" in subject) == ("rah@example.org", True)
    assert "95,120 / 100,000" in text
    assert "۹۵ درصد" in text
    assert "۹۵٬۱۲۰ از ۱۰۰٬۰۰۰. دورهٔ تازه: ۱۰ آذر ۱۴۰۵" in text


async def test_an_organisation_is_written_to_when_it_is_approved_suspended_and_resumed(
    connections: Connections, courier: Courier
) -> None:
    told = {"plan": "approved", "state": "active", "reason": None}
    await _say(connections, "organisation.approved", told, organisation_id=1)
    await _say(
        connections, "organisation.suspended", told | {"state": "suspended", "reason": "spam"}, organisation_id=1
    )
    await _say(connections, "organisation.resumed", told, organisation_id=1)
    await courier.spread()
    posted = await _posted(connections)
    assert {address for address, _, _ in posted} == {"rah@example.org"}
    texts = {subject.rpartition(" / ")[2]: text for _, subject, text in posted}
    assert texts["approved"].count("approved") == 3  # the plan in both languages, and the sentence
    assert texts["suspended"].count("spam") == 2
    assert "work again" in texts["resumed"]


async def test_the_people_of_an_agency_hear_of_its_webhook(connections: Connections, courier: Courier) -> None:
    await _say(connections, "webhook.disabled", DISABLED, agency_id=1)
    await courier.spread()
    posted = await _posted(connections)
    assert [address for address, _, _ in posted] == ["a@caa.example", "b@caa.example"]
    assert "/api/v1/webhooks/7/replay" in posted[0][2]


async def test_whoever_was_removed_from_an_agency_hears_of_nothing_more(
    connections: Connections, courier: Courier
) -> None:
    async with connections.use() as connection:
        await connection.execute("update gsb.person set removed_at = now() where email = 'a@caa.example'")
    await _say(connections, "webhook.disabled", DISABLED, agency_id=1)
    await courier.spread()
    assert [address for address, _, _ in await _posted(connections)] == ["b@caa.example"]


async def test_a_key_that_ends_is_mailed_with_the_way_to_its_successor(
    connections: Connections, courier: Courier
) -> None:
    await _say(connections, "key.expiring", EXPIRING, organisation_id=1)
    await courier.spread()
    ((_, _, text),) = await _posted(connections)
    assert "POST /api/v1/keys/abcdefgh/rotate" in text
    assert "تا ۷ روز دیگر پایان می‌یابد: ۱۳ آذر ۱۴۰۵" in text


async def test_what_needs_no_mail_gets_none(connections: Connections, courier: Courier) -> None:
    await _say(connections, "release.published", {"dataset": "caa/airports"})
    await courier.spread()
    assert await _posted(connections) == []


async def test_a_mail_that_cannot_be_written_holds_up_nothing(connections: Connections, courier: Courier) -> None:
    await _say(connections, "quota.threshold", {}, organisation_id=1)
    await _say(connections, "quota.threshold", THRESHOLD, organisation_id=1)
    await courier.spread()
    assert len(await _posted(connections)) == 1
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.outbox where spread_at is null") == 0


async def test_whoever_uses_what_will_break_is_mailed(connections: Connections, courier: Courier) -> None:
    told = {
        "dataset": "caa/airports",
        "contractVersion": "1.0.0",
        "nextVersion": "2.0.0",
        "successor": "caa/airports_v2",
        "sunsetOn": "2027-03-20",
        "breaks": ["the field elevation is gone"],
        "touchedFields": ["elevation"],
        "applications": [{"id": 1, "name": "Trips", "fields": ["elevation"], "requests": 3, "lastOn": "2026-11-27"}],
    }
    await _say(connections, "contract.breaking_announced", told, organisation_id=1)
    await courier.spread()
    ((address, _, text),) = await _posted(connections)
    assert address == "rah@example.org" and "Trips (elevation)" in text and "caa/airports_v2" in text


async def test_whoever_read_a_recalled_release_is_mailed_to_delete_it(
    connections: Connections, courier: Courier
) -> None:
    told = {
        "dataset": "caa/airports",
        "release": 7,
        "sha256": "ab",
        "reason": {"fa": "دادهٔ شخصی", "en": "Personal data"},
        "applications": ["Trips"],
        "requests": 3,
        "bytes": 4_096,
    }
    await _say(connections, "copy.recalled", told, organisation_id=1)
    await courier.spread()
    ((address, subject, text),) = await _posted(connections)
    assert (address, "caa/airports 7" in subject) == ("rah@example.org", True)
    assert "Personal data" in text and "دادهٔ شخصی" in text and "4,096" in text


@pytest.mark.parametrize(
    ("kind", "addresses"),
    [
        ("submission.in_review", ["reza@caa.example"]),
        ("submission.waiting", ["omid@caa.example", "reza@caa.example"]),
        ("submission.sent_back", ["parisa@caa.example"]),
        ("submission.validating", []),
    ],
)
async def test_a_submission_is_mailed_to_whom_it_concerns(
    connections: Connections, courier: Courier, kind: str, addresses: list[str]
) -> None:
    submission = f"sub_{'0' * 22}"
    async with connections.use() as connection:
        for name, role in (("parisa", "publisher"), ("omid", "publisher"), ("reza", "reviewer"), ("gone", "reviewer")):
            await connection.execute(
                "insert into gsb.person (name, email, agency_id, role) values ($1, $2, 1, $3)",
                *(name, f"{name}@caa.example", role),
            )
        await connection.execute("update gsb.person set removed_at = now() where name = 'gone'")
        await connection.execute("update gsb.agency set deputy_id = (select id from gsb.person where name = 'omid')")
        await connection.execute("insert into gsb.dataset (agency_id, slug) values (1, 'airports')")
        await connection.execute(
            """
            insert into gsb.submission (
              id, agency_id, dataset_id, state, idempotency_key, file_sha256, file_name, file_bytes, mode, actor,
              submitted_by
            )
            select $1, 1, 1, 'in_review', 'k', 'ab', 'x.upload', 1, 'full', 'person', id
            from gsb.person where name = 'parisa'
            """,
            submission,
        )
    told = {"submission": submission, "dataset": "caa/airports", "submitter": "parisa", "reason": "Wrong year."}
    await _say(connections, kind, told, agency_id=1)
    await courier.spread()
    posted = await _posted(connections)
    assert [address for address, _, _ in posted] == addresses
    assert all(submission in text and "Wrong year." in text for _, _, text in posted)
