"""A file is looked at over HTTP as a release would look at it, and nothing comes of it but its report."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.datasets.reviews.model import Review
from publicgsb.datasets.validating import service as validating
from publicgsb.datasets.validating.making import look_at_files
from publicgsb.datasets.validating.model import QUEUED_MAX
from tests.app import Service
from tests.journeys.test_declaring import AT, RIVER_ROWS, RIVERS, Geo, geo
from tests.journeys.test_submissions import ROWS
from tests.schema.worlds import AIRPORTS, COUNTRIES, declare

__all__ = ["geo"]

BAD = b"code,name,population\nIR,Iran,many\nIR,Iran again,2\n"
TWICE = b"code,name,population\nIR,Iran,1\nIR,Iran again,2\n"
CSV = {"content-type": "text/csv"}


async def seen(geo: Geo, path: str) -> Any:
    await look_at_files(geo.connections, geo.state_dir)
    return (await geo.send(geo.publisher, "GET", path)).json()


async def judged(geo: Geo, content: bytes, query: str = "", dataset: str = "countries") -> Any:
    sent = await geo.send(geo.publisher, "POST", f"{AT}/{dataset}/validate{query}", content=content, headers=CSV)
    assert sent.status_code == 202, sent.text
    return await seen(geo, sent.headers["location"])


async def begun(geo: Geo, contract: str, dataset: str = "rivers") -> httpx2.Response:
    path = f"{AT}/{dataset}/validate/contract"
    return await geo.send(geo.publisher, "POST", path, content=contract, headers={"content-type": "application/yaml"})


async def everything(geo: Geo) -> Any:
    """All that a release, a submission or a declaration would have changed."""
    async with geo.connections.use() as connection:
        tables = await connection.fetch(
            "select relname::text from pg_class where relnamespace = 'released'::regnamespace"
        )
        rows = [
            await connection.fetchval(f"select coalesce(json_agg(t)::text, '') from gsb.{table} as t")
            for table in ("release", "registry_entry", "submission", "job", "contract", "dataset", "outbox", "event")
        ]
    return sorted(one["relname"] for one in tables), rows, list((geo.state_dir / "uploads").glob("*"))


async def test_a_file_is_judged_as_its_release_would_be_and_nothing_else_happens(geo: Geo) -> None:
    before = await everything(geo)
    good = await judged(geo, ROWS)
    assert (good["state"], good["report"]["rowsRead"], good["review"]["rows"]["difference"]) == ("good", 3, 0), good
    bad = await judged(geo, BAD)
    assert (bad["state"], bad["report"]["errors"][0]["row"], bad["report"]["errors"][0]["field"]) == (
        *("refused", 1),
        "population",
    )
    assert await everything(geo) == before


async def test_keys_are_looked_at_by_the_database_and_a_mode_by_what_is_released(geo: Geo) -> None:
    twice = await judged(geo, TWICE)
    assert (twice["state"], twice["report"]["counts"]) == ("refused", {"primary-key": 1}), twice
    added = await judged(geo, b"code,name,population\nXX,New,1\n", "?mode=append")
    assert (added["state"], added["report"]["changes"]["added"]) == ("good", 1)
    known = await judged(geo, ROWS, "?mode=append")
    assert known["state"] == "refused"


async def test_what_validating_said_is_what_releasing_says(geo: Geo) -> None:
    await set_review(geo.connections, "geo", Review.NONE, "tests")
    for number, content in enumerate((ROWS, BAD, TWICE)):
        told = await judged(geo, content)
        job = (await geo.upload(f"{AT}/countries/releases", key=str(number), content=content)).json()
        await geo.work()
        done = (await geo.send(geo.publisher, "GET", f"/api/v1/jobs/{job['id']}")).json()
        assert told["report"] == done["report"]
        assert (told["state"] == "good") == (done["state"] == "released")


async def test_a_release_does_not_wait_for_a_file_that_is_looked_at(geo: Geo) -> None:
    await set_review(geo.connections, "geo", Review.NONE, "tests")
    sent = await geo.send(geo.publisher, "POST", f"{AT}/countries/validate", content=ROWS, headers=CSV)
    job = (await geo.upload(f"{AT}/countries/releases")).json()["id"]
    await asyncio.gather(geo.work(), look_at_files(geo.connections, geo.state_dir))
    assert (await geo.send(geo.publisher, "GET", f"/api/v1/jobs/{job}")).json()["state"] == "released"
    assert (await geo.send(geo.publisher, "GET", sent.headers["location"])).json()["state"] == "good"


async def test_a_contract_that_nobody_declared_judges_a_file_and_stays_undeclared(geo: Geo) -> None:
    before = await everything(geo)
    made = await begun(geo, RIVERS)
    assert (made.status_code, made.json()["state"]) == (201, "waiting"), made.text
    assert made.json()["declaring"]["result"] == "created"
    given = await geo.send(geo.publisher, "PUT", made.json()["file"], content=RIVER_ROWS, headers=CSV)
    assert (given.status_code, given.json()["state"]) == (202, "queued"), given.text
    again = await geo.send(geo.publisher, "PUT", made.json()["file"], content=RIVER_ROWS, headers=CSV)
    assert again.json()["id"] == given.json()["id"]
    other = await geo.send(geo.publisher, "PUT", made.json()["file"], content=b"name\n1\n", headers=CSV)
    assert (other.status_code, other.json()["details"]["reason"]) == (409, "state")
    found = await seen(geo, made.headers["location"])
    assert found["state"] == "good", found
    assert [(one["to"], one["matched"], one["rows"]) for one in found["report"]["links"]] == [("geo/countries", 2, 2)]
    assert (await geo.send(geo.publisher, "GET", f"{AT}/rivers/contract")).status_code == 404
    assert await everything(geo) == before


async def test_a_changed_contract_judges_a_file_of_a_dataset_that_has_releases(geo: Geo) -> None:
    wider = COUNTRIES.replace('version: "1.0.0"', 'version: "1.1.0"')
    wider = wider.replace(
        "fields:\n", 'fields:\n  - { name: iso3, type: string, label: { fa: "کد", en: "Code" } }\n', 1
    )
    made = await begun(geo, wider, "countries")
    assert made.json()["declaring"]["change"]["class"] == "minor", made.text
    content = b"code,name,population,iso3\nIR,Iran,1,IRN\n"
    await geo.send(geo.publisher, "PUT", made.json()["file"], content=content, headers=CSV)
    found = await seen(geo, made.headers["location"])
    assert (found["state"], found["review"]["contract"]["addedFields"]) == ("good", ["iso3"]), found


async def test_it_is_for_publishers_of_the_agency_alone_and_bounded(geo: Geo, service: Service) -> None:
    sent = await geo.send(geo.publisher, "POST", f"{AT}/countries/validate", content=ROWS, headers=CSV)
    stranger, at = await service.agency_key("air"), sent.headers["location"]
    made = (await begun(geo, RIVERS)).json()["file"]
    for path in (at, made.removesuffix("/file")):
        assert (await geo.send(stranger, "GET", path)).status_code == 404
    assert (await geo.send(stranger, "PUT", made, content=ROWS, headers=CSV)).status_code == 404
    for key, reason in ((stranger, "other_agency"), (geo.reviewer, "reviewer"), (await service.data_key(), "data_key")):
        refused = await geo.send(key, "POST", f"{AT}/countries/validate", content=ROWS, headers=CSV)
        assert (refused.status_code, refused.json()["details"]["reason"]) == (403, reason)
    assert (
        await geo.send(geo.publisher, "POST", f"{AT}/nothing/validate", content=ROWS, headers=CSV)
    ).status_code == 404
    for _ in range(QUEUED_MAX - 1):
        await geo.send(geo.publisher, "POST", f"{AT}/countries/validate", content=ROWS, headers=CSV)
    full = await geo.send(geo.publisher, "POST", f"{AT}/countries/validate", content=ROWS, headers=CSV)
    assert (full.status_code, full.json()["details"]["reason"]) == (429, "validations")
    assert (await geo.send(geo.publisher, "PUT", made, content=RIVER_ROWS, headers=CSV)).status_code == 429


async def test_the_last_contract_that_is_taken_within_a_day_gets_its_file(
    geo: Geo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validating, "KEPT_MAX", 2)
    await judged(geo, ROWS)
    made = (await begun(geo, RIVERS)).json()["file"]
    assert (await geo.send(geo.publisher, "PUT", made, content=RIVER_ROWS, headers=CSV)).status_code == 202
    full = await begun(geo, RIVERS)
    assert (full.status_code, full.json()["details"]["reason"]) == (429, "validations")
    assert 86_000 < int(full.headers["retry-after"]) <= 86_400


async def test_links_to_what_not_everybody_may_read_are_not_counted_by_a_contract_of_ones_own(geo: Geo) -> None:
    """A file of guesses and a match rate would tell which of them are keys there."""
    closed = AIRPORTS.replace("access: open", "access: registered").replace('version: "1.0.0"', 'version: "2.0.0"')
    await declare(geo.connections, closed)
    async with geo.connections.use() as connection:
        await connection.execute(
            "update gsb.dataset set contract_id = next_contract_id where next_contract_id is not null"
        )
    guessing = RIVERS.replace("to: geo/countries", "to: air/airports").replace("toFields: [code]", "toFields: [icao]")
    refused = await begun(geo, guessing)
    (problem,) = refused.json()["details"]["problems"]
    assert (refused.status_code, problem["path"]) == (400, "links.country.to")
    async with geo.connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.validation") == 0


@pytest.mark.prove
@pytest.mark.parametrize(
    ("content", "state"),
    [
        pytest.param(b"PK\x03\x04 no zip", "refused", id="a zip that is none"),
        pytest.param(b"\x28\xb5\x2f\xfd junk", "refused", id="zstandard that is none"),
        pytest.param(b"\xff\xfe\x00\x00" * 50, "refused", id="no text"),
        pytest.param(b"code,name,population\n" + b'IR,"' + b"x" * 200_000, "refused", id="a quote without end"),
        pytest.param(b'[{"code": "IR\\u0000", "name": "a", "population": 1}]', "refused", id="a NUL"),
        pytest.param(b"[" * 20_000, "refused", id="brackets without end"),
        pytest.param(b"code,code,name\nIR,IR,a\n", "refused", id="a name twice"),
        pytest.param(b"code" + b",x" * 5_000 + b"\n", "refused", id="thousands of columns"),
    ],
)
async def test_hostile_bodies_end_with_a_report_and_leave_nothing(geo: Geo, content: bytes, state: str) -> None:
    before = await everything(geo)
    found = await judged(geo, content)
    assert found["state"] == state, found
    assert (await everything(geo)) == before


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        pytest.param(b"", "text/csv", 400, id="nothing"),
        pytest.param(b"x", "image/png", 415, id="a picture"),
        pytest.param(b"x", "multipart/form-data; boundary=x", 415, id="a form"),
    ],
)
async def test_what_is_no_file_is_refused_at_once(geo: Geo, content: bytes, kind: str, status: int) -> None:
    headers = {"content-type": kind}
    told = await geo.send(geo.publisher, "POST", f"{AT}/countries/validate", content=content, headers=headers)
    assert (told.status_code, list((geo.state_dir / "uploads").glob("*"))) == (status, [])


@pytest.mark.prove
@pytest.mark.parametrize(
    "contract",
    [
        pytest.param("{" * 5_000, id="braces without end"),
        pytest.param("agency: geo\nagency: air\n", id="a name twice"),
        pytest.param("&a [*a, *a]", id="an alias of itself"),
        pytest.param(RIVERS.replace("dataset: rivers", "dataset: countries"), id="another dataset's"),
        pytest.param(json.dumps(read_text(RIVERS) | {"title": {"fa": "\x00", "en": "x"}}), id="a NUL"),
    ],
)
async def test_hostile_contracts_are_refused_and_none_is_kept(geo: Geo, contract: str) -> None:
    assert (await begun(geo, contract)).status_code == 400
    async with geo.connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.validation") == 0
