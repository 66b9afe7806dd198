"""An organisation, an agency with a dataset of two restricted fields, and both sides' services on one database."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from publicgsb.apikeys.grants.applying import Applying, Closed
from publicgsb.apikeys.grants.deciding import Deciding
from publicgsb.apikeys.grants.model import Content, Decider
from publicgsb.apikeys.grants.states import Party
from publicgsb.apikeys.model import OPERATOR, Actor, Owner
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.service import ApiKeys
from publicgsb.platform.kernel.database import Connections

CONTENT = Content(None, "Comparing wages between towns", "Article 5", "a@example.org", "M. Karimi", 365)
NAMES = {"name": "name", "wage": "wage"}


@dataclass(frozen=True, slots=True)
class Side:
    """`key` is a live key of the owner's organisation."""

    owner: Owner
    key: str
    applying: Applying
    deciding: Deciding
    decider: Decider
    opened: list[int]

    @property
    def newest(self) -> int:
        return self.opened[-1]

    async def submitted(self, content: Content = CONTENT) -> int:
        told = await self.applying.open(self.owner, "aviation/crews", content)
        await self.applying.submit(self.owner, told.request.id)
        self.opened.append(told.request.id)
        return told.request.id

    async def granted(self, *, days: int) -> datetime:
        """Until when."""
        done = await self.deciding.validate(self.decider, await self.submitted(replace(CONTENT, days=days)))
        assert done.request.grant is not None
        return done.request.grant.ends_at


@pytest.fixture
async def dataset_id(connections: Connections, agency_id: int) -> int:
    async with connections.use() as connection:
        made: int = await connection.fetchval(
            "insert into gsb.dataset (agency_id, slug) values ($1, 'crews') returning id", agency_id
        )
    return made


@pytest.fixture
def decider(agency_id: int) -> Decider:
    return Decider(Actor("person:7 key:abcdefgh", None), Party.AGENCY, agency_id)


@pytest.fixture
async def side(connections: Connections, keys: ApiKeys, dataset_id: int, decider: Decider) -> Side:
    registered = await keys.register("A startup", "a@example.org", "Trying it")
    await Organisations(connections).approve(registered.organisation.id, OPERATOR, "open")
    owner = await keys.owner(registered.owner_token.text)
    closed = Closed(dataset_id, True, NAMES)
    applying = Applying(connections, lambda _: closed)
    return Side(owner, registered.key.secret, applying, Deciding(connections), decider, [])


@pytest.fixture
def later(connections: Connections, side: Side, dataset_id: int) -> Callable[[timedelta], Side]:
    """The same side, as it is some time after its newest grant was given."""

    def after(time: timedelta) -> Side:
        closed = Closed(dataset_id, True, NAMES)

        def now() -> datetime:
            return datetime.now(UTC) + time

        return replace(
            side, applying=Applying(connections, lambda _: closed, now=now), deciding=Deciding(connections, now=now)
        )

    return after
