"""The SDK against the running application: what it asks is what the service answers, and what it was told it costs."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections
from publicgsb_sdk import AsyncClient, F, InvalidRequest, NotFound, OverBudget, jalali
from tests.app import Service
from tests.schema.sql.test_near import PLACES
from tests.schema.worlds import AIRPORT_ROWS, declare, release


@pytest.fixture
def gsb(service: Service, key: str) -> AsyncClient:
    return AsyncClient(key, "http://gsb", http_client=service.http, max_retries=0)


async def test_expressions_and_jalali_days_select_rows(gsb: AsyncClient) -> None:
    airports = gsb.dataset("air.airports").select("icao", "country.name")
    tehran = airports.where(F.city == "تهران", F.opened >= jalali("1383-01-01"))
    assert [row async for row in tehran.rows()] == [{"icao": "OIIE", "country": {"name": "ایران"}}]
    either = airports.where((F.elevation < 100) | F.iata.is_null()).order_by("key")
    assert [row["icao"] async for row in either.rows()] == ["OIZZ", "XXXX"]
    assert await airports.where(~F.icao.in_(["OIIE", "OIII"])).count() == 4


async def test_a_search_finds_any_spelling(gsb: AsyncClient) -> None:
    assert [row["icao"] async for row in gsb.dataset("air.airports").search("يزد").rows()] == ["OIYY"]


async def test_what_is_near_comes_nearest_first_and_tells_how_far(
    gsb: AsyncClient, service: Service, connections: Connections, state_dir: Path
) -> None:
    await add_agency(connections, "lab", Label("آزمایشگاه", "Lab"), "tests")
    await declare(connections, PLACES)
    await release(connections, state_dir, "lab/places", "id,kind,near_id,north,east\n1,a,,0,0.1\n2,a,,0,0\n3,a,,9,9\n")
    await service.caught_up()
    places = gsb.dataset("lab.places").near(0, 0, within_km=20).select("id")
    assert [row async for row in places.rows()] == [
        {"distance_km": 0.0, "id": 2},
        {"distance_km": 11.12, "id": 1},
    ]
    assert await places.count() == 2


async def test_aggregates_are_grouped_and_ordered(gsb: AsyncClient) -> None:
    flights = gsb.dataset("fly.flights").order_by("-count")
    found = await flights.aggregate(["origin"], sum=["fare", "delay"], max=["delay"])
    assert [(row["origin"], row["count"]) for row in found] == [("OIIE", 3), ("LTFM", 1), ("OIYY", 1)]
    assert str(found[0]["sum_fare"]) == "100000000000012.74" and found[0]["max_delay"] == 5
    by_month = await gsb.dataset("fly.flights").aggregate(["day.jalali_month"])
    assert by_month == ({"day_jalali_month": "1404-10", "count": 5},)


async def test_changes_releases_and_a_day_of_the_past(
    gsb: AsyncClient, service: Service, connections: Connections, state_dir: Path
) -> None:
    airports = gsb.dataset("air.airports").select("city")
    rows = AIRPORT_ROWS.replace("OIZZ,,,,IR,,false\n", "").replace("Nowhere,12.5", "Somewhere,12.5")
    await release(connections, state_dir, "air/airports", rows)
    await service.caught_up()
    changes = [change async for change in airports.changes(since=1)]
    assert [(change.kind, change.key["icao"], change.fields) for change in changes] == [
        ("removed", "OIZZ", ()),
        ("changed", "XXXX", ("city",)),
    ]
    assert (changes[1].before, changes[1].after) == ({"city": "Nowhere"}, {"city": "Somewhere"})
    assert [one.seq for one in await airports.releases()] == [2, 1]
    assert await airports.release(1).count() == 6 and await airports.count() == 5
    assert await airports.release(datetime.now(UTC).date()).count() == 5
    with pytest.raises(NotFound):
        await airports.release(date(2020, 1, 1)).count()


async def test_a_walk_goes_on_from_its_cursor_in_the_state_that_it_began_in(
    gsb: AsyncClient, service: Service, connections: Connections, state_dir: Path
) -> None:
    airports = gsb.dataset("air.airports").select("icao")
    first = await anext(airports.pages(size=4))
    await release(connections, state_dir, "air/airports", AIRPORT_ROWS.replace("XXXX,,Nowhere", "YYYY,,Nowhere"))
    await service.caught_up()
    rest = [row["icao"] async for row in airports.rows(after=first.cursor)]
    assert [row["icao"] for row in first.rows] + rest == ["LTFM", "OIIE", "OIII", "OIYY", "OIZZ", "XXXX"]


async def test_a_price_is_what_is_reserved_and_a_budget_is_never_overspent(gsb: AsyncClient) -> None:
    query = gsb.dataset("fly.flights").select("number", "origin_airport.city")
    price = await gsb.price(query)
    page = await anext(query.pages())
    assert page.cost is not None and page.cost.requested - price in (0, 5)
    document = "query Many { fly { flights(first: 500) { nodes { number } } } }"
    told = await gsb.price(document)
    paid = (await gsb.graphql(document)).cost
    assert paid is not None and paid.requested == told + 5

    job = gsb.budget(points=40)

    async def ask() -> int:
        try:
            answer = await job.graphql(document)
        except OverBudget:
            return 0
        assert answer.cost is not None
        return answer.cost.actual

    spent = sum(await asyncio.gather(*(ask() for _ in range(60))))
    assert job.spending is not None and 0 < job.spending.spent == spent <= 40


async def test_what_was_used_adds_up(gsb: AsyncClient) -> None:
    answer = await gsb.graphql("{ geo { countries { nodes { code } } } }")
    assert answer.cost is not None
    for _ in range(100):
        (total,) = await gsb.usage(by=()) or (None,)
        if total is not None and total.points == answer.cost.actual:
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError("what was used did not arrive in ten seconds")
    (of_countries,) = await gsb.usage(by=["dataset", "day"])
    assert (of_countries.dataset, of_countries.requests) == ("geo/countries", 1)


async def test_a_long_document_is_sent_once(gsb: AsyncClient) -> None:
    document = "query Long { geo { countries { nodes { code } } } }" + " " * 600
    assert (await gsb.graphql(document)).data == (await gsb.graphql(document)).data
    last = gsb.last_response
    assert last is not None and last.status == 200 and last.request_id


async def test_quality_and_schema_are_told(gsb: AsyncClient) -> None:
    airports = gsb.dataset("air.airports")
    quality = await airports.quality()
    assert quality.release == 1 and quality.score is not None and len(quality.parts) == 5
    schema = await airports.schema
    assert schema["elevation"].unit == "feet" and "manager" not in schema


async def test_a_hundred_questions_at_once_keep_to_the_windows_of_the_plan(gsb: AsyncClient) -> None:
    """None is refused, although all of them are asked at the same moment."""
    document = "{ geo { countries { nodes { code } } } }"
    results = await asyncio.gather(*(gsb.graphql(document) for _ in range(100)))
    assert {len(result.data["geo"]["countries"]["nodes"]) for result in results} == {3}


async def test_what_the_service_refuses_speaks_persian_and_keeps_its_words(gsb: AsyncClient) -> None:
    with pytest.raises(InvalidRequest, match="فهمیده نمی‌شود") as refused:
        await gsb.with_options(locale="fa").graphql("{ nothing }")
    assert refused.value.said is not None and "nothing" in refused.value.said
