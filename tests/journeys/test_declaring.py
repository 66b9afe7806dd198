"""A dataset that is new, or whose contract changes, over HTTP alone: no command line, and nothing seen unapproved."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from publicgsb.apikeys.model import Actor, Role
from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.datasets.drafting.requested.making import make_drafts
from publicgsb.datasets.reviews.model import Review
from publicgsb.platform.kernel.database import Connections
from tests.app import Service
from tests.journeys.test_submissions import Agency, eventually_noted
from tests.schema.worlds import AIRPORTS, COMMON, COUNTRIES, declare

RIVERS = (
    COMMON
    + """
agency: geo
dataset: rivers
recordName: River
title: { fa: "رودها", en: "Rivers" }
primaryKey: [name]
fields:
  - { name: name, type: string, label: { fa: "نام", en: "Name" }, constraints: { required: true }, filters: [eq] }
  - { name: country_code, type: string, label: { fa: "کشور", en: "Country" }, filters: [eq] }
links:
  - name: country
    fields: [country_code]
    to: geo/countries
    toFields: [code]
    reverse: rivers
    label: { fa: "کشور", en: "Country" }
"""
)
RIVER_ROWS = b"name,country_code\nKarun,IR\nAras,TR\n"
AT = "/api/v1/agencies/geo/datasets"
YAML = {"content-type": "application/yaml"}
NARROWED = "\n".join(line for line in COUNTRIES.splitlines() if "name: population" not in line)


class Geo(Agency):
    async def put(self, dataset: str, contract: str | bytes, query: str = "", **headers: str) -> httpx2.Response:
        sent = YAML | {name.replace("_", "-"): value for name, value in headers.items()}
        content = contract if isinstance(contract, bytes) else contract.encode()
        path = f"{AT}/{dataset}/contract{query}"
        return await self.send(self.publisher, "PUT", path, content=content, headers=sent)

    async def etag(self, dataset: str = "countries") -> str:
        return str((await self.send(self.publisher, "GET", f"{AT}/{dataset}/contract")).headers["etag"])


@pytest.fixture
async def geo(service: Service, connections: Connections, state_dir: Path) -> AsyncIterator[Geo]:
    """Its releases are reviewed."""
    agency_id = next(one.id for one in await list_agencies(connections) if one.slug == "geo")
    keys = [
        await service.keys.create_agency_key(agency_id, name, f"{name}@example.org", Actor("tests", None), role=role)
        for name, role in (("Parisa", Role.PUBLISHER), ("Reza", Role.REVIEWER))
    ]
    await set_review(connections, "geo", Review.REQUIRED, "tests")
    yield Geo(service.http, connections, state_dir, *(key.secret for key in keys))


def filled(value: Any) -> Any:
    """What a person does to a draft."""
    words = {"licence": "CC0-1.0", "theme": "regions", "cadence": "yearly", "contact": "data@geo.example"}
    if isinstance(value, dict):
        return {name: words.get(name, "Word") if one == "" else filled(one) for name, one in value.items()}
    return [filled(one) for one in value] if isinstance(value, list) else value


async def test_from_a_file_to_an_answer_without_a_command_line(geo: Geo, service: Service) -> None:
    rows = "name,country_code,kind\n" + "".join(
        f"River {at},{('IR', 'TR', 'ZZ')[at % 3]},k{at % 2}\n" for at in range(30)
    )
    asked = await geo.upload(f"{AT}/rivers/drafts", content=rows.encode())
    assert (asked.status_code, asked.json()["state"]) == (202, "queued"), asked.text
    at = asked.headers["location"]
    assert (await geo.send(geo.publisher, "GET", f"{at}/contract")).status_code == 409
    assert await make_drafts(geo.connections, geo.state_dir) == 1
    drafted = (await geo.send(geo.publisher, "GET", at)).json()
    assert (drafted["state"], drafted["draft"]["rows"]) == ("made", 30), drafted
    assert [(one["to"], one["matched"]) for one in drafted["draft"]["links"]] == [("geo/countries", 3)]
    text = (await geo.send(geo.publisher, "GET", f"{at}/contract")).text
    assert "3 of 3 values (100.0%) are in geo/countries.code" in text
    empty = await geo.put("rivers", text)
    assert {"title.fa", "licence", "contact"} <= {one["path"] for one in empty.json()["details"]["problems"]}
    edited = filled(read_text(text))
    declared = await geo.send(geo.publisher, "PUT", f"{AT}/rivers/contract", json=edited)
    assert declared.status_code == 201, declared.text
    submission = (await geo.upload(f"{AT}/rivers/submissions", content=rows.encode())).json()["id"]
    await geo.work()
    approved = await geo.send(geo.reviewer, "POST", f"/api/v1/submissions/{submission}/approve")
    assert (approved.status_code, approved.json()["decidedBy"]) == (200, "Reza"), approved.text
    await geo.work()
    await service.caught_up()
    question = '{ geo { river(by: {name: "River 4"}) { kind country { name } } } }'
    answer = (await service.ask(await service.data_key(), question)).json()
    assert answer["data"]["geo"]["river"] == {"kind": "k0", "country": {"name": "Türkiye"}}, answer
    assert not list((geo.state_dir / "uploads").glob("*"))


async def test_a_draft_is_for_publishers_of_the_agency_alone(geo: Geo, service: Service) -> None:
    asked = await geo.upload(f"{AT}/rivers/drafts", content=RIVER_ROWS)
    stranger, path = await service.agency_key("air"), asked.headers["location"]
    assert (await geo.send(stranger, "GET", path)).status_code == 404
    assert (await geo.send(geo.reviewer, "GET", path)).status_code == 200
    body: dict[str, Any] = {"content": RIVER_ROWS, "headers": {"content-type": "text/csv"}}
    for key, reason in ((stranger, "other_agency"), (geo.reviewer, "reviewer"), (await service.data_key(), "data_key")):
        refused = await geo.send(key, "POST", f"{AT}/rivers/drafts", **body)
        assert (refused.status_code, refused.json()["details"]["reason"]) == (403, reason)
    for name, kind, status in (("Rivers", "text/csv", 400), ("rivers", "image/png", 415)):
        body["headers"] = {"content-type": kind}
        assert (await geo.send(geo.publisher, "POST", f"{AT}/{name}/drafts", **body)).status_code == status


async def test_a_contract_and_its_first_file_go_through_one_review_and_are_answered(geo: Geo, service: Service) -> None:
    made = await geo.put("rivers", RIVERS)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["result"], told["takesEffect"], told["change"]["class"]) == ("created", "approved_release", "first")
    submission = (await geo.upload(f"{AT}/rivers/submissions", content=RIVER_ROWS)).json()["id"]
    await geo.work()
    seen = (await geo.send(geo.reviewer, "GET", f"/api/v1/submissions/{submission}")).json()
    assert seen["state"] == "in_review", seen
    assert f'"{seen["checked"]["contractSha256"]}"' == made.headers["etag"]
    under_review = await geo.send(geo.reviewer, "GET", f"{AT}/rivers/contract")
    assert under_review.json() == seen["review"]["contract"]["document"]
    page = (await geo.send(geo.reviewer, "GET", f"/api/v1/submissions/{submission}/page")).text
    assert "رودها" in page and "geo/countries" in page
    approved = await geo.send(geo.reviewer, "POST", f"/api/v1/submissions/{submission}/approve")
    assert approved.status_code == 200, approved.text
    await geo.work()
    await service.caught_up()
    key = await service.data_key()
    question = '{ geo { river(by: {name: "Karun"}) { name country { name } } } }'
    assert (await service.ask(key, question)).json()["data"]["geo"]["river"]["country"] == {"name": "ایران"}


async def test_a_contract_that_is_changed_under_review_is_checked_again_with_its_file(geo: Geo) -> None:
    first = await geo.put("rivers", RIVERS)
    submission = (await geo.upload(f"{AT}/rivers/submissions", content=RIVER_ROWS)).json()["id"]
    await geo.work()
    worded = RIVERS.replace('en: "Rivers"', 'en: "Streams"')
    assert (await geo.put("rivers", worded, if_match=first.headers["etag"])).json()["result"] == "next"
    one = f"/api/v1/submissions/{submission}"
    lapsed = await geo.send(geo.reviewer, "POST", f"{one}/approve")
    assert (lapsed.status_code, lapsed.json()["details"]["reason"]) == (409, "lapsed")
    await geo.work()
    seen = (await geo.send(geo.reviewer, "GET", one)).json()
    assert (seen["state"], seen["review"]["contract"]["document"]["title"]["en"]) == ("in_review", "Streams")
    assert (await geo.send(geo.reviewer, "POST", f"{one}/approve")).status_code == 200


async def test_nobody_else_sees_a_new_dataset_before_its_release_is_approved(geo: Geo, service: Service) -> None:
    assert (await geo.put("rivers", RIVERS)).status_code == 201
    await service.caught_up()
    for path in (f"{AT}/rivers", "/datasets/geo/rivers"):
        assert (await service.http.get(path)).status_code == 404
    for path in ("/catalog.json", "/catalog.jsonld", "/schema.graphql", "/"):
        assert "rivers" not in (await service.http.get(path)).text
    assert (await geo.send(await service.agency_key("air"), "GET", f"{AT}/rivers/contract")).status_code == 403
    async with geo.connections.use() as connection:
        told = await connection.fetch("select payload::text as text from gsb.outbox where agency_id is null")
    assert not [one for one in told if "rivers" in one["text"]]


async def test_the_same_contract_again_changes_nothing(geo: Geo) -> None:
    await geo.put("rivers", RIVERS)
    again = await geo.put("rivers", RIVERS)
    assert (again.status_code, again.json()["result"], again.json()["diff"]) == (200, "unchanged", [])
    as_json = await geo.send(geo.publisher, "PUT", f"{AT}/rivers/contract", json=read_text(RIVERS))
    assert (as_json.status_code, as_json.json()["result"]) == (200, "unchanged")
    async with geo.connections.use() as connection:
        written = await connection.fetchval("select count(*) from gsb.audit where subject = 'geo/rivers'")
    assert written == 1


async def test_a_dry_run_says_all_of_it_and_changes_nothing(geo: Geo) -> None:
    dry = await geo.put("rivers", RIVERS, "?dryRun=true")
    assert (dry.status_code, dry.json()["result"], dry.json()["dryRun"]) == (200, "created", True)
    assert (await geo.send(geo.publisher, "GET", f"{AT}/rivers/contract")).status_code == 404
    worded = COUNTRIES.replace('en: "Name"', 'en: "Its name"').replace('"1.0.0"', '"1.0.1"')
    before = await geo.etag()
    dry = await geo.put("countries", worded, "?dryRun=true")
    assert dry.json()["change"]["class"] == "patch"
    assert {"path": "fields[name].label.en", "how": "changed", "before": "Name", "after": "Its name"} in dry.json()[
        "diff"
    ]
    assert await geo.etag() == before
    assert (await geo.put("countries", worded, "?dryRun=perhaps")).status_code == 400


async def test_of_two_publishers_at_once_one_is_told_to_look_first(geo: Geo) -> None:
    etag = await geo.etag()
    worded = [COUNTRIES.replace('en: "Name"', f'en: "{at}"').replace('"1.0.0"', '"1.0.1"') for at in ("a", "b")]
    both = await asyncio.gather(*(geo.put("countries", one, if_match=etag) for one in worded))
    assert sorted(one.status_code for one in both) == [200, 412]
    late = next(one for one in both if one.status_code == 412)
    assert (late.headers["etag"], late.json()["details"]["reason"]) == (await geo.etag(), "if_match")
    unsaid = await geo.put("countries", COUNTRIES)
    assert (unsaid.status_code, unsaid.headers["etag"]) == (428, await geo.etag())
    assert (await geo.put("rivers", RIVERS, if_match=etag)).status_code == 412
    assert (await geo.put("countries", COUNTRIES, if_none_match="*")).status_code == 412


async def test_two_publishers_who_declare_the_same_new_dataset_do_not_overwrite_each_other(geo: Geo) -> None:
    other = RIVERS.replace('en: "Rivers"', 'en: "Streams"')
    both = await asyncio.gather(*(geo.put("rivers", one) for one in (RIVERS, other)))
    assert sorted(one.status_code for one in both) == [201, 428]


async def test_a_breaking_change_names_its_users_and_is_not_released_before_it_is_announced(
    geo: Geo, service: Service
) -> None:
    await service.ask(await service.data_key(), '{ geo { country(by: {code: "IR"}) { population } } }')
    await eventually_noted(geo.connections)
    etag = await geo.etag()
    refused = await geo.put("countries", NARROWED, if_match=etag)
    assert (refused.status_code, refused.json()["details"]["reason"]) == (400, "version")
    breaking = NARROWED.replace('version: "1.0.0"', 'version: "2.0.0"')
    for query in ("?dryRun=true", ""):
        told = (await geo.put("countries", breaking, query, if_match=etag)).json()
        assert (told["change"]["class"], told["change"]["removedFields"]) == ("major", ["population"])
        announcement = told["announcement"]
        assert (announcement["required"], announcement["wouldBe"]) == (True, "geo/countries_v2")
        assert [(one["organisation"], one["fields"]) for one in announcement["applications"]] == [
            ("A startup", ["population"])
        ]
    submission = (await geo.upload(content=b"code,name\nIR,Iran\n")).json()["id"]
    await geo.work()
    held = await geo.send(geo.reviewer, "POST", f"/api/v1/submissions/{submission}/approve")
    assert (held.status_code, held.json()["details"]["reason"]) == (409, "breaking_not_announced")
    refused = await geo.send(geo.publisher, "POST", announcement["at"], json={})
    assert (refused.status_code, refused.json()["details"]["reason"]) == (403, "own_contract")
    announced = await geo.send(geo.reviewer, "POST", announcement["at"], json={})
    assert announced.json()["successor"] == "geo/countries_v2"


async def test_a_deputy_does_not_approve_the_first_release_under_their_own_contract(geo: Geo, service: Service) -> None:
    async with geo.connections.use() as connection:
        deputy = await connection.fetchval("select id from gsb.person where name = 'Parisa'")
    await set_review(geo.connections, "geo", Review.REQUIRED, "tests", deputy_id=deputy)
    await geo.put("rivers", RIVERS)
    colleague = Geo(geo.http, geo.connections, geo.state_dir, await service.agency_key("geo"), geo.reviewer)
    submission = (await colleague.upload(f"{AT}/rivers/submissions", content=RIVER_ROWS)).json()["id"]
    await geo.work()
    async with geo.connections.use() as connection:
        await connection.execute("update gsb.submission set reminded_at = now()")
    refused = await geo.send(geo.publisher, "POST", f"/api/v1/submissions/{submission}/approve")
    assert (refused.status_code, refused.json()["details"]["reason"]) == (403, "own_contract")


async def test_where_nothing_is_reviewed_a_new_contract_is_seen_at_once(geo: Geo, service: Service) -> None:
    await set_review(geo.connections, "geo", Review.NONE, "tests")
    told = (await geo.put("rivers", RIVERS)).json()
    assert (told["takesEffect"], told["effective"]) == ("now", "everywhere")
    assert (await service.http.get(f"{AT}/rivers")).json()["title"]["en"] == "Rivers"


async def test_a_withheld_dataset_of_a_reviewed_agency_is_declared_by_an_operator(geo: Geo) -> None:
    withheld = RIVERS.replace("access: open", "access: withheld\nlegalGround: IR-FOI-14")
    withheld = "\n".join(
        line for line in withheld.partition("links:")[0].splitlines() if not line.startswith("primaryKey")
    ).replace(", constraints: { required: true }, filters: [eq]", "")
    withheld = withheld.replace(", filters: [eq]", "")
    withheld += '\ndecision: { office: { fa: "دفتر", en: "Office" }, decidedOn: "2026-03-01" }\n'
    refused = await geo.put("rivers", withheld)
    assert (refused.status_code, refused.json()["details"]["reason"]) == (403, "review_required"), refused.text


async def test_who_is_no_publisher_of_the_agency_declares_nothing(geo: Geo, service: Service) -> None:
    path = f"{AT}/rivers/contract"
    body: dict[str, Any] = {"content": RIVERS.encode(), "headers": YAML}
    for key, reason in (
        (geo.reviewer, "reviewer"),
        (await service.agency_key("air"), "other_agency"),
        (await service.data_key(), "data_key"),
    ):
        refused = await geo.send(key, "PUT", path, **body)
        assert (refused.status_code, refused.json()["details"]["reason"]) == (403, reason)
    assert (await service.http.put(path, **body)).status_code == 401
    assert (await geo.send(geo.publisher, "PUT", path.replace("/geo/", "/nowhere/"), **body)).status_code == 404


def _json(**changed: Any) -> dict[str, Any]:
    return read_text(RIVERS) | changed


HOSTILE: dict[str, tuple[str, Any, int, str]] = {
    "huge": ("application/yaml", b"x: " + b"a" * 300_000, 413, "body_bytes"),
    "huge_json": ("application/json", b'{"x": "' + b"a" * 1_100_000 + b'"}', 413, "body_bytes"),
    "deep": ("application/yaml", b"fields: " + b"[" * 100_000, 400, "contract"),
    "deep_objects": ("application/yaml", b"a: " + b"{a: " * 30_000, 400, "contract"),
    "deep_json": ("application/json", b'{"fields": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "contract"),
    "deep_json_within_bounds": ("application/json", b'{"fields": ' + b"[" * 900 + b"]" * 900 + b"}", 400, "contract"),
    "aliases": ("application/yaml", b"a: &a [x]\nb: [*a, *a]", 400, "contract"),
    "tag_of_code": ("application/yaml", b"a: !!python/object/apply:os.system [id]", 400, "contract"),
    "tag_that_lies": ("application/yaml", b"a: !!int x", 400, "contract"),
    "number_without_end": ("application/yaml", b"version: " + b"9" * 9_000, 400, "contract"),
    "complex_member": ("application/yaml", b"? [a, b]\n: c", 400, "contract"),
    "twice": ("application/json", b'{"agency": "geo", "agency": "geo"}', 400, "contract"),
    "nan": ("application/json", b'{"agency": NaN}', 400, "contract"),
    "list": ("application/json", b"[]", 400, "contract"),
    "nothing": ("application/json", b"", 400, "contract"),
    "no_utf8": ("application/yaml", b"agency: \xff\xfe", 400, "contract"),
    "half_a_character": ("application/yaml", b'contact: "\\uD800"', 400, "contract"),
    "nul": ("application/json", _json(missingValues=["\0"]), 400, "contract"),
    "form": ("application/x-www-form-urlencoded", b"a=b", 415, "media_type"),
    "another_dataset": ("application/json", _json(dataset="lakes"), 400, "contract"),
    "another_agency": ("application/json", _json(agency="air"), 400, "contract"),
    "slug_of_the_platform": ("application/json", _json(agency="query"), 400, "contract"),
    "reserved_column": (
        "application/json",
        _json(fields=[{"name": "_row", "type": "string", "label": {"fa": "x", "en": "x"}}]),
        400,
        "contract",
    ),
    "record_name_of_the_schema": ("application/json", _json(recordName="RiverConnection"), 400, "contract"),
    "name_that_is_taken": ("application/json", _json(recordName="Country"), 400, "contract"),
    "unknown_members": ("application/json", {f"m{at}": at for at in range(50_000)}, 400, "contract"),
    "wrong_types": ("application/json", dict.fromkeys(read_text(RIVERS), 1), 400, "contract"),
    "wrong_lists": ("application/json", {name: [[1], {"a": None}] for name in read_text(RIVERS)}, 400, "contract"),
    "fields_without_end": ("application/json", _json(fields=[{"name": "a"}] * 20_000), 400, "contract"),
    "pattern_without_end": (
        "application/json",
        _json(
            fields=[
                {**one, "constraints": {"required": True, "pattern": "(a+)+b"}} for one in read_text(RIVERS)["fields"]
            ]
        ),
        400,
        "contract",
    ),
    "link_to_nowhere": (
        "application/json",
        _json(links=[read_text(RIVERS)["links"][0] | {"to": "geo/nowhere"}]),
        400,
        "contract",
    ),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
async def test_a_hostile_contract_is_refused_for_what_is_wrong_with_it(geo: Geo, name: str) -> None:
    media_type, body, status, reason = HOSTILE[name]
    sent: dict[str, Any] = {"json": body} if isinstance(body, dict) else {"content": body}
    refused = await geo.send(
        geo.publisher, "PUT", f"{AT}/rivers/contract", **sent, headers={"content-type": media_type}
    )
    assert (refused.status_code, refused.json()["details"]["reason"]) == (status, reason), refused.text[:500]
    assert len(refused.content) < 500_000
    assert (await geo.send(geo.publisher, "GET", f"{AT}/rivers/contract")).status_code == 404


async def test_every_problem_is_told_at_once_with_its_place_its_code_and_a_way_out(geo: Geo) -> None:
    wrong = _json(dataset="lakes", theme="water", surprise=1)
    del wrong["contact"]
    refused = (await geo.send(geo.publisher, "PUT", f"{AT}/rivers/contract", json=wrong)).json()
    told = {(one["path"], one["code"]) for one in refused["details"]["problems"]}
    assert told == {("dataset", "address"), ("theme", "malformed"), ("surprise", "unknown"), ("contact", "missing")}
    assert all(one["message_en"] and one["message_fa"] and one["fix"] for one in refused["details"]["problems"])


async def test_a_link_to_a_key_that_is_closed_is_no_publishers_to_declare(geo: Geo, connections: Connections) -> None:
    closed = AIRPORTS.replace("access: open", "access: registered").replace('version: "1.0.0"', 'version: "2.0.0"')
    await declare(connections, closed)
    async with connections.use() as connection:
        await connection.execute(
            "update gsb.dataset set contract_id = next_contract_id where next_contract_id is not null"
        )
    spying = read_text(RIVERS)
    spying["links"] = [
        {
            "name": "port",
            "fields": ["name"],
            "to": "air/airports",
            "toFields": ["icao"],
            "label": {"fa": "x", "en": "x"},
        }
    ]
    refused = await geo.send(geo.publisher, "PUT", f"{AT}/rivers/contract", json=spying)
    (problem,) = refused.json()["details"]["problems"]
    assert (problem["path"], problem["code"]) == ("links.port.to", "neighbour")


async def test_a_contract_that_breaks_and_clashes_is_told_both(geo: Geo) -> None:
    clashing = NARROWED.replace('en: "Code" }', 'en: "Code" }').replace("primaryKey: [code]", "primaryKey: [name]")
    refused = (await geo.put("countries", clashing, if_match=await geo.etag())).json()
    assert refused["details"]["reason"] == "version"
    assert [one["code"] for one in refused["details"]["problems"]] == ["neighbour"]
