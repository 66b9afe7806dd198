"""Every release has its certificate: signed, about that very release, and without a value of it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt import api_jws
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from publicgsb.apikeys.signing.ring import Signer
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.privacy.certificates.document import digest
from publicgsb.datasets.privacy.certificates.http import kept, routes
from publicgsb.datasets.privacy.pack import load_pack
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.recall import recall
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.server.certifying import TYPE, signing_with
from publicgsb.platform.server.portal.certificate import render_certificate

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
Release = Callable[..., Awaitable[Any]]

KEY = Ed25519PrivateKey.generate()
PATH = "/api/v1/agencies/standards/datasets/countries/releases"
ROWS = [["code", "name"], ["IR", "ایران"], ["JP", "Japan"]]


def page(signed: Mapping[str, Any]) -> Response:
    return HTMLResponse(render_certificate(signed, "https://gsb.example", "/keys"))


def problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, GsbError)
    return JSONResponse(error.as_problem("req_test"), status_code=error.http_status)


class Known:
    """The registry as a process remembers it."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._registry: Registry | None = None

    async def refresh(self) -> None:
        async with self._connections.use() as connection:
            self._registry = await load_registry(connection)

    def registry(self) -> Registry:
        assert self._registry is not None
        return self._registry


@pytest.fixture
def known(connections: Connections) -> Known:
    return Known(connections)


@pytest.fixture
async def client(
    connections: Connections, declare: Declare, country: Documents, release: Release, known: Known
) -> AsyncIterator[httpx2.AsyncClient]:
    await declare(country())
    outcome = await release("standards/countries", ROWS)
    assert outcome.release is not None
    await known.refresh()
    sign = signing_with(lambda: Signer("k1", KEY), clock=lambda: 1_700_000_000.0)
    app = Starlette(
        routes=routes(connections, known.registry, sign, page, lambda endpoint: endpoint),
        exception_handlers={GsbError: problem},
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://gsb.example") as client:
        yield client


async def test_a_certificate_names_rules_verdicts_and_hashes(client: httpx2.AsyncClient, tmp_path: Path) -> None:
    told = (await client.get(f"{PATH}/1/certificate")).json()["certificate"]
    assert (told["dataset"], told["release"], told["rows"], told["reviewer"]) == ("standards/countries", 1, 2, None)
    assert told["pack"]["name"] == "iran" and told["thresholds"]["national-id"]["distinctMin"] == 8
    assert {one["field"]: one["decision"] for one in told["columns"]} == {"code": "publish", "name": "publish"}
    file = next(path for path in tmp_path.glob("*.csv"))
    assert told["sha256"]["file"] == digest(file.read_bytes().decode())


async def test_the_signature_is_over_the_certificate_itself(client: httpx2.AsyncClient) -> None:
    answer = (await client.get(f"{PATH}/1/certificate")).json()
    signed = api_jws.decode_complete(answer["signature"], KEY.public_key(), algorithms=["EdDSA"])
    assert json.loads(signed["payload"]) == answer["certificate"]
    assert digest(signed["payload"].decode()) == answer["sha256"]
    assert signed["header"] == {"alg": "EdDSA", "typ": TYPE, "kid": "k1", "iat": 1_700_000_000}


async def test_the_page_says_the_same_in_both_languages_and_loads_nothing(client: httpx2.AsyncClient) -> None:
    html = (await client.get(f"{PATH}/1/certificate.html")).text
    assert "گواهی انتشار" in html and "Release certificate" in html
    assert "standards/countries" in html and f"iran {load_pack().version}" in html
    assert "<script" not in html and "src=" not in html


async def test_no_value_of_the_file_stands_in_the_certificate(client: httpx2.AsyncClient) -> None:
    told = (await client.get(f"{PATH}/1/certificate")).text + (await client.get(f"{PATH}/1/certificate.html")).text
    assert "Japan" not in told and "ایران" not in told.replace("مقررات ایران", "")


@pytest.mark.parametrize(
    "path", [f"{PATH}/2/certificate", f"{PATH}/99999999999/certificate.html", f"{PATH}/newest/certificate"]
)
async def test_a_release_that_is_none_has_no_certificate(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_the_audit_holds_the_hash_of_the_certificate(
    client: httpx2.AsyncClient, connections: Connections
) -> None:
    sha256 = (await client.get(f"{PATH}/1/certificate")).json()["sha256"]
    async with connections.use() as connection:
        after = await connection.fetchval("select after from gsb.audit where action = 'dataset.release'")
    assert json.loads(after)["certificate"] == sha256


@pytest.mark.parametrize(
    "change",
    [
        {"apply": [{"prefix": 1}]},
        {"access": "withheld", "legalGround": "IR-FOI-14", "filters": []},
    ],
)
async def test_the_hash_of_a_file_that_holds_more_than_its_release_is_not_told(
    connections: Connections, declare: Declare, country: Documents, release: Release, change: dict[str, Any]
) -> None:
    document = country(orderings=None)
    document["fields"][1] |= change
    await declare(document)
    await release("standards/countries", ROWS)
    hashes = json.loads((await kept(connections, "standards", "countries", 1)).text)["sha256"]
    assert hashes["file"] is None and len(hashes["release"]) == 64


async def test_a_certificate_says_what_its_release_is_today(
    client: httpx2.AsyncClient, connections: Connections, release: Release, known: Known
) -> None:
    latest = (await client.get(f"{PATH}/latest/certificate")).json()
    assert (latest["state"], latest["certificate"]["release"]) == ("current", 1)
    await release("standards/countries", ROWS)
    await known.refresh()
    assert (await client.get(f"{PATH}/1/certificate")).json()["state"] == "published"
    await recall(connections, "standards", "countries", 1, Label("خطا", "Error"), "test")
    await known.refresh()
    assert (await client.get(f"{PATH}/1/certificate")).json()["state"] == "recalled"
    page = (await client.get(f"{PATH}/1/certificate.html")).text
    assert "بازپس گرفته شده" in page and "is recalled" in page
