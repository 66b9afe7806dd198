"""What is asked beside rows, and what is refused before anything is sent."""

import copy
from datetime import date
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from publicgsb_sdk import Client, Dataset, InvalidRequest, NotFound, QueryTooCostly

AGGREGATES = {
    "groupings": [
        {"name": "CODE", "apiName": "code", "field": "code", "grain": None},
        {"name": "OPENED_ON_DAY", "apiName": "openedOnDay", "field": "opened_on", "grain": "day"},
        {
            "name": "OPENED_ON_JALALI_MONTH",
            "apiName": "openedOnJalaliMonth",
            "field": "opened_on",
            "grain": "jalaliMonth",
        },
    ],
    "measures": ["fee", "passengers", "runway_count"],
    "only": False,
}


@pytest.fixture
def query(client: Client, service: Any, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    more = {"aggregates": AGGREGATES, "search": ["code"], "coordinates": {"lat": "latitude", "lon": "latitude"}}
    for name, value in more.items():
        monkeypatch.setitem(service.airports["contract"], name, value)
    return client.dataset("aviation.airports")


def groups(found: list[dict[str, Any]], total: int | None = None) -> httpx2.Response:
    answer = {"groups": found, "totalGroups": len(found) if total is None else total}
    return httpx2.Response(200, json={"data": {"aviation": {"airportsAggregate": answer}}})


def test_an_aggregate_is_a_row_per_group_with_exact_figures(query: Dataset, service: Any) -> None:
    group = {
        "key": {"openedOnDay": "1990-01-02", "openedOnJalaliMonth": "1368-10"},
        "count": 3,
        "sum": {"passengers": "9007199254740993", "fee": "0.30"},
        "avg": {"fee": "0.1", "runwayCount": 1.5},
        "countDistinct": {"code": 2},
    }
    service.reply(groups([group]))
    found = (
        query.where(code="0")
        .order_by("-sum_fee")
        .aggregate(
            ["opened_on.day", "opened_on.jalali_month"],
            sum=["passengers", "fee"],
            avg=["fee", "runway_count"],
            count_distinct=["code"],
        )
    )
    assert found == (
        {
            "opened_on_day": date(1990, 1, 2),
            "opened_on_jalali_month": "1368-10",
            "count": 3,
            "sum_passengers": 9007199254740993,
            "sum_fee": Decimal("0.30"),
            "avg_fee": Decimal("0.1"),
            "avg_runway_count": 1.5,
            "count_distinct_code": 2,
        },
    )
    assert service.asked()[0]["variables"] == {
        "where": {"code": {"eq": "0"}},
        "first": 1000,
        "groupBy": ["OPENED_ON_DAY", "OPENED_ON_JALALI_MONTH"],
        "orderBy": "SUM_FEE_DESC",
    }


def test_groups_are_never_cut_short_in_silence(query: Dataset, service: Any) -> None:
    service.reply(groups([{"key": {"code": "a"}, "count": 1}], total=5_000))
    with pytest.raises(QueryTooCostly, match="5000 groups"):
        query.aggregate(["code"])
    assert query.limit(1).aggregate(["code"]) == ({"code": "a", "count": 1},)


def test_a_grouping_that_is_not_declared_is_refused_with_those_that_are(query: Dataset) -> None:
    with pytest.raises(InvalidRequest, match="opened_on_day"):
        query.aggregate(["opened_on.year"])
    with pytest.raises(InvalidRequest, match="counts or measures"):
        query.aggregate(["code"], count=False)


def test_what_is_near_tells_how_far_it_is(query: Dataset, service: Any) -> None:
    found = {
        "edges": [{"distanceKm": 8.588, "node": {"icao": "OIYY"}}],
        "pageInfo": {"hasNextPage": False, "endCursor": "c"},
    }
    service.reply(httpx2.Response(200, json={"data": {"aviation": {"airports": found}}}))
    assert list(query.near(31.897, 54.367, within_km=20).select("icao").rows()) == [
        {"distance_km": 8.588, "icao": "OIYY"}
    ]
    asked = service.asked()[0]
    assert asked["variables"]["near"] == {"lat": 31.897, "lon": 54.367, "withinKm": 20}
    assert "$near: NearPoint" in asked["query"] and "edges { distanceKm node { icao } }" in asked["query"]


def test_a_search_is_sent_as_it_was_said(query: Dataset, service: Any) -> None:
    service.reply(service.page([]))
    query.search("علي‌اباد").first()
    assert service.asked()[0]["variables"] == {"first": 1, "search": "علي‌اباد"}


def test_orders_that_exclude_one_another_are_refused(query: Dataset) -> None:
    with pytest.raises(InvalidRequest, match="order of their own"):
        query.search("x").order_by("code").first()
    with pytest.raises(InvalidRequest, match="near cannot be asked here"):
        query.near(1, 2, within_km=3).aggregate()
    with pytest.raises(InvalidRequest, match="order_by cannot be asked here"):
        next(query.order_by("code").changes(1))


def test_what_a_dataset_does_not_offer_is_refused_offline(client: Client, service: Any) -> None:
    plain = client.dataset("aviation.airports")
    for refused in (plain.search("x").first, plain.near(1, 2, within_km=3).first, plain.aggregate):
        with pytest.raises(InvalidRequest):
            refused()
    assert service.asked() == []


def test_changes_come_to_the_end_with_both_sides(query: Dataset, service: Any) -> None:
    changed = {
        "change": "CHANGED",
        "key": {"icao": "A"},
        "changedFields": ["openedOn"],
        "before": {"openedOn": "1990-01-01"},
        "after": {"openedOn": "1990-01-02"},
    }
    added: dict[str, Any] = {
        "change": "ADDED",
        "key": {"icao": "B"},
        "changedFields": [],
        "before": None,
        "after": {"openedOn": None},
    }

    def page(node: dict[str, Any], cursor: str | None) -> httpx2.Response:
        found = {"nodes": [node], "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor}}
        return httpx2.Response(200, json={"data": {"aviation": {"airportsChanges": found}}})

    service.reply(page(changed, "c1"), page(added, None))
    first, second = query.select("opened_on").release(5).changes(since=date(2026, 3, 1))
    assert (first.kind, first.key, first.fields) == ("changed", {"icao": "A"}, ("opened_on",))
    assert (first.before, first.after) == ({"opened_on": date(1990, 1, 1)}, {"opened_on": date(1990, 1, 2)})
    assert (second.kind, second.before, second.after) == ("added", None, {"opened_on": None})
    assert [body["variables"] for body in service.asked()] == [
        {"since": "2026-03-01", "release": 5, "first": 500},
        {"since": "2026-03-01", "first": 500, "after": "c1"},
    ]


def test_a_walk_goes_on_after_a_cursor(query: Dataset, service: Any) -> None:
    service.reply(service.page([{"icao": "A"}], cursor="c1"), service.page([{"icao": "B"}]))
    half = next(query.select("icao").release(2).pages())
    assert half.cursor == "c1"
    assert [row["icao"] for row in query.select("icao").release(2).rows(after=half.cursor)] == ["B"]
    assert service.asked()[1]["variables"] == {"first": 1000, "after": "c1"}


def test_a_release_is_a_number_or_a_day(query: Dataset, service: Any) -> None:
    service.reply(service.page([]))
    query.release(date(2026, 11, 1)).first()
    assert service.asked()[0]["variables"]["release"] == "2026-11-01"


def test_a_release_may_be_said_with_the_dataset(client: Client) -> None:
    assert client.dataset("aviation.airports", release=2) == client.dataset("aviation.airports").release(2)


def test_releases_of_a_dataset_that_is_not_there_are_not_found(client: Client, service: Any) -> None:
    service.reply(httpx2.Response(404, json={"code": "NOT_FOUND", "title": "No."}))
    with pytest.raises(NotFound):
        client.dataset("aviation.runways").releases()


def test_releases_and_quality_are_read(client: Client, service: Any) -> None:
    release = {"seq": 3, "rows": 2, "sha256": "ab", "asOf": "2026-09-05", "contract": "1.0.0"}
    told = release | {"publishedAt": "2026-11-01T10:00:00Z"}
    service.reply(httpx2.Response(200, json={"data": {"dataset": {"releases": [told]}}}))
    (newest,) = client.dataset("aviation.airports").releases()
    assert (newest.seq, newest.as_of, newest.contract) == (3, date(2026, 9, 5), "1.0.0")
    part = {"name": "validity", "weight": 20, "points": 17.5, "counted": {"fa": "ف", "en": "e"}, "raisedBy": None}
    quality: dict[str, Any] = {
        "day": "2026-11-27",
        "release": 3,
        "data": {"score": 81.3, "parts": [part]},
        "mqa": {
            "points": 385,
            "of": 405,
            "rating": "excellent",
            "dimensions": [{"name": "reuse", "points": 7, "of": 9}],
        },
    }
    service.reply(httpx2.Response(200, json=quality))
    found = client.dataset("aviation.airports").quality()
    assert (found.score, found.parts[0].of, found.metadata_points, found.metadata[0].name) == (81.3, 20, 385, "reuse")
    service.reply(httpx2.Response(200, json=copy.deepcopy(quality) | {"data": None}))
    assert client.dataset("aviation.airports").quality().score is None


def test_the_schema_is_that_of_the_rows_that_are_asked_for(client: Client) -> None:
    schema = client.dataset("aviation.airports").select("icao", "home_country.name_fa").schema
    assert {name: field.type.value for name, field in schema.items()} == {
        "icao": "string",
        "home_country.name_fa": "string",
    }
