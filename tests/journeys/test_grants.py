"""From a refused question to a grant and back, with two organisations and two agencies, over HTTP."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from publicgsb.apikeys.restrictions import Restrictions
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.journeys.grant_world import (
    BY_WAGE,
    CREW,
    CREW_FILE,
    HOME,
    OPEN,
    WAGE,
    WORDS,
    Applicant,
    applicant,
    drafted,
    found_restricted,
    reason,
    send,
    stepped,
    submitted,
)

REFUSAL = {"legalGround": "IR-FOI-15", "message": "Not for this purpose."}


@pytest.fixture
async def service(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found_restricted(connections, state_dir)
    async with running(settings, connections) as service:
        yield service


@pytest.fixture
async def one(service: Service) -> Applicant:
    return await applicant(service)


@pytest.fixture
async def other(service: Service) -> Applicant:
    return await applicant(service)


@pytest.fixture
async def geo(service: Service) -> str:
    return await service.agency_key("geo")


@pytest.fixture
async def air(service: Service) -> str:
    return await service.agency_key("air")


async def asked(service: Service, key: str, document: str) -> str:
    return reason(await service.ask(key, document))


async def test_from_refused_to_applied_to_answered_to_revoked(service: Service, one: Applicant, geo: str) -> None:
    http = service.http
    assert await asked(service, one.key, WAGE) == "restricted"
    number = await submitted(http, one.token)
    assert await stepped(http, geo, number, "request-changes", message="Which towns?") == "changes_requested"
    edited = await send(http, one.token, "PATCH", f"/{number}", purpose="Comparing the wages of Qom and Yazd")
    assert edited.json()["purpose"] == "Comparing the wages of Qom and Yazd"
    assert (await send(http, geo, "GET", f"/{number}")).json()["purpose"] == WORDS["purpose"]  # not handed in yet
    assert await stepped(http, one.token, number, "reply", message="Qom and Yazd.") == "submitted"
    assert (await send(http, geo, "GET", f"/{number}")).json()["purpose"] == "Comparing the wages of Qom and Yazd"
    assert await asked(service, one.key, WAGE) == "restricted"
    assert await stepped(http, geo, number, "validate") == "validated"
    for document in (WAGE, BY_WAGE, HOME):
        for _ in range(2):  # planned and read, then found in both caches
            assert await asked(service, one.key, document) == "answered"
    told = await send(http, geo, "POST", f"/{number}/revoke", reason="Sold to others.")
    assert (told.status_code, told.json()["effective"], told.json()["grant"]["state"]) == (200, "everywhere", "revoked")
    for document in (WAGE, BY_WAGE, HOME):
        assert await asked(service, one.key, document) == "restricted"
    assert await asked(service, one.key, OPEN) == "answered"


async def test_the_refused_question_names_the_field_and_where_to_apply(service: Service, one: Applicant) -> None:
    (error,) = (await service.ask(one.key, WAGE)).json()["errors"]
    details = error["extensions"]["details"]
    assert (details["field"], details["dataset"], details["apply"]) == ("geo/posts.wage", "geo/posts", "/api/v1/grants")
    assert "POST /api/v1/grants" in error["extensions"]["hint"]
    assert (await service.http.get(details["apply"])).status_code == 401


async def test_a_key_can_ask_what_it_was_granted_for_free(service: Service, one: Applicant, geo: str) -> None:
    number = await submitted(service.http, one.token, fields=["homeTown"], days=100)
    told = (await send(service.http, geo, "POST", f"/{number}/validate", days=30)).json()
    document = "{ me { grants { dataset fields state until } } }"
    (grant,) = (await service.ask(one.key, document)).json()["data"]["me"]["grants"]
    assert (grant["dataset"], grant["fields"], grant["state"]) == ("geo/posts", ["home_town"], "active")
    since, until = (datetime.fromisoformat(told["grant"][name]) for name in ("since", "until"))
    assert until - since == timedelta(days=30)
    assert abs(datetime.fromisoformat(grant["until"]) - until) < timedelta(seconds=1)
    assert (await service.ask(one.test_key, document)).json()["data"]["me"]["grants"] == []


async def test_a_grant_is_one_organisation_s_and_a_test_key_s_never(
    service: Service, one: Applicant, other: Applicant, geo: str
) -> None:
    number = await submitted(service.http, one.token)
    assert await stepped(service.http, geo, number, "validate") == "validated"
    assert await asked(service, one.key, WAGE) == "answered"
    for key, expected in ((one.test_key, "restricted"), (other.key, "restricted"), (geo, "agency_key")):
        assert await asked(service, key, WAGE) == expected


async def test_a_grant_of_a_field_opens_that_field_in_each_role_and_no_other(
    service: Service, one: Applicant, geo: str
) -> None:
    number = await submitted(service.http, one.token, fields=["wage"])
    assert await stepped(service.http, geo, number, "validate") == "validated"
    documents = (WAGE, BY_WAGE, HOME, OPEN)
    assert [await asked(service, one.key, document) for document in documents] == [
        *("answered", "answered", "restricted", "answered")
    ]


async def test_a_withheld_field_stays_so_whatever_is_granted(service: Service, one: Applicant, geo: str) -> None:
    number = await submitted(service.http, one.token)
    assert await stepped(service.http, geo, number, "validate") == "validated"
    answer = (await service.ask(one.key, "{ geo { posts(first: 1) { nodes { wage holder } } } }")).json()
    assert answer["data"]["geo"]["posts"]["nodes"] == [{"wage": 100, "holder": None}]
    assert answer["errors"][0]["extensions"]["code"] == "WITHHELD"
    refused = await send(service.http, one.token, "POST", "", dataset="geo/posts", fields=["holder"], **WORDS)
    assert (refused.status_code, refused.json()["details"]["reason"]) == (400, "fields")


async def test_a_restricted_dataset_and_its_file_open_together(service: Service, one: Applicant, air: str) -> None:
    http, bearer = service.http, {"authorization": f"Bearer {one.key}"}
    assert await asked(service, one.key, CREW) == "restricted"
    refused = await http.get(CREW_FILE, headers=bearer)
    assert (refused.status_code, refused.json()["details"]["apply"]) == (403, "/api/v1/grants")
    number = await submitted(http, one.token, "air/crews")
    assert await stepped(http, air, number, "validate") == "validated"
    assert await asked(service, one.key, CREW) == "answered"
    file = await http.get(CREW_FILE, headers=bearer)
    assert (file.status_code, file.text) == (200, "id,name\r\n1,A\r\n2,B\r\n")
    tag = {"if-none-match": file.headers["etag"]}
    assert (await http.get(CREW_FILE, headers=bearer | tag)).status_code == 304
    assert (await http.get(CREW_FILE, headers={"authorization": f"Bearer {one.test_key}"} | tag)).status_code == 403
    await stepped(http, air, number, "revoke", reason="Over.")
    assert (await http.get(CREW_FILE, headers=bearer | tag)).status_code == 403


async def test_a_grant_of_some_fields_gives_no_file(service: Service, one: Applicant, air: str) -> None:
    without_key = await send(service.http, one.token, "POST", "", dataset="air/crews", fields=["name"], **WORDS)
    assert (without_key.status_code, without_key.json()["details"]) == (400, {"reason": "key", "fields": ["id"]})
    number = await submitted(service.http, one.token, "air/crews", fields=["id"])
    assert await stepped(service.http, air, number, "validate") == "validated"
    assert await asked(service, one.key, "{ air { crews { nodes { id } totalCount } } }") == "answered"
    assert await asked(service, one.key, CREW) == "restricted"
    refused = await service.http.get(CREW_FILE, headers={"authorization": f"Bearer {one.key}"})
    assert (refused.status_code, refused.json()["details"]["fields"]) == (403, ["name"])


async def test_drafts_and_what_belongs_to_others_answer_like_missing(
    service: Service, one: Applicant, other: Applicant, geo: str, air: str
) -> None:
    http = service.http
    draft, handed_in = await drafted(http, one.token), await submitted(http, one.token)
    missing = (await send(http, one.token, "GET", "/999999")).json()
    for token, number in ((other.token, draft), (other.token, handed_in), (geo, draft), (air, draft), (air, handed_in)):
        answers = [await send(http, token, "GET", f"/{number}")]
        if token is other.token:
            answers += [await send(http, token, "PATCH", f"/{number}", purpose="Something else altogether")]
            answers += [
                await send(http, token, "POST", f"/{number}/{step}") for step in ("submit", "withdraw", "reopen")
            ]
        else:
            answers += [await send(http, token, "POST", f"/{number}/validate")]
            answers += [await send(http, token, "POST", f"/{number}/refuse", **REFUSAL)]
            answers += [await send(http, token, "POST", f"/{number}/revoke", reason="No.")]
        for answer in answers:
            assert answer.status_code == 404
            assert answer.json() | {"requestId": ""} == missing | {"requestId": ""}
    for token, listed in ((one.token, [handed_in, draft]), (other.token, []), (geo, [handed_in]), (air, [])):
        assert [found["id"] for found in (await send(http, token, "GET", "")).json()["grants"]] == listed


async def test_each_side_takes_its_own_steps_only(service: Service, one: Applicant, geo: str) -> None:
    http, number = service.http, await submitted(service.http, one.token)
    assert await stepped(http, one.token, number, "validate") == "owner_token"
    assert await stepped(http, geo, number, "submit") == "agency_key"
    assert await stepped(http, one.key, number, "validate") == "data_key"
    assert await stepped(http, one.key, number, "withdraw") == "data_key"
    refused = await send(http, geo, "POST", f"/{number}/revoke", reason="Too soon.")
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT")
    assert refused.json()["details"]["possible"] == ["request_changes", "validate", "refuse"]


async def test_a_refusal_names_its_legal_ground_and_both_sides_read_it(
    service: Service, one: Applicant, geo: str
) -> None:
    http, number = service.http, await submitted(service.http, one.token)
    assert await stepped(http, geo, number, "refuse", message="Not for this.") == "members"
    assert await stepped(http, geo, number, "refuse", **REFUSAL) == "refused"
    for token, first in ((one.token, "open"), (geo, "submit")):
        steps = (await send(http, token, "GET", f"/{number}")).json()["steps"]
        assert (steps[0]["step"], steps[-1]["by"], steps[-1]["legalGround"]) == (first, "agency", "IR-FOI-15")
    assert await stepped(http, one.token, number, "submit") == "state"
    assert await asked(service, one.key, WAGE) == "restricted"


async def test_a_reopened_request_is_decided_while_its_grant_goes_on(
    service: Service, one: Applicant, geo: str
) -> None:
    http = service.http
    number = await submitted(http, one.token, fields=["wage"])
    await stepped(http, geo, number, "validate")
    assert await stepped(http, one.token, number, "reopen") == "draft"
    await send(http, one.token, "PATCH", f"/{number}", fields=["wage", "homeTown"])
    seen = (await send(http, geo, "GET", f"/{number}")).json()
    assert (seen["state"], seen["fields"], seen["possible"]) == ("validated", ["wage"], ["revoke"])
    assert await stepped(http, one.token, number, "submit") == "submitted"
    assert [await asked(service, one.key, document) for document in (WAGE, HOME)] == ["answered", "restricted"]
    assert await stepped(http, geo, number, "refuse", **REFUSAL) == "validated"
    told = (await send(http, one.token, "GET", f"/{number}")).json()
    assert (told["fields"], told["grant"]["state"]) == (["wage"], "active")
    assert [await asked(service, one.key, document) for document in (WAGE, HOME)] == ["answered", "restricted"]
    assert await stepped(http, one.token, number, "reopen") == "draft"
    await send(http, one.token, "PATCH", f"/{number}", fields=["home_town"])
    assert await stepped(http, one.token, number, "submit") == "submitted"
    assert await stepped(http, geo, number, "validate") == "validated"
    assert [await asked(service, one.key, document) for document in (WAGE, HOME)] == ["restricted", "answered"]


async def test_a_revocation_ends_a_reopening_too(service: Service, one: Applicant, geo: str) -> None:
    http, number = service.http, await submitted(service.http, one.token)
    await stepped(http, geo, number, "validate")
    await stepped(http, one.token, number, "reopen")
    assert await stepped(http, geo, number, "revoke", reason="Sold to others.") == "archived"
    assert await asked(service, one.key, WAGE) == "restricted"
    assert await stepped(http, one.token, number, "submit") == "state"


async def test_a_reopening_that_is_taken_back_leaves_everything_as_it_was(
    service: Service, one: Applicant, geo: str
) -> None:
    http, number = service.http, await submitted(service.http, one.token)
    await stepped(http, geo, number, "validate")
    before = (await send(http, one.token, "GET", f"/{number}")).json()
    await stepped(http, one.token, number, "reopen")
    await send(http, one.token, "PATCH", f"/{number}", purpose="Something else altogether")
    assert await stepped(http, one.token, number, "withdraw") == "validated"
    after = (await send(http, one.token, "GET", f"/{number}")).json()
    assert {**after, "steps": [], "changedAt": ""} == {**before, "steps": [], "changedAt": ""}
    assert await asked(service, one.key, WAGE) == "answered"


async def test_nothing_is_applied_for_that_nobody_is_granted(service: Service, one: Applicant) -> None:
    for dataset, status, why in (
        ("geo/countries", 400, "not_restricted"),
        ("geo/none", 404, "NOT_FOUND"),
        ("nowhere", 404, "NOT_FOUND"),
    ):
        answer = await send(service.http, one.token, "POST", "", dataset=dataset, **WORDS)
        told = answer.json()
        assert (answer.status_code, told.get("details", {}).get("reason", told["code"])) == (status, why)


async def test_every_step_is_in_the_audit_with_whoever_took_it(
    service: Service, one: Applicant, geo: str, connections: Connections
) -> None:
    http, number = service.http, await submitted(service.http, one.token)
    await stepped(http, geo, number, "validate", days=30)
    await stepped(http, geo, number, "revoke", reason="Over.")
    async with connections.use() as connection:
        rows = await connection.fetch(
            "select actor, action, details->>'agency' as agency from gsb.audit where subject = $1 order by id",
            f"grant_request:{number}",
        )
    assert [row["action"] for row in rows] == ["grant.open", "grant.submit", "grant.validate", "grant.revoke"]
    assert [row["actor"].partition(":")[0] for row in rows] == ["person"] * 4
    assert " key:" in rows[2]["actor"]
    assert (rows[2]["agency"], rows[0]["actor"] == rows[2]["actor"]) == ("geo", False)


async def test_a_grant_never_widens_a_key_that_was_narrowed(service: Service, one: Applicant, geo: str) -> None:
    owner = await service.keys.owner(one.token)
    narrowed = [
        (await service.keys.create_key(owner, restrictions=restrictions)).secret
        for restrictions in (
            Restrictions(datasets=frozenset({"air/crews"})),
            Restrictions(levels=frozenset({"open", "registered"})),
            Restrictions(datasets=frozenset({"geo/posts"})),
        )
    ]
    number = await submitted(service.http, one.token)
    assert await stepped(service.http, geo, number, "validate") == "validated"
    assert [await asked(service, key, WAGE) for key in narrowed] == ["key_dataset", "key_level", "answered"]
    assert await asked(service, narrowed[2], CREW) == "key_dataset"


async def test_a_token_has_the_rights_of_its_key_and_loses_them_with_it(
    service: Service, one: Applicant, geo: str
) -> None:
    number = await submitted(service.http, one.token)
    assert await stepped(service.http, geo, number, "validate") == "validated"
    tokens = []
    for datasets in (["geo/posts"], ["geo/countries"]):
        bearer = {"authorization": f"Bearer {one.key}"}
        made = await service.http.post("/api/v1/auth/token", json={"datasets": datasets}, headers=bearer)
        tokens.append(made.json()["token"])
    assert [await asked(service, token, WAGE) for token in tokens] == ["answered", "key_dataset"]
    assert await stepped(service.http, geo, number, "revoke", reason="Over.") == "validated"
    assert [await asked(service, token, WAGE) for token in tokens] == ["restricted", "key_dataset"]


async def test_the_catalogue_counts_requests_and_names_nobody(
    service: Service, one: Applicant, other: Applicant, geo: str
) -> None:
    third = await applicant(service)
    for who in (one, other, third):
        number = await submitted(service.http, who.token)
        await stepped(service.http, geo, number, "refuse", **REFUSAL)
    await submitted(service.http, one.token, "air/crews")
    catalogue = (await service.http.get("/catalog.json")).json()
    told = {entry["id"]: entry["grantRequests"] for agency in catalogue["agencies"] for entry in agency["datasets"]}
    nothing = {"requests": None, "pending": None, "validated": None, "refused": None, "withdrawn": None}
    assert told["geo/posts"] == {**nothing, "requests": 3, "refused": 3}
    assert told["air/crews"] == nothing
    assert told["geo/countries"] is None
