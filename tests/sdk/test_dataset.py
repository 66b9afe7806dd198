"""A walk over a dataset: every row once, of one state, under the names and types of the contract."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from publicgsb_sdk import (
    Client,
    DatasetWithdrawn,
    InvalidRequest,
    NotFound,
    QueryTooCostly,
    ReleaseGone,
    ServerError,
    Withheld,
)
from publicgsb_sdk.query import page_rows


def test_a_query_is_never_changed_only_built_upon(client: Client) -> None:
    all_of_them = client.dataset("aviation.airports")
    narrowed = all_of_them.where(icao="OIIE").select("icao").order_by("code").limit(1).release(2)
    assert all_of_them == client.dataset("aviation/airports")
    assert narrowed != all_of_them


def test_rows_come_to_the_end_page_after_page_by_one_document(client: Client, service: Any) -> None:
    service.reply(service.page([{"icao": "A"}, {"icao": "B"}], cursor="c1"), service.page([{"icao": "C"}]))
    assert [row["icao"] for row in client.dataset("aviation.airports").select("icao").rows()] == ["A", "B", "C"]
    first, second = service.asked()
    assert first["query"] == second["query"]
    assert first["variables"] == {"first": 1000}
    assert second["variables"] == {"first": 1000, "after": "c1"}


def test_only_the_first_page_names_the_release_because_the_cursor_holds_it(client: Client, service: Any) -> None:
    service.reply(service.page([{"icao": "A"}], cursor="c1"), service.page([{"icao": "B"}]))
    assert len(list(client.dataset("aviation.airports").select("icao").release(2).rows())) == 2
    assert [sorted(body["variables"]) for body in service.asked()] == [["first", "release"], ["after", "first"]]


def test_a_limit_cuts_the_last_page_to_size(client: Client, service: Any) -> None:
    service.reply(
        service.page([{"icao": str(i)} for i in range(1000)], cursor="c1"), service.page([{"icao": "x"}], "c2")
    )
    assert len(list(client.dataset("aviation.airports").select("icao").limit(1001).rows())) == 1001
    assert [body["variables"]["first"] for body in service.asked()] == [1000, 1]


def test_a_limit_of_zero_asks_nothing(client: Client, service: Any) -> None:
    assert list(client.dataset("aviation.airports").limit(0).rows()) == []
    assert service.asked() == []


def test_the_query_says_what_was_asked(client: Client, service: Any) -> None:
    service.reply(service.page([]))
    query = client.dataset("aviation.airports").where(icao="OIIE").select("icao", "home_country.name_fa")
    assert query.order_by("-code").release(2).first() is None
    assert service.asked()[0] == {
        "query": "query Rows($where: AviationAirportWhere, $orderBy: AviationAirportOrder, $first: Int!, "
        "$after: String, $release: Release) { aviation { airports(where: $where, orderBy: $orderBy, "
        "first: $first, after: $after, release: $release) { nodes { icao homeCountry { nameFa } } "
        "pageInfo { hasNextPage endCursor } } } }",
        "variables": {"where": {"icao": {"eq": "OIIE"}}, "orderBy": "CODE_DESC", "release": 2, "first": 1},
    }


def test_values_become_what_the_contract_says(client: Client, service: Any) -> None:
    node = {
        "code": "007",
        "runwayCount": 2,
        "passengers": "9007199254740993",
        "fee": "1.10",
        "openedOn": "1990-01-02",
        "seenAt": "2026-01-02T03:04:05Z",
        "isOpen": None,
        "homeCountry": {"nameFa": "ایران"},
    }
    service.reply(service.page([node]))
    wanted = ("code", "runway_count", "passengers", "fee", "opened_on", "seenAt", "is_open")
    assert client.dataset("aviation.airports").select(*wanted, {"homeCountry": ["name_fa"]}).first() == {
        "code": "007",
        "runway_count": 2,
        "passengers": 9007199254740993,
        "fee": Decimal("1.10"),
        "opened_on": date(1990, 1, 2),
        "seen_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "is_open": None,
        "home_country": {"name_fa": "ایران"},
    }


def test_a_link_that_leads_nowhere_is_none(client: Client, service: Any) -> None:
    service.reply(service.page([{"homeCountry": None}]))
    assert client.dataset("aviation.airports").select("home_country.code").first() == {"home_country": None}


def test_without_a_selection_all_fields_of_the_contract_are_asked_for(client: Client, service: Any) -> None:
    service.reply(service.page([]))
    list(client.dataset("aviation.airports").rows())
    wanted = "icao code runwayCount passengers latitude fee isOpen openedOn seenAt"
    assert f"nodes {{ {wanted} }}" in service.asked()[0]["query"]


@pytest.mark.parametrize("access", ["restricted", "withheld"])
def test_a_field_that_is_not_for_everybody_is_asked_for_only_by_name(
    client: Client, service: Any, monkeypatch: pytest.MonkeyPatch, access: str
) -> None:
    monkeypatch.setitem(service.airports["contract"]["fields"][5], "access", access)
    service.reply(service.page([]))
    list(client.dataset("aviation.airports").rows())
    list(client.dataset("aviation.airports").select("fee").rows())
    default, named = service.asked()
    assert "fee" not in default["query"] and "nodes { fee }" in named["query"]


def test_a_dataset_that_is_withheld_is_refused_with_a_next_step(
    client: Client, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(service.airports["contract"], "access", "withheld")
    with pytest.raises(Withheld, match="legal ground"):
        next(client.dataset("aviation.airports").rows())


def test_a_dataset_without_a_release_is_told_from_one_that_is_not_there(client: Client) -> None:
    with pytest.raises(NotFound, match="no release yet"):
        client.dataset("standards.countries").first()


def test_a_withdrawn_dataset_is_refused_by_the_service_which_knows_the_reason(
    client: Client, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(service.airports, "release", None)
    monkeypatch.setitem(service.airports, "state", "withdrawn")
    service.reply(service.refusal(200, "DATASET_WITHDRAWN"))
    with pytest.raises(DatasetWithdrawn):
        client.dataset("aviation.airports").first()


def test_pages_shrink_when_records_bring_linked_records_along(client: Client, service: Any) -> None:
    service.reply(service.page([]))
    list(client.dataset("aviation.airports").select("home_country.code").pages(size=1000))
    assert service.asked()[0]["variables"]["first"] == 1000
    items = client.dataset("aviation.airports").select("home_country.code")._resolved()[1]
    assert page_rows(items * 19) == 500


def test_a_walk_whose_release_is_gone_stops_with_its_own_error(client: Client, service: Any) -> None:
    gone = {"message": "Gone.", "path": ["aviation", "airports"], "extensions": {"code": "RELEASE_GONE"}}
    answer = {"data": {"aviation": {"airports": None}}, "errors": [gone]}
    service.reply(service.page([{"icao": "A"}], cursor="c1"), httpx2.Response(200, json=answer))
    rows = client.dataset("aviation.airports").select("icao").rows()
    assert next(rows) == {"icao": "A"}
    with pytest.raises(ReleaseGone):
        next(rows)


def test_a_cursor_that_does_not_move_ends_the_walk_instead_of_looping(client: Client, service: Any) -> None:
    service.reply(service.page([{"icao": "A"}], cursor="c1"))
    with pytest.raises(ServerError, match="not where"):
        list(client.dataset("aviation.airports").select("icao").rows())


@pytest.mark.parametrize(("total", "limit", "expected"), [(28_298, None, 28_298), (28_298, 10, 10), (3, 10, 3)])
def test_a_count_is_what_rows_would_give(
    client: Client, service: Any, total: int, limit: int | None, expected: int
) -> None:
    service.reply(httpx2.Response(200, json={"data": {"aviation": {"airports": {"totalCount": total}}}}))
    query = client.dataset("aviation.airports")
    assert (query if limit is None else query.limit(limit)).count() == expected


def test_a_count_the_service_will_not_make_is_an_error_and_not_a_guess(client: Client, service: Any) -> None:
    service.reply(httpx2.Response(200, json={"data": {"aviation": {"airports": {"totalCount": None}}}}))
    with pytest.raises(QueryTooCostly, match="rows"):
        client.dataset("aviation.airports").where(code="0").count()


def test_a_price_is_asked_without_running_the_query(client: Client, service: Any) -> None:
    service.reply(httpx2.Response(200, json={"data": {"rateLimit": {"cost": 11}}}))
    assert client.dataset("aviation.airports").price() == 11
    assert "rateLimit(dryRun: true) { cost }" in service.asked()[0]["query"]


@pytest.mark.parametrize("name", ["airports", "aviation.", "aviation.airports.icao", "../../etc", "aviation.ایران"])
def test_a_name_that_cannot_be_one_is_refused_offline(client: Client, service: Any, name: str) -> None:
    with pytest.raises(InvalidRequest, match="agency"):
        client.dataset(name)
    assert service.requests == []


def test_a_dataset_that_is_not_there_is_not_found(client: Client, service: Any) -> None:
    problem = {"code": "NOT_FOUND", "detail": "There is no such dataset.", "requestId": "r-2"}
    service.reply(httpx2.Response(404, json=problem))
    with pytest.raises(NotFound, match="r-2"):
        client.dataset("aviation.airport").first()


@pytest.mark.parametrize(
    ("selected", "hint"),
    [("nmae_fa", "icao"), ("home_country", "its fields"), ("home_country.nam_fa", "name_fa"), ("icao.x", "link")],
)
def test_a_field_that_is_not_there_is_named_with_its_neighbours(client: Client, selected: str, hint: str) -> None:
    with pytest.raises(InvalidRequest, match=hint):
        client.dataset("aviation.airports").select(selected).first()


def test_an_order_that_is_not_declared_is_refused_with_those_that_are(client: Client) -> None:
    with pytest.raises(InvalidRequest, match="CODE_ASC"):
        client.dataset("aviation.airports").order_by("fee").first()


def test_releases_are_numbered_from_one(client: Client) -> None:
    with pytest.raises(InvalidRequest, match="from 1"):
        client.dataset("aviation.airports").release(0)


def test_a_dataset_is_shared_by_threads_without_a_lock(client: Client, service: Any) -> None:
    service.reply(lambda request: service.page([{"icao": "A"}]))
    query = client.dataset("aviation.airports").select("icao")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: query.first(), range(64))) == [{"icao": "A"}] * 64
