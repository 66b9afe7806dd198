"""An agency's key that is held to datasets, levels, networks or an end does nothing beyond, on any of its routes."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.restricting import RestrictionChange
from publicgsb.apikeys.restrictions import Restrictions
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.platform.kernel.addresses import read_networks
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.journeys.grant_world import applicant, found_restricted, send, stepped, submitted

POSTS, COUNTRIES = "geo/posts", "geo/countries"


@pytest.fixture
async def service(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found_restricted(connections, state_dir)
    async with running(settings, connections) as service:
        yield service


async def _held(service: Service, **held: Any) -> str:
    agency_id = next(one.id for one in await list_agencies(service.connections) if one.slug == "geo")
    made = await service.keys.create_agency_key(
        agency_id, "A person", "p@example.org", OPERATOR, restrictions=Restrictions(**held)
    )
    return made.secret


def _only(*datasets: str) -> frozenset[str]:
    return frozenset(datasets)


async def _upload(service: Service, key: str, dataset: str) -> tuple[int, str | None]:
    headers = {"authorization": f"Bearer {key}", "content-type": "text/csv", "idempotency-key": f"{key[-4:]}{dataset}"}
    path = f"/api/v1/agencies/geo/datasets/{dataset.removeprefix('geo/')}/releases"
    return _told(await service.http.post(path, content=b"id\n1\n", headers=headers))


async def _get(service: Service, key: str, path: str) -> httpx2.Response:
    return await service.http.get(path, headers={"authorization": f"Bearer {key}"})


def _told(answer: httpx2.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("details", {}).get("reason") if answer.status_code >= 400 else None


async def test_files_are_handed_in_for_its_datasets_alone(service: Service) -> None:
    key = await _held(service, datasets=_only(POSTS))
    assert await _upload(service, key, POSTS) == (202, None)
    assert await _upload(service, key, COUNTRIES) == (403, "key_dataset")


async def test_files_are_handed_in_for_its_levels_alone(service: Service) -> None:
    key = await _held(service, levels=_only("open", "registered"))
    assert await _upload(service, key, COUNTRIES) == (202, None)
    assert await _upload(service, key, POSTS) == (403, "key_level")


async def test_jobs_of_other_datasets_are_not_seen(service: Service) -> None:
    headers = {"content-type": "text/csv", "idempotency-key": "once", "authorization": f"Bearer {await _held(service)}"}
    path = "/api/v1/agencies/geo/datasets/countries/releases"
    job = (await service.http.post(path, content=b"iso2\nIR\n", headers=headers)).headers["location"]
    assert _told(await _get(service, await _held(service, datasets=_only(COUNTRIES)), job)) == (200, None)
    assert _told(await _get(service, await _held(service, datasets=_only(POSTS)), job)) == (403, "key_dataset")


async def test_usage_is_told_of_its_datasets_alone(service: Service) -> None:
    key, path = await _held(service, datasets=_only(POSTS)), "/api/v1/agencies/geo/usage"
    assert [one["dataset"] for one in (await _get(service, key, path)).json()["datasets"]] == [POSTS]
    assert _told(await _get(service, key, f"{path}?dataset=countries")) == (403, "key_dataset")
    assert _told(await _get(service, key, f"{path}?dataset=nothing")) == (404, None)


async def test_requests_for_other_datasets_do_not_exist_and_are_not_decided(service: Service) -> None:
    number = await submitted(service.http, (await applicant(service)).token)
    other = await _held(service, datasets=_only(COUNTRIES))
    assert (await send(service.http, other, "GET", "")).json()["grants"] == []
    assert _told(await send(service.http, other, "GET", f"/{number}")) == (404, None)
    assert await stepped(service.http, other, number, "validate") == "NOT_FOUND"
    of_open = await _held(service, levels=_only("open"))
    assert await stepped(service.http, of_open, number, "validate") == "key_level"
    own = await _held(service, datasets=_only(POSTS), levels=_only("restricted"))
    assert [one["id"] for one in (await send(service.http, own, "GET", "")).json()["grants"]] == [number]
    assert await stepped(service.http, own, number, "validate") == "validated"


async def test_webhooks_concern_the_whole_agency(service: Service) -> None:
    assert _told(await _get(service, await _held(service), "/api/v1/webhooks")) == (200, None)
    for held, reason in (({"datasets": _only(POSTS)}, "key_dataset"), ({"levels": _only("open")}, "key_level")):
        assert _told(await _get(service, await _held(service, **held), "/api/v1/webhooks")) == (403, reason)


async def test_it_is_used_from_its_networks_alone(service: Service) -> None:
    key = await _held(service, networks=read_networks(["192.0.2.0/24"]))
    for path in ("/api/v1/webhooks", "/api/v1/whoami", "/api/v1/grants", "/api/v1/agencies/geo/usage"):
        assert _told(await _get(service, key, path)) == (403, "address")
    assert await _upload(service, key, POSTS) == (403, "address")


async def test_it_is_held_to_datasets_of_its_own_agency_and_ends_when_it_was_said(service: Service) -> None:
    with pytest.raises(InvalidRequest):
        await _held(service, datasets=_only("air/airports"))
    agency_id = next(one.id for one in await list_agencies(service.connections) if one.slug == "geo")
    made = await service.keys.create_agency_key(
        agency_id, "A person", "p@example.org", OPERATOR, lifetime=timedelta(days=7)
    )
    assert made.key.expires_at == made.key.created_at + timedelta(days=7)


async def test_it_is_held_to_less_while_it_works(service: Service) -> None:
    key = await _held(service)
    whoami = (await _get(service, key, "/api/v1/whoami")).json()
    assert (whoami["credential"], whoami["key"]["datasets"]) == ("agencyKey", None)
    change = RestrictionChange(frozenset({"datasets"}), Restrictions(datasets=_only(COUNTRIES)))
    await service.keys.restrict_key(whoami["key"]["id"], change, "one dataset will do", OPERATOR)
    assert await _upload(service, key, POSTS) == (403, "key_dataset")


async def test_contracts_are_declared_for_its_datasets_and_levels_alone(service: Service) -> None:
    whole, held = await _held(service), await _held(service, datasets=_only(POSTS), levels=_only("open"))

    async def put(key: str, dataset: str, document: Any) -> tuple[int, str | None]:
        path, headers = (
            f"/api/v1/agencies/geo/datasets/{dataset}/contract?dryRun=true",
            {"authorization": f"Bearer {key}"},
        )
        return _told(await service.http.put(path, json=document, headers=headers))

    posts = (await _get(service, whole, "/api/v1/agencies/geo/datasets/posts/contract")).json()
    countries = (await _get(service, whole, "/api/v1/agencies/geo/datasets/countries/contract")).json()
    assert await put(whole, "posts", posts) == (200, None)
    assert await put(held, "countries", countries) == (403, "key_dataset")
    assert await put(held, "posts", posts) == (403, "key_level")
    opened = [{name: value for name, value in one.items() if name != "access"} for one in posts["fields"]]
    assert await put(held, "posts", posts | {"access": "open", "fields": opened}) == (403, "key_level")
    assert _told(await _get(service, held, "/api/v1/agencies/geo/datasets/posts/contract")) == (403, "key_level")
