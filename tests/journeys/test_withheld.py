"""What is withheld answers by its statement wherever it is asked for, and each question for it counts as demand."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.app import Application
from publicgsb.platform.server.settings import Settings
from tests.app import Service, running
from tests.schema.worlds import COMMON, declare, found

DECISION = """
decision: { office: { fa: "حراست", en: "Security office" }, decidedOn: "2026-03-01", reviewOn: "2027-03-01" }
"""
SECRETS = (
    COMMON.replace("access: open", "access: withheld")
    + DECISION
    + """
agency: geo
dataset: bases
recordName: Base
title: { fa: "پایگاه‌ها", en: "Bases" }
legalGround: "IR-FOI-13"
fields:
  - { name: id, type: string, label: { fa: "شناسه", en: "Id" } }
  - { name: place, type: string, label: { fa: "جا", en: "Place" } }
"""
)
TOLD = {
    "legalGround": "IR-FOI-13",
    "office": {"fa": "حراست", "en": "Security office"},
    "decidedOn": "2026-03-01",
    "reviewOn": "2027-03-01",
    "appeal": "none",
}
UNDATED = {"legalGround": "IR-FOI-14", "office": None, "decidedOn": None, "reviewOn": None, "appeal": None}
STUB = "{ geo { secret: bases { nodes { place } } countries(first: 1) { nodes { code } } } }"
FIELD = "{ air { airports(first: 1) { nodes { icao boss: manager } } } }"


@pytest.fixture
async def service(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Service]:
    await found(connections, state_dir)
    await declare(connections, SECRETS)
    async with running(settings, connections) as service:
        yield service


async def errors(service: Service, key: str, document: str) -> tuple[Any, list[tuple[Any, Any]]]:
    """The data, and of each error where it stands and its details."""
    answer = (await service.ask(key, document)).json()
    found = [(error.get("path"), error["extensions"]) for error in answer["errors"]]
    assert {extensions["code"] for _, extensions in found} == {"WITHHELD"}
    return answer.get("data"), [(path, extensions["details"]) for path, extensions in found]


async def counted(service: Service) -> list[tuple[str, str, int]]:
    """Dataset, field and requests, once what waited was written."""
    assert isinstance(service.app, Application)
    await service.app.endpoint.demand.flush()
    async with service.connections.use() as connection:
        rows = await connection.fetch(
            "select s.slug, field, sum(requests)::int as n from gsb.demand_day join gsb.dataset s on s.id = dataset_id"
            " group by 1, 2 order by 1, 2"
        )
    return [(row["slug"], row["field"], row["n"]) for row in rows]


async def test_a_stub_is_null_with_its_statement_and_the_rest_answers(service: Service) -> None:
    data, found = await errors(service, await service.data_key(), STUB)
    assert data == {"geo": {"secret": None, "countries": {"nodes": [{"code": "IR"}]}}}
    assert found == [(["geo", "secret"], {"field": "geo.bases", "dataset": "geo/bases", **TOLD})]


async def test_a_field_is_null_with_its_statement_under_whatever_alias(service: Service) -> None:
    data, found = await errors(service, await service.data_key(), FIELD)
    assert data["air"]["airports"]["nodes"][0]["boss"] is None
    details = {"field": "air.airports.manager", "dataset": "air/airports", **UNDATED}
    assert found == [(["air", "airports", "nodes", "boss"], details)]


async def test_the_schema_and_both_catalogues_tell_the_same_statement(service: Service) -> None:
    sdl = (await service.http.get("/schema.graphql")).text
    assert "Withheld on IR-FOI-13: Security office, 2026-03-01; to be reviewed on 2027-03-01." in sdl
    assert "Withheld on IR-FOI-14; who decided, and when, is not said." in sdl
    catalogue = (await service.http.get("/catalog.json")).json()
    datasets = {one["id"]: one for agency in catalogue["agencies"] for one in agency["datasets"]}
    assert datasets["geo/bases"]["withheld"] == TOLD
    assert [one["withheld"] for one in datasets["geo/bases"]["fields"]] == [TOLD, TOLD]
    assert datasets["geo/countries"]["withheld"] is None
    told = "withheld { legalGround office { fa en } decidedOn reviewOn appeal }"
    document = f'{{ dataset(id: "geo/bases") {{ {told} fields {{ {told} }} }} }}'
    answer = (await service.ask(await service.data_key(), document)).json()["data"]["dataset"]
    assert answer == {"withheld": TOLD, "fields": [{"withheld": TOLD}, {"withheld": TOLD}]}
    page = (await service.http.get("/datasets/geo/bases")).text
    assert "decided by Security office on 1 March 2026" in page
    assert "۱۰ اسفند ۱۴۰۴" in page


async def test_files_and_applications_answer_by_the_statement_too(service: Service) -> None:
    answer = await service.http.get("/files/geo/bases/latest.csv")
    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (403, "WITHHELD", TOLD)


async def test_a_dataset_is_not_declared_withheld_without_who_decided(service: Service) -> None:
    with pytest.raises(Exception, match="does not say who decided"):
        await declare(service.connections, SECRETS.replace(DECISION, "\n").replace("bases", "depots"))


async def test_each_question_counts_once_for_each_thing_that_it_asks_for(service: Service) -> None:
    key = await service.data_key()
    for document in (STUB, STUB, FIELD):
        await service.ask(key, document)
    twice = "{ air { a: airports { nodes { manager x: manager } } b: airports { nodes { manager } } } }"
    await service.ask(key, twice)
    await service.ask(key, "{ geo { countries { totalCount } } }")
    await service.ask(key, "{ rateLimit(dryRun: true) { cost } geo { bases { nodes { id } } } }")
    await service.ask(await service.agency_key("geo"), STUB)
    assert await counted(service) == [("airports", "manager", 2), ("bases", "", 2)]
    assert await counted(service) == [("airports", "manager", 2), ("bases", "", 2)]  # nothing is written twice


async def test_the_agency_sees_its_days_and_the_public_only_months_of_three(service: Service) -> None:
    keys = [await service.data_key() for _ in range(3)]
    for key in (*keys, keys[0]):
        await service.ask(key, STUB)
    await service.ask(keys[0], FIELD)
    await counted(service)
    geo, air = await service.agency_key("geo"), await service.agency_key("air")
    own = {"authorization": f"Bearer {geo}"}
    (day,) = (await service.http.get("/api/v1/agencies/geo/demand", headers=own)).json()["demand"]
    assert (day["dataset"], day["field"], day["requests"], day["organisations"]) == ("geo/bases", None, 4, 3)
    other = {"authorization": f"Bearer {air}"}
    assert (await service.http.get("/api/v1/agencies/geo/demand", headers=other)).status_code == 403
    assert (await service.http.get("/api/v1/demand")).json()["demand"] == []  # the month is not over
    async with service.connections.use() as connection:
        await connection.execute("update gsb.demand_day set day = date_trunc('month', day) - interval '10 days'")
    (month,) = (await service.http.get("/api/v1/demand")).json()["demand"]
    assert (month["dataset"], month["requests"], month["organisations"]) == ("geo/bases", 4, 3)
    assert (await service.http.get("/api/v1/demand?agency=air")).json()["demand"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [("from=x", 400), ("from=2026-11-02&to=2026-11-01", 400), ("from=2020-01-01&to=2026-01-01", 400), ("", 200)],
)
async def test_a_range_of_days_is_checked(service: Service, query: str, status: int) -> None:
    own = {"authorization": f"Bearer {await service.agency_key('geo')}"}
    assert (await service.http.get(f"/api/v1/agencies/geo/demand?{query}", headers=own)).status_code == status
