"""A token opens restricted data while its organisation's grant is active, and only if it reads that dataset at all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.journeys.grant_world import (
    CREW,
    CREW_FILE,
    WAGE,
    Applicant,
    applicant,
    found_restricted,
    reason,
    stepped,
    submitted,
)
from tests.journeys.test_tokens import token_of


@pytest.fixture
async def service(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found_restricted(connections, state_dir)
    async with running(settings, connections) as service:
        yield service


@pytest.fixture
async def startup(service: Service) -> Applicant:
    return await applicant(service)


async def test_a_token_opens_what_was_granted_from_the_decision_until_its_revocation(
    service: Service, startup: Applicant
) -> None:
    """It was made before there was a grant: what an organisation may read is looked at when the token is used."""
    token, agency = await token_of(service, startup.key, "geo/posts"), await service.agency_key("geo")
    assert reason(await service.ask(token, WAGE)) == "restricted"
    number = await submitted(service.http, startup.token)
    assert reason(await service.ask(token, WAGE)) == "restricted"
    await stepped(service.http, agency, number, "validate")
    for _ in range(3):  # planned, remembered, kept
        assert reason(await service.ask(token, WAGE)) == "answered"
    await stepped(service.http, agency, number, "revoke", reason="Sold to others.")
    assert reason(await service.ask(token, WAGE)) == "restricted"


async def test_a_token_of_another_dataset_opens_nothing_granted(service: Service, startup: Applicant) -> None:
    number = await submitted(service.http, startup.token)
    await stepped(service.http, await service.agency_key("geo"), number, "validate")
    assert reason(await service.ask(await token_of(service, startup.key), WAGE)) == "answered"
    assert reason(await service.ask(await token_of(service, startup.key, "geo/countries"), WAGE)) == "key_dataset"


async def test_a_token_of_a_test_key_opens_nothing_granted(service: Service, startup: Applicant) -> None:
    number = await submitted(service.http, startup.token)
    await stepped(service.http, await service.agency_key("geo"), number, "validate")
    assert reason(await service.ask(await token_of(service, startup.test_key, "geo/posts"), WAGE)) == "restricted"


async def test_a_token_downloads_the_file_of_a_granted_dataset_if_it_reads_it(
    service: Service, startup: Applicant
) -> None:
    number = await submitted(service.http, startup.token, "air/crews")
    own, other = await token_of(service, startup.key, "air/crews"), await token_of(service, startup.key, "geo/posts")

    async def status(token: str) -> int:
        return (await service.http.get(CREW_FILE, headers={"authorization": f"Bearer {token}"})).status_code

    assert await status(own) == 403
    await stepped(service.http, await service.agency_key("air"), number, "validate")
    assert (await status(own), await status(other)) == (200, 403)
    assert reason(await service.ask(own, CREW)) == "answered"
    assert reason(await service.ask(other, CREW)) == "key_dataset"
