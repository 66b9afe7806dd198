"""Files cost bytes of the day, and everybody sees of usage what is theirs to see."""

import asyncio
from datetime import UTC, datetime

import pytest

from publicgsb.quotas.model import plan_from_json
from publicgsb.quotas.plans import set_plan
from tests.app import Service

FILE = "/files/air/airports/latest.csv"
COUNTRIES = "{ geo { countries { nodes { code } } } }"
BOTH = "{ geo { countries { nodes { code } } } air { airports { nodes { icao } } } }"


async def _bytes_of_a_day(service: Service, limit: int) -> None:
    plan = plan_from_json(
        "open",
        [
            {"name": "month", "kind": "period", "limit": 1_000, "unit": "points", "period": "month"},
            {"name": "files_day", "kind": "period", "limit": limit, "unit": "bytes", "period": "day"},
        ],
    )
    await set_plan(service.connections, plan, actor="tests")
    await service.caught_up()


async def _bytes_used(service: Service) -> int:
    async with service.connections.use() as connection, asyncio.timeout(60):
        while await connection.fetchval(
            "select exists (select from gsb.quota_lease where state = 'open' and policy = 'files_day')"
        ):
            await asyncio.sleep(0.01)
        used = await connection.fetchval("select sum(used) from gsb.quota_account where policy = 'files_day'")
    return int(used or 0)


async def test_a_download_costs_the_bytes_that_were_sent(service: Service, key: str) -> None:
    answer = await service.http.get(FILE, headers={"x-api-key": key})
    assert answer.status_code == 200
    assert await _bytes_used(service) == len(answer.content)


async def test_when_the_bytes_of_the_day_are_used_the_next_file_is_refused_and_the_rest_stays(
    service: Service, key: str
) -> None:
    size = len((await service.http.get(FILE)).content)
    await _bytes_of_a_day(service, size * 2 - 1)
    first = await service.http.get(FILE, headers={"x-api-key": key})
    refused = await service.http.get(FILE, headers={"x-api-key": key})
    assert (first.status_code, refused.status_code) == (200, 429)
    problem = refused.json()
    assert (problem["code"], problem["details"]["policy"]) == ("QUOTA_EXHAUSTED", "files_day")
    assert await _bytes_used(service) == size
    assert (await service.http.get(FILE)).status_code == 200  # an open file needs no key


async def test_a_file_that_turns_out_longer_than_what_is_left_is_refused_and_costs_nothing(
    service: Service, key: str
) -> None:
    await _bytes_of_a_day(service, 10)
    answer = await service.http.get(FILE, headers={"x-api-key": key})
    assert answer.status_code == 429
    assert await _bytes_used(service) == 0


async def _usage(service: Service, key: str, arguments: str, wanted: int) -> list[dict[str, object]]:
    """As soon as it shows so many requests: facts are written each second."""
    document = f"{{ me {{ usage{arguments} {{ application key dataset day requests points errors }} }} }}"
    async with asyncio.timeout(60):
        while True:
            rows: list[dict[str, object]] = (await service.ask(key, document)).json()["data"]["me"]["usage"]
            if rows and int(str(rows[0]["requests"])) == wanted:
                return rows
            await asyncio.sleep(0.05)


async def test_me_tells_usage_exactly_and_for_nothing(service: Service, key: str) -> None:
    costs = [(await service.ask(key, BOTH)).json()["extensions"]["cost"]["actual"] for _ in range(3)]
    (whole,) = await _usage(service, key, "(by: [])", 3)
    assert (whole["points"], whole["dataset"], whole["day"]) == (str(sum(costs)), None, None)
    by_dataset = await _usage(service, key, "(by: [DATASET])", 3)
    assert sum(int(str(row["points"])) for row in by_dataset) == sum(costs)
    assert {row["dataset"] for row in by_dataset} == {"air/airports", "geo/countries"}
    (by_day,) = await _usage(service, key, "(by: [DAY, KEY])", 3)
    assert (by_day["day"], by_day["key"]) == (datetime.now(UTC).date().isoformat(), key.split("_")[1][:8])


@pytest.mark.parametrize(
    "arguments", ['(from: "2024-01-01", to: "2026-01-01")', '(from: "2026-02-01", to: "2026-01-01")']
)
async def test_a_range_that_is_too_long_or_ends_first_is_an_error_of_its_field(
    service: Service, key: str, arguments: str
) -> None:
    answer = (await service.ask(key, f"{{ me {{ plan usage{arguments} {{ points }} }} }}")).json()
    assert answer["errors"][0]["extensions"]["details"]["reason"] == "range"


async def test_an_agency_sees_what_is_asked_of_its_datasets_and_others_only_what_three_share(
    service: Service, key: str
) -> None:
    await service.ask(key, COUNTRIES)
    await _usage(service, key, "(by: [])", 1)
    url = "/api/v1/agencies/geo/usage?dataset=countries"
    own = await service.http.get(url, headers={"x-api-key": await service.agency_key("geo")})
    (countries,) = own.json()["datasets"]
    assert [(day["organisations"], day["requests"]) for day in countries["days"]] == [(1, 1)]
    assert [field["field"] for field in countries["fields"]] == ["code"]
    other = await service.http.get(url, headers={"x-api-key": await service.agency_key("air")})
    assert other.json()["datasets"] == [{"dataset": "geo/countries", "days": [], "fields": []}]
    assert (await service.http.get(url, headers={"x-api-key": key})).status_code == 403


async def test_usage_is_asked_by_the_short_name_of_a_dataset_or_by_its_id(service: Service) -> None:
    headers = {"x-api-key": await service.agency_key("geo")}
    for named in ("countries", "geo/countries", "geo%2Fcountries"):
        answer = await service.http.get(f"/api/v1/agencies/geo/usage?dataset={named}", headers=headers)
        assert [row["dataset"] for row in answer.json()["datasets"]] == ["geo/countries"]
    for other in ("air/countries", "geo/geo/countries", "geo/", "geo/none"):
        answer = await service.http.get(f"/api/v1/agencies/geo/usage?dataset={other}", headers=headers)
        assert answer.status_code == 404
