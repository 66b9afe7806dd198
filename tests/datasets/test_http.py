"""The REST routes, through an ASGI app that holds nothing else."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.exports import http as exports_http
from publicgsb.datasets.exports.known import AGAIN_SECONDS, MadeFiles
from publicgsb.datasets.exports.objects import open_objects
from publicgsb.datasets.exports.requested.http import ExportRoutes
from publicgsb.datasets.exports.signing import Signer
from publicgsb.datasets.http import Dependencies, routes
from publicgsb.datasets.jobs.worker import run_one
from publicgsb.datasets.registry import DatasetEntry, Registry, ReleaseRef
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import withdraw
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, Unauthenticated

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
Release = Callable[..., Awaitable[Any]]

CSV = "code,name\nIR,ایران\nJP,Japan\n".encode()
UPLOAD = "/api/v1/agencies/standards/datasets/countries/releases"
KEYS = {
    "agency-1": Caller("k1", KeyKind.AGENCY, 0, 0, "", agency_id=1, person_id=7),
    "agency-2": Caller("k2", KeyKind.AGENCY, 0, 0, "", agency_id=2, person_id=8),
    "reviewer-1": Caller("k4", KeyKind.AGENCY, 0, 0, "", agency_id=1, person_id=9, role="reviewer"),
    "data": Caller("k3", KeyKind.LIVE, 5, 6, "open"),
    "other": Caller("k5", KeyKind.LIVE, 7, 8, "open"),
    "token": Caller("k3", KeyKind.LIVE, 5, 6, "open", is_token=True),
    "elsewhere": Caller("k6", KeyKind.LIVE, 5, 6, "open", only=frozenset({"geo/rivers"})),
}


class House:
    """The app with what it was given, and what it metered."""

    def __init__(self, connections: Connections, state_dir: Path) -> None:
        self.metered: list[tuple[str | None, str, int, int]] = []
        self.registry: Registry | None = None
        self.is_fresh = True
        self.revoked: set[str] = set()
        self._connections = connections
        made = MadeFiles(connections, clock=itertools.count(1, AGAIN_SECONDS).__next__)
        dependencies = Dependencies(
            connections=connections,
            registry=self._registry,
            authenticate=self._authenticate,
            state_dir=state_dir,
            made=made.known,
            base_url=lambda request: "https://gsb.example",
            upload_bytes_max=1_000,
        )
        self.objects = open_objects(None, state_dir)
        files = exports_http.Dependencies(
            reader=connections,
            registry=self._registry,
            authenticate=self._authenticate,
            holder=self._holder,
            meter=self,
            objects=self.objects,
            made=made,
            signer=Signer(b"tests only"),
            base_url="https://gsb.example",
            clock=lambda: self.now,
            is_fresh=lambda: self.is_fresh,
        )
        self.files = files
        self.now = 1_800_000_000.0
        exports = ExportRoutes(connections, files)
        every = [*routes(dependencies), *exports_http.FileRoutes(files).routes(), *exports.routes()]
        self.app = Starlette(routes=every, exception_handlers={GsbError: _problem})

    async def refresh(self) -> None:
        async with self._connections.use() as connection:
            self.registry = await load_registry(connection)

    def _registry(self) -> Registry:
        assert self.registry is not None
        return self.registry

    async def _authenticate(self, request: Request) -> Caller:
        try:
            return KEYS[request.headers["x-api-key"]]
        except KeyError:
            raise Unauthenticated("No such key.") from None

    async def _holder(self, _: Request, key_id: str) -> Caller:
        found = [caller for caller in KEYS.values() if caller.key_id == key_id and key_id not in self.revoked]
        if not found:
            raise Unauthenticated("No such key.")
        return found[0]

    async def begin(
        self, caller: Caller | None, entry: DatasetEntry, release: ReleaseRef, _: str, size: int | None = None
    ) -> "OneDownload":
        return OneDownload(self, (caller.key_id if caller else None, entry.name, release.seq))


@dataclass(frozen=True, slots=True)
class OneDownload:
    """Of the meter that a House is: everything fits."""

    house: House
    what: tuple[str | None, str, int]

    async def reach(self, total: int) -> None:
        pass

    def end(self, total: int, *, is_whole: bool) -> None:
        self.house.metered.append((*self.what, total if is_whole else -total))


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, GsbError)
    again = {"Retry-After": str(error.retry_after_seconds)} if error.retry_after_seconds else {}
    return JSONResponse(error.as_problem("req_test"), status_code=error.http_status, headers={**error.headers, **again})


@pytest.fixture
async def house(connections: Connections, state_dir: Path, declare: Declare, country: Documents) -> House:
    await declare(country())
    house = House(connections, state_dir)
    await house.refresh()
    return house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=house.app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://gsb.example") as client:
        yield client


def headers(key: str = "agency-1", **more: str) -> dict[str, str]:
    return {"X-API-Key": key, "Content-Type": "text/csv", "Idempotency-Key": "one", **more}


async def test_an_uploaded_file_becomes_a_job_and_the_job_a_release(
    client: httpx2.AsyncClient, house: House, connections: Connections, state_dir: Path
) -> None:
    accepted = await client.post(f"{UPLOAD}?asOf=2026-11-01", content=CSV, headers=headers())
    assert (accepted.status_code, accepted.json()["state"]) == (202, "queued")
    assert await run_one(connections, state_dir)
    job = (await client.get(accepted.headers["location"], headers=headers())).json()
    assert (job["state"], job["release"], job["report"]["rowsRead"]) == ("released", 1, 2)
    await house.refresh()
    page = (await client.get("/api/v1/agencies/standards/datasets/countries")).json()
    assert (page["release"]["rows"], page["release"]["asOf"]) == (2, "2026-11-01")
    assert list((state_dir / "uploads").iterdir()) == []


async def test_a_process_without_contact_serves_no_file(
    client: httpx2.AsyncClient, house: House, release: Release
) -> None:
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    await house.refresh()
    house.is_fresh = False
    refused = await client.get("/files/standards/countries/latest.csv")
    assert (refused.status_code, refused.json()["details"]) == (503, {"reason": "fenced"})
    house.is_fresh = True
    assert (await client.get("/files/standards/countries/latest.csv")).status_code == 200


async def test_the_same_idempotency_key_gives_the_same_job_again(client: httpx2.AsyncClient, state_dir: Path) -> None:
    first = await client.post(UPLOAD, content=CSV, headers=headers())
    again = await client.post(UPLOAD, content=CSV, headers=headers())
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert len(list((state_dir / "uploads").iterdir())) == 1


async def test_a_file_of_changes_is_put_on_top_of_the_current_release(
    client: httpx2.AsyncClient, house: House, connections: Connections, state_dir: Path
) -> None:
    await client.post(UPLOAD, content=CSV, headers=headers())
    assert await run_one(connections, state_dir)
    typed = headers(**{"Idempotency-Key": "two", "Content-Type": "application/x-ndjson"})
    lines = b'{"code": "DE", "name": "Germany"}\n{"code": "IR", "name": "Persia"}\n'
    accepted = await client.post(f"{UPLOAD}?mode=upsert", content=lines, headers=typed)
    assert (accepted.status_code, accepted.json()["mode"]) == (202, "upsert")
    assert await run_one(connections, state_dir)
    job = (await client.get(accepted.headers["location"], headers=headers())).json()
    assert (job["state"], job["release"]) == ("released", 2)
    assert job["report"]["changes"] == {"mode": "upsert", "base": 1, "added": 1, "replaced": 1}
    assert job["report"]["file"] == {"format": "jsonl", "encoding": "utf-8"}


async def test_an_unknown_mode_or_another_one_under_the_same_key_is_refused(client: httpx2.AsyncClient) -> None:
    unknown = await client.post(f"{UPLOAD}?mode=replace", content=CSV, headers=headers())
    assert (unknown.status_code, unknown.json()["details"]["reason"]) == (400, "mode")
    await client.post(UPLOAD, content=CSV, headers=headers())
    other = await client.post(f"{UPLOAD}?mode=append", content=CSV, headers=headers())
    assert other.status_code == 409


async def test_a_mode_without_a_release_to_build_on_ends_the_job_with_the_reason(
    client: httpx2.AsyncClient, connections: Connections, state_dir: Path
) -> None:
    accepted = await client.post(f"{UPLOAD}?mode=append", content=CSV, headers=headers())
    assert await run_one(connections, state_dir)
    job = (await client.get(accepted.headers["location"], headers=headers())).json()
    assert (job["state"], job["error"]["details"]["reason"]) == ("failed", "no_base")


async def test_the_same_idempotency_key_with_another_file_conflicts(client: httpx2.AsyncClient) -> None:
    await client.post(UPLOAD, content=CSV, headers=headers())
    other = await client.post(UPLOAD, content=CSV + b"DE,x\n", headers=headers())
    assert (other.status_code, other.json()["code"]) == (409, "CONFLICT")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"X-API-Key": "data"}, 403),
        ({"X-API-Key": "agency-2"}, 403),
        ({"X-API-Key": "reviewer-1"}, 403),
        ({"X-API-Key": "nobody"}, 401),
        ({"Content-Type": "text/html"}, 415),
        ({"Idempotency-Key": ""}, 400),
        ({"Idempotency-Key": "x" * 129}, 400),
        ({"Content-Length": "2000"}, 413),
    ],
)
async def test_an_upload_that_may_not_be_is_refused_and_leaves_no_file(
    client: httpx2.AsyncClient, state_dir: Path, changed: dict[str, str], status: int
) -> None:
    answer = await client.post(UPLOAD, content=CSV, headers=headers(**changed))
    assert answer.status_code == status
    assert not (state_dir / "uploads").exists()


async def test_a_body_without_a_length_is_stopped_at_the_bound(client: httpx2.AsyncClient, state_dir: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    answer = await client.post(UPLOAD, content=chunks(), headers=headers())
    assert (answer.status_code, answer.json()["details"]["reason"]) == (413, "too_large")
    assert list((state_dir / "uploads").iterdir()) == []


async def test_a_job_of_another_agency_answers_like_one_that_never_was(client: httpx2.AsyncClient) -> None:
    job = (await client.post(UPLOAD, content=CSV, headers=headers())).json()
    other = await client.get(f"/api/v1/jobs/{job['id']}", headers=headers("agency-2"))
    never = await client.get("/api/v1/jobs/job_none", headers=headers("agency-2"))
    assert other.status_code == never.status_code == 404
    assert other.json() == never.json()


async def test_the_file_of_an_open_dataset_needs_no_key_and_is_metered(
    client: httpx2.AsyncClient, house: House, release: Release
) -> None:
    await release("standards/countries", [["code", "name"], ["IR", "ایران"], ["007", ""]])
    await house.refresh()
    answer = await client.get("/files/standards/countries/latest.csv")
    assert answer.text == "code,name\r\nIR,ایران\r\n007,\r\n"
    assert answer.headers["etag"].startswith('"sha256-') and answer.headers["etag"].endswith('-csv"')
    assert house.metered == [(None, "standards/countries", 1, len(answer.content))]


async def test_a_download_ends_once_also_for_a_client_that_left_before_its_first_byte(
    house: House, release: Release
) -> None:
    """What was set aside for it would count as used, and one of the downloads at a time would be taken."""
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    await house.refresh()

    is_full = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await is_full.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        is_full.set()
        await asyncio.Event().wait()  # as for a connection that takes nothing more

    path = "/files/standards/countries/1.csv"
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await house.app(scope, receive, send)
    assert house.metered == [(None, "standards/countries", 1, 0)]


async def test_a_file_that_the_client_has_is_not_sent_again(
    client: httpx2.AsyncClient, house: House, release: Release
) -> None:
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    await house.refresh()
    first = await client.get("/files/standards/countries/1.csv")
    again = await client.get("/files/standards/countries/1.csv", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, len(house.metered)) == (304, b"", 1)


async def test_a_byte_order_mark_comes_on_request(client: httpx2.AsyncClient, house: House, release: Release) -> None:
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    await house.refresh()
    answer = await client.get("/files/standards/countries/1.csv?bom=1")
    assert answer.content == b"\xef\xbb\xbfcode,name\r\nIR,Iran\r\n"


@pytest.mark.parametrize(("name", "status"), [("2", 404), ("0", 404), ("x", 404), ("99999999999", 404)])
async def test_a_release_that_never_was_has_no_file(
    client: httpx2.AsyncClient, house: House, release: Release, name: str, status: int
) -> None:
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    await house.refresh()
    assert (await client.get(f"/files/standards/countries/{name}.csv")).status_code == status


async def test_a_withdrawn_dataset_has_no_files(
    client: httpx2.AsyncClient, house: House, release: Release, connections: Connections
) -> None:
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    await withdraw(connections, "standards", "countries", Label("خطا", "Error"), "test")
    await house.refresh()
    answer = await client.get("/files/standards/countries/1.csv")
    assert (answer.status_code, answer.json()["code"]) == (410, "DATASET_WITHDRAWN")


async def test_the_file_of_a_registered_dataset_needs_a_data_key(
    client: httpx2.AsyncClient, house: House, declare: Declare, country: Documents, release: Release
) -> None:
    closed = country(dataset="closed", recordName="ClosedCountry", access="registered")
    await declare(closed)
    await release("standards/closed", [["code", "name"], ["IR", "Iran"]])
    await house.refresh()
    path = "/files/standards/closed/latest.csv"
    answers = [await client.get(path, headers=h) for h in ({}, headers("agency-1"), headers("data"))]
    assert [answer.status_code for answer in answers] == [401, 403, 200]
    assert house.metered[0][0] == "k3"


async def test_fields_above_the_level_of_the_file_are_not_in_it(
    client: httpx2.AsyncClient, house: House, declare: Declare, country: Documents, release: Release
) -> None:
    document = country(dataset="mixed", recordName="MixedCountry")
    document["fields"][1] |= {"access": "restricted", "legalGround": "IR-FOI-14"}
    await declare(document)
    await release("standards/mixed", [["code", "name"], ["IR", "Iran"]])
    await house.refresh()
    assert (await client.get("/files/standards/mixed/latest.csv")).text == "code\r\nIR\r\n"


async def test_the_catalogue_names_everything_and_says_when_it_is_unchanged(
    client: httpx2.AsyncClient, house: House
) -> None:
    answer = await client.get("/catalog.json")
    dataset = answer.json()["agencies"][0]["datasets"][0]
    assert (dataset["id"], dataset["sdk"], dataset["release"]) == (
        "standards/countries",
        "standards.countries",
        None,
    )
    again = await client.get("/catalog.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_a_name_that_no_text_can_be_is_found_nowhere(client: httpx2.AsyncClient) -> None:
    nowhere = UPLOAD.replace("countries", "%00")
    assert (await client.get("/api/v1/jobs/job_%00", headers=headers())).status_code == 404
    assert (await client.post(nowhere, content=CSV, headers=headers())).status_code == 404
