"""An organisation with a confirmed address, and what was mailed."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest
from tests.apikeys.conftest import PEPPER

from publicgsb.apikeys.mail.outbox import newest
from publicgsb.apikeys.model import Owner, Role
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections

MailedCode: TypeAlias = Callable[[], Awaitable[str]]
Join: TypeAlias = Callable[..., Awaitable[Owner]]


class Clock:
    """The present, and as much later as a test says."""

    def __init__(self) -> None:
        self.later = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.later


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(connections: Connections, keys: ApiKeys, tokens: OwnerTokens, clock: Clock) -> People:
    return People(connections, keys, tokens, PEPPER, "https://gsb.test", now=clock)


@pytest.fixture
def mailed_code(connections: Connections) -> MailedCode:
    """The code in the newest mail."""

    async def read() -> str:
        (mail,) = await newest(connections, 1)
        found = re.search(r'"code":"([0-9A-Za-z]{32})"', mail.body)
        assert found is not None
        return found[1]

    return read


@pytest.fixture
async def owner(people: People, keys: ApiKeys, mailed_code: MailedCode) -> Owner:
    """Owns an organisation whose address is confirmed."""
    made = await people.register("Rah", "rah@example.ir", "cheap travel")
    await people.confirm(await mailed_code())
    return await keys.owner(made.owner_token.text)


@pytest.fixture
def join(people: People, keys: ApiKeys, owner: Owner, mailed_code: MailedCode) -> Join:
    """Somebody who was invited and accepted."""

    async def joined(email: str = "sara@example.ir", role: Role = Role.MEMBER) -> Owner:
        await people.invite(owner, email, role)
        return await keys.owner((await people.accept(await mailed_code(), "Sara")).token.text)

    return joined
