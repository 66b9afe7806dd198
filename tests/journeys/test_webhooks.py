"""A startup registers a webhook over HTTP; the jobs process tells it of a key and a quota; the operator looks on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.apikeys.webhooks.receiver import Heard, Receiver
from tests.processes import gsb, jobs, served, settings_env

REGISTRATION = {"name": "Rah", "email": "rah@example.org", "purpose": "trips"}


@dataclass(frozen=True, slots=True)
class Startup:
    http: httpx2.AsyncClient  # with its owner token
    made: dict[str, Any]  # the answer to its registration
    receiver: Receiver
    env: dict[str, str]

    async def register(self) -> dict[str, Any]:
        body = {"url": self.receiver.url(host="127.0.0.1"), "kinds": ["*"]}
        answer = await self.http.post("/api/v1/webhooks", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def hears(self, kind: str, secret: str) -> Heard:
        """The next message of a kind, with a signature that is right."""
        async with asyncio.timeout(60):
            while (heard := await self.receiver.heard.get()).json["type"] != kind:
                pass
        Verifier(secret).verify(heard.body, heard.headers)
        return heard


@pytest.fixture
async def startup(settings: Settings) -> AsyncIterator[Startup]:
    env = settings_env(settings, webhook_http="true", webhook_private="true")
    receiver = Receiver()
    await receiver.start()
    with served(env) as server, jobs(env):
        async with httpx2.AsyncClient(base_url=server.url, timeout=30) as http:
            made = (await http.post("/api/v1/register", json=REGISTRATION)).json()
            http.headers["authorization"] = f"Bearer {made['ownerToken']}"
            yield Startup(http, made, receiver, env)
    await receiver.stop()


async def test_a_startup_is_told_of_its_key_and_its_quota(startup: Startup, connections: Connections) -> None:
    made = await startup.register()
    assert made["webhook"]["state"] == "active"
    key_id = startup.made["key"]["id"]
    await startup.http.request("DELETE", f"/api/v1/keys/{key_id}", json={"reason": "lost laptop"})
    told = (await startup.hears("key.revoked", made["secret"])).json["data"]
    assert (told["key"], told["reason"]) == (key_id, "lost laptop")
    async with connections.use() as connection:
        await connection.execute(
            """
            insert into gsb.quota_account
              (organisation_id, application_id, policy, period_start, period_end, lim, allotted, used)
            values ($1, $2, 'month', date_trunc('month', now(), 'UTC'), now() + interval '1 day', 100, 80, 80)
            """,
            startup.made["organisation"]["id"],
            startup.made["application"]["id"],
        )
    told = (await startup.hears("quota.threshold", made["secret"])).json["data"]
    assert (told["percent"], told["limit"], told["used"]) == (80, 100, 80)


@pytest.mark.prove
async def test_the_operator_lists_turns_off_and_replays(startup: Startup) -> None:
    made = await startup.register()
    number, key_id = str(made["webhook"]["id"]), startup.made["key"]["id"]
    await startup.http.request("DELETE", f"/api/v1/keys/{key_id}")
    heard = await startup.hears("key.revoked", made["secret"])
    (listed,) = await asyncio.to_thread(gsb, startup.env, "webhook", "list")
    assert (listed["state"], listed["organisation"]) == ("active", startup.made["organisation"]["id"])
    replayed = await asyncio.to_thread(gsb, startup.env, "webhook", "replay", number, "--message", heard.id)
    assert replayed["messages"] == 1
    assert (await startup.hears("key.revoked", made["secret"])).id == heard.id
    disabled = await asyncio.to_thread(gsb, startup.env, "webhook", "disable", number, "--reason", "abuse")
    assert (disabled["state"], disabled["why"]) == ("disabled", "abuse")
    shown = await asyncio.to_thread(gsb, startup.env, "webhook", "deliveries", number)
    assert [line["message"] for line in shown] == [heard.id]
    await asyncio.to_thread(gsb, startup.env, "webhook", "disable", "404", "--reason", "none", exit_code=4)


async def test_a_private_address_is_refused_unless_the_operator_allows_it(settings: Settings) -> None:
    with served(settings_env(settings, webhook_http="true")) as server:
        async with httpx2.AsyncClient(base_url=server.url, timeout=30) as http:
            made = (await http.post("/api/v1/register", json=REGISTRATION)).json()
            http.headers["authorization"] = f"Bearer {made['ownerToken']}"
            for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "0x7f.1"):
                body = {"url": f"http://{host}:8080/", "kinds": ["*"]}
                answer = await http.post("/api/v1/webhooks", json=body)
                assert (answer.status_code, answer.json()["details"]["reason"]) == (400, "address"), host
