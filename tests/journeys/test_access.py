"""Levels and kinds of keys over HTTP: what tests/schema/planning/test_access.py holds for every role, for a sample."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.schema.worlds import COMMON, declare, found, release

PEOPLE = (
    COMMON
    + """
agency: geo
dataset: posts
recordName: Post
title: { fa: "پست‌ها", en: "Posts" }
primaryKey: [id]
orderings: [wage, rank]
fields:
  - { name: id, type: string, label: { fa: "شناسه", en: "Id" }, constraints: { required: true }, filters: [eq] }
  - { name: wage, type: integer, label: { fa: "مزد", en: "Wage" }, filters: [range], access: restricted,
      legalGround: "IR-FOI-15" }
  - { name: rank, type: integer, label: { fa: "رتبه", en: "Rank" }, filters: [range], access: registered }
  - { name: holder, type: string, label: { fa: "دارنده", en: "Holder" }, access: withheld, legalGround: "IR-FOI-14" }
"""
)
ROWS = "id,wage,rank\n1,100,1\n2,200,2\n"

LIST = "{{ geo {{ posts({arguments}) {{ nodes {{ {fields} }} }} }} }}"
OPEN, RANK = LIST.format(arguments="first: 2", fields="id"), LIST.format(arguments="first: 2", fields="id rank")
WAGE = LIST.format(arguments="first: 2", fields="id wage")
BY_WAGE = LIST.format(arguments="orderBy: WAGE_DESC", fields="id")
ABOVE = LIST.format(arguments="where: {wage: {gt: 150}}", fields="id")
BY_RANK = LIST.format(arguments="orderBy: RANK_DESC", fields="id")


@pytest.fixture
async def service(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found(connections, state_dir)
    await declare(connections, PEOPLE)
    await release(connections, state_dir, "geo/posts", ROWS)
    async with running(settings, connections) as service:
        yield service


@pytest.fixture
async def keys(service: Service) -> dict[KeyKind, str]:
    registered = await service.keys.register("A startup", "a@example.org", "Trying it")
    owner = await service.keys.owner(registered.owner_token.text)
    test = await service.keys.create_key(owner, kind=KeyKind.TEST)
    agency = await service.agency_key("geo")
    return {KeyKind.LIVE: registered.key.secret, KeyKind.TEST: test.secret, KeyKind.AGENCY: agency}


@pytest.mark.parametrize(
    ("document", "live", "test"),
    [
        (OPEN, 200, 200),
        (RANK, 200, "test_key"),
        (BY_RANK, 200, "test_key"),
        (WAGE, "restricted", "restricted"),
        (BY_WAGE, "restricted", "restricted"),
        (ABOVE, "restricted", "restricted"),
    ],
)
async def test_each_kind_of_key_reads_what_it_may_whoever_asked_before(
    service: Service, keys: dict[KeyKind, str], document: str, live: int | str, test: int | str
) -> None:
    for _ in range(2):  # planned and read, then found in both caches
        for kind, expected in ((KeyKind.LIVE, live), (KeyKind.TEST, test), (KeyKind.AGENCY, "agency_key")):
            answer = await service.ask(keys[kind], document)
            if expected == 200:
                assert answer.status_code == 200, answer.text
                assert len(answer.json()["data"]["geo"]["posts"]["nodes"]) == 2
            else:
                (error,) = answer.json()["errors"]
                assert (answer.status_code, error["extensions"]["details"]["reason"]) == (403, expected)
                assert "data" not in answer.json()
                is_told = "A test key reads open data only" in error["extensions"]["hint"]
                assert is_told is (kind is KeyKind.TEST and expected == "restricted")


async def test_a_withheld_field_is_null_and_named_while_the_rest_answers(
    service: Service, keys: dict[KeyKind, str]
) -> None:
    document = LIST.format(arguments="", fields="id holder").replace("()", "")
    for _ in range(2):
        answer = (await service.ask(keys[KeyKind.LIVE], document)).json()
        assert answer["data"]["geo"]["posts"]["nodes"] == [{"id": "1", "holder": None}, {"id": "2", "holder": None}]
        (error,) = answer["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["geo", "posts", "nodes", "holder"], "WITHHELD")
