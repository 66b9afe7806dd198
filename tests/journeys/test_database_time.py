"""The second brake over HTTP: what is measured is what the database really did, and only for who asked it."""

import asyncio
from dataclasses import replace

from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.quotas.metering.check import check
from publicgsb.quotas.plans import set_plan
from publicgsb.quotas.store import plans_all
from tests.app import Service
from tests.journeys.test_limits import refusal, standing, until_known
from tests.structured import room_of

_NOTED = (
    "select application_id < 0 as is_of_tests, database_us > 0 as has_worked from gsb.usage_fact where dataset_id = 0"
)
CHEAP = "query($n: Int!) { air { airports(first: $n) { nodes { icao city } } } }"


async def _budget(service: Service, plan: str, milliseconds: int, policy_name: str = "database") -> None:
    async with service.connections.use() as connection:
        stored = next(one for one in await plans_all(connection) if one.name == plan)
    policies = tuple(
        replace(policy, limit=milliseconds if policy.name == policy_name else 1_000_000) for policy in stored.policies
    )
    await set_plan(service.connections, replace(stored, policies=policies), actor="tests")
    await until_known(service, {policy.name: policy.limit for policy in policies})


async def test_who_made_the_database_work_for_its_minute_is_told_so_and_nobody_else_is(
    service: Service, key: str
) -> None:
    await _budget(service, "open", 1)
    for number in range(1, 1_000):
        answer = await service.ask(key, CHEAP, {"n": number})
        if answer.status_code == 429:
            break
    said = refusal(answer)
    assert (said["code"], said["details"]["reason"]) == ("RATE_LIMITED", "database_time")
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    assert room_of(answer)["database"]["r"] == 0
    assert (await service.ask(await service.data_key(), CHEAP, {"n": 1})).status_code == 200


async def test_a_key_that_is_braked_for_another_one_s_work_can_see_which_one_it_was(service: Service) -> None:
    registered = await service.keys.register("A startup", "t@example.org", "Trying it")
    owner = await service.keys.owner(registered.owner_token.text)
    modest = (await service.keys.create_key(owner)).secret
    await _budget(service, "open", 1)
    for number in range(1, 1_000):
        if (await service.ask(registered.key.secret, CHEAP, {"n": number})).status_code == 429:
            break
    greedy, seen = registered.key.secret.split("_")[1][:8], dict[str, int]()
    async with asyncio.timeout(60):
        while not seen.get(greedy):  # facts are written each second
            answer = await service.ask(modest, "{ me { usage(by: [KEY]) { key databaseMs } } }")
            seen = {row["key"]: int(row["databaseMs"]) for row in answer.json()["data"]["me"]["usage"]}
            await asyncio.sleep(0.05)
    assert set(seen) == {greedy}


async def test_a_key_that_has_spent_its_minute_is_refused_and_the_other_key_of_its_application_is_not(
    service: Service,
) -> None:
    registered = await service.keys.register("A startup", "t@example.org", "Trying it")
    owner = await service.keys.owner(registered.owner_token.text)
    greedy, modest = registered.key.secret, (await service.keys.create_key(owner)).secret
    await _budget(service, "open", 1, "database_key")
    for number in range(1, 1_000):
        answer = await service.ask(greedy, CHEAP, {"n": number})
        if answer.status_code == 429:
            break
    said = refusal(answer)
    assert (said["details"]["reason"], said["details"]["policy"]) == ("database_time", "database_key")
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    assert (await service.ask(greedy, CHEAP, {"n": 1})).status_code == 429, "what memory answers is refused as well"
    assert (await service.ask(modest, CHEAP, {"n": 1})).status_code == 200
    assert (await standing(service, greedy))["database_key"]["remaining"] == 0
    assert room_of(answer)["database_key"]["r"] == 0
    spent, untouched = [(await standing(service, key))["database_key"]["used"] for key in (greedy, modest)]
    assert untouched < spent


async def test_what_a_test_key_used_is_held_against_its_own_account(service: Service) -> None:
    """It was held against the live one, where nothing had been allotted: a false alarm."""
    registered = await service.keys.register("A startup", "t@example.org", "Trying it")
    owner = await service.keys.owner(registered.owner_token.text)
    key = (await service.keys.create_key(owner, kind=KeyKind.TEST)).secret
    assert (await service.ask(key, CHEAP, {"n": 1})).status_code == 200
    async with asyncio.timeout(60), service.connections.use() as connection:
        while not (noted := await connection.fetch(_NOTED)):
            await asyncio.sleep(0.05)
    assert [(row["is_of_tests"], row["has_worked"]) for row in noted] == [(True, True)]
    assert await check(service.connections) == []


async def test_an_answer_from_memory_costs_the_database_nothing(service: Service, key: str) -> None:
    """The fifth time as the first but for the points: whoever asks what was asked before is not braked."""
    await _budget(service, "open", 1_000_000)
    await service.ask(key, CHEAP, {"n": 2})
    before = (await standing(service, key))["database"]
    for _ in range(5):
        assert (await service.ask(key, CHEAP, {"n": 2})).status_code == 200
    after = (await standing(service, key))["database"]
    assert after["resetsAt"] != before["resetsAt"] or after["used"] == before["used"]
