"""Two workers on one database: a token of one is good at the other, and ends at both."""

from collections.abc import AsyncIterator

import pytest

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.journeys.plain import endpoint, long_way, request, short_way
from tests.journeys.test_tokens import AIRPORTS, token_of


@pytest.fixture
async def other(settings: Settings, connections: Connections, service: Service) -> AsyncIterator[Service]:
    async with running(settings, connections) as other:
        yield other


async def test_a_token_of_one_worker_is_good_at_the_other_and_they_show_one_key_set(
    service: Service, other: Service, key: str
) -> None:
    token = await token_of(service, key)
    assert (await other.ask(token, AIRPORTS)).status_code == 200
    sets = [(await one.http.get("/.well-known/jwks.json")).content for one in (service, other)]
    assert sets[0] == sets[1]


async def test_a_revocation_at_one_worker_ends_the_token_at_the_other_before_it_returns(
    service: Service, other: Service
) -> None:
    registered = await service.register()
    token = await token_of(service, registered["key"]["secret"])
    await long_way(other, token, 3)
    assert await short_way(other, request(token)) is not None
    answer = await service.http.delete(
        f"/api/v1/keys/{registered['key']['id']}", headers={"authorization": f"Bearer {registered['ownerToken']}"}
    )
    assert (answer.json()["effective"], answer.json()["workers"]) == ("everywhere", 2)
    assert endpoint(other).again(request(token)) is None
    assert (await other.ask(token, AIRPORTS)).status_code == 401


async def test_a_distrusted_signing_key_ends_its_tokens_at_every_worker_on_both_ways(
    service: Service, other: Service, key: str, settings: Settings
) -> None:
    token = await token_of(service, key)
    for worker in (service, other):
        await long_way(worker, token, 3)
        assert await short_way(worker, request(token)) is not None
    signing = SigningKeys(service.connections, Sealer(load_secrets(settings).pepper))
    assert (await signing.distrust(OPERATOR)).spread.is_everywhere
    for worker in (service, other):
        assert endpoint(worker).again(request(token)) is None
        assert (await worker.ask(token, AIRPORTS)).status_code == 401
        assert (await worker.ask(key, AIRPORTS)).status_code == 200
    assert (await other.ask(await token_of(service, key), AIRPORTS)).status_code == 200
