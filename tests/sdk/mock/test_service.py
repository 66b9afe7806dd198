"""What a test of a startup does with the mock."""

import asyncio
import hashlib
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.schema.oracle.declared import dataset, field
from tests.sdk.mock.conftest import documents
from tests.sdk.mock.test_sdl import later_major

from publicgsb_sdk import (
    DatasetDeprecated,
    DatasetWithdrawn,
    F,
    InvalidRequest,
    QuotaExhausted,
    RateLimited,
    ReleaseGone,
    ReleaseRecalled,
    Unavailable,
    Withheld,
)
from publicgsb_sdk.errors import ConnectionFailed, NotFound, ServerError
from publicgsb_sdk.testing import KEY, URL, MockService, MockSetup


def test_links_lead_to_records_that_are_there(service: MockService) -> None:
    with service.client() as gsb:
        flights = gsb.dataset("fly.flights").select("origin", "origin_airport.icao", "origin_airport.country.code")
        rows = list(flights.rows())
    assert len(rows) == 30
    assert all(row["origin_airport"]["icao"] == row["origin"] for row in rows)
    assert all(row["origin_airport"]["country"]["code"] for row in rows)


def test_the_same_seed_gives_the_same_rows_and_another_one_others() -> None:
    first, again, other = (MockService(documents(), seed=seed).rows("air.airports") for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_codes_keep_their_zeros_and_nulls_are_where_they_may_be(service: MockService) -> None:
    rows = service.rows("air.airports")
    assert all(row["icao"].startswith("0") for row in rows)
    assert {row["iata"] is None for row in rows} == {True, False}
    assert all(row["country_code"] is not None for row in rows)
    assert all("manager" not in row for row in rows)


def test_a_walk_gives_every_row_once_also_while_a_release_is_published(service: MockService) -> None:
    with service.client() as gsb:
        pages = gsb.dataset("air.airports").order_by("-city").pages(7)
        walked = list(next(pages).rows)
        service.release("air.airports", [])
        walked += [row for page in pages for row in page.rows]
        assert gsb.dataset("air.airports").count() == 0
    assert {row["icao"] for row in walked} == {row["icao"] for row in service.rows("air.airports", 1)}
    assert len(walked) == 30


def test_own_rows_are_answered_as_they_are() -> None:
    rows: list[dict[str, Any]] = [
        {"icao": "OIIE", "country_code": "IR", "city": "تهران", "elevation": 3305, "opened": date(2004, 5, 8)},
        {"icao": "OIYY", "countryCode": "IR", "opened": "2000-01-02"},
    ]
    service = MockService(documents(), rows={"air.airports": rows, "geo.countries": []})
    with service.client() as gsb:
        found = list(gsb.dataset("air/airports").select("icao", "city", "opened", "country.name").rows())
    assert found == [
        {"icao": "OIIE", "city": "تهران", "opened": date(2004, 5, 8), "country": None},
        {"icao": "OIYY", "city": None, "opened": date(2000, 1, 2), "country": None},
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"icao": 5, "country_code": "IR"}, r"rows\[1\]\.icao: 5 is no text; a code is written in quotes"),
        ({"country_code": "IR"}, r"rows\[1\]\.icao: is required and not there"),
        ({"icao": "OIIE", "country_code": "IR"}, r"has the icao of rows\[0\]"),
        ({"icao": "X", "country_code": "IR", "opened": "1404-13-01"}, r"opened: '1404-13-01' .*month"),
        ({"icao": "X", "country_code": None}, r"country_code: is required and null"),
        ({"icao": "X", "country_code": "IR", "name": "x"}, r"name: there is no such column"),
        ({"icao": "X", "country_code": "IR", "elevation": "high"}, r"elevation: 'high' could not convert"),
    ],
)
def test_a_row_that_the_contract_does_not_allow_is_refused_by_name(row: dict[str, Any], problem: str) -> None:
    first = {"icao": "OIIE", "country_code": "IR"}
    with pytest.raises(MockSetup, match=problem):
        MockService(documents(), rows={"air.airports": [first, row]})


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("contracts/nothing.yaml", r"contracts/nothing\.yaml cannot be read: No such file or directory"),
        ("agency: air\ndataset: airports\n", "This is the text of a contract, and no path"),
        ("{" + "x" * 5000, r"^\{x{79}… cannot be read: File name too long"),
        ("nul\x00", "cannot be read: "),
        (b"contract.yaml", "bytes is no contract"),
        (None, "NoneType is no contract"),
        ([5], "int is no contract"),
    ],
)
def test_what_is_no_contract_is_refused_with_what_to_give(source: Any, problem: str) -> None:
    with pytest.raises(MockSetup, match=problem) as caught:
        MockService(source)
    assert caught.value.hint is not None
    assert "document itself" in caught.value.hint


def test_a_dataset_without_a_contract_is_named_with_those_that_have_one(service: MockService) -> None:
    with pytest.raises(MockSetup, match=r"no contract of air\.nothing") as caught:
        service.rows("air.nothing")
    assert caught.value.hint is not None
    assert "air.airports" in caught.value.hint
    with service.client() as gsb, pytest.raises(NotFound):
        gsb.dataset("air.nothing").first()


# What happens at the service -------------------------------------------------------------------------------


def test_a_recalled_release_is_read_by_nobody_and_the_one_before_is_current_again(service: MockService) -> None:
    with service.client() as gsb:
        page = next(gsb.dataset("air.airports").pages(5))
        assert service.release("air.airports", [{"icao": "OIIE", "country_code": "IR"}]) == 2
        service.recall("air.airports", 2)
        assert gsb.dataset("air.airports").count() == 30
        with pytest.raises(ReleaseRecalled):
            gsb.dataset("air.airports", release=2).first()
        service.recall("air.airports", 1)
        for after in (None, page.cursor):
            with pytest.raises(ReleaseRecalled):
                list(gsb.dataset("air.airports").rows(after=after))


def test_a_release_past_its_retention_is_gone(service: MockService) -> None:
    service.release("air.airports")
    service.forget("air.airports", 1)
    with service.client() as gsb:
        with pytest.raises(ReleaseGone):
            gsb.dataset("air.airports", release=1).first()
        assert [one.seq for one in gsb.dataset("air.airports").releases()] == [2]
    with pytest.raises(MockSetup, match="is current"):
        service.forget("air.airports", 2)


def test_what_is_withheld_withdrawn_or_on_its_way_out_is_told(service: MockService) -> None:
    service.withhold("air.airports", "city")
    service.deprecate("geo.countries", until=date(2026, 6, 1), successor="geo.states")
    service.withdraw("fly.flights")
    with service.client() as gsb:
        assert "city" not in (gsb.dataset("air.airports").first() or {})
        with pytest.raises(Withheld):
            gsb.dataset("air.airports").select("city").first()
        with pytest.warns(DatasetDeprecated, match=r"2026-06-01; use geo/states"):
            assert gsb.dataset("geo.countries").count() == 30
        with pytest.raises(DatasetWithdrawn):
            gsb.dataset("fly.flights").first()
        service.withhold("air.airports")
    with service.client() as gsb, pytest.raises(Withheld):
        gsb.dataset("air.airports").first()


def test_a_withdrawn_dataset_tells_its_successor_and_is_back_with_a_release(service: MockService) -> None:
    service.withdraw("geo.countries", successor="geo.states")
    with service.client() as gsb:
        assert gsb.dataset("geo.countries").contract.successor == "geo/states"
        with pytest.raises(DatasetWithdrawn, match="Ask geo/states instead"):
            gsb.dataset("geo.countries").first()
    service.release("geo.countries")
    with service.client() as gsb, warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gsb.dataset("geo.countries").count() == 20


def test_a_dataset_on_its_way_out_stays_so_whatever_is_released(service: MockService) -> None:
    service.deprecate("geo.countries", until=date(2026, 6, 1))
    service.release("geo.countries")
    with service.client() as gsb, pytest.warns(DatasetDeprecated, match="2026-06-01"):
        assert gsb.dataset("geo.countries").count() == 30


def test_cells_of_every_release_are_made_of_as_many_records() -> None:
    """And not of as many as there were cells."""
    only = {"only": True, "dimensions": ["kind"], "measures": [], "minCell": 10}
    kind = field("kind", "string", required=True, categories=["a", "b"])
    service = MockService([dataset("edu", "marks", "Mark", [kind], aggregates=only)], records=40)
    service.release("edu.marks")
    with service.client() as gsb:
        marks = gsb.dataset("edu.marks")
        assert [marks.release(seq).aggregate() for seq in (1, 2)] == [({"count": 40},)] * 2


def test_a_day_means_the_release_that_was_current_at_its_end(service: MockService) -> None:
    service.clock.move(days=3)
    service.release("geo.countries", [{"code": "IR", "name": "ایران"}])
    with service.client() as gsb:
        countries = gsb.dataset("geo.countries")
        assert countries.release(date(2026, 1, 3)).count() == 30
        assert countries.release(date(2026, 1, 4)).count() == 1
        with pytest.raises(NotFound):
            countries.release(date(2025, 12, 31)).count()


def test_changes_between_two_releases_are_told_by_key() -> None:
    rows = [{"code": code, "name": code, "population": 5} for code in ("A", "B", "C")]
    service = MockService(documents(), rows={"geo.countries": rows})
    service.release("geo.countries", [{"code": "A", "name": "A"}, rows[1], {"code": "D", "name": "D"}])
    with service.client() as gsb:
        found = list(gsb.dataset("geo.countries").changes(since=1))
    assert [(one.kind, one.key["code"], one.fields) for one in found] == [
        ("changed", "A", ("population",)),
        ("removed", "C", ()),
        ("added", "D", ()),
    ]


# Limits and failures ---------------------------------------------------------------------------------------


def test_a_window_refuses_and_has_room_again_when_time_has_passed() -> None:
    service = MockService(documents(), points_per_minute=16)
    with service.client() as other, service.client(max_retries=0) as gsb:
        assert len(list(other.dataset("geo.countries").rows())) == 20
        assert other.last_response is not None
        assert '"minute";r=10;t=60' in other.last_response.headers["ratelimit"]
        with pytest.raises(RateLimited) as caught:
            list(gsb.dataset("geo.countries").rows())
        assert caught.value.retry_after == 60
        service.clock.move(seconds=60)
        assert len(list(gsb.dataset("geo.countries").rows())) == 20


def test_a_client_waits_by_the_clock_of_the_mock_and_takes_no_time() -> None:
    service = MockService(documents(), records=400, points_per_minute=30)
    with service.client() as gsb:
        for _ in range(20):
            assert len(list(gsb.dataset("geo.countries").rows())) == 400
    assert service.clock.slept > 100
    assert all(one.status == 200 for one in service.requests)


def test_a_month_that_is_spent_says_when_the_next_one_begins() -> None:
    service = MockService(documents(), points_per_month=8)
    with service.client() as gsb:
        assert gsb.dataset("geo.countries").count() == 20
        assert [(one.name, one.limit, one.remaining) for one in gsb.limits()] == [("month", 8, 2)]
        with pytest.raises(QuotaExhausted) as caught:
            gsb.dataset("air.airports").count()
        assert caught.value.resets_at is not None
        service.clock.move(days=31)
        assert gsb.dataset("air.airports").count() == 20


def test_failures_come_when_they_are_ordered(service: MockService) -> None:
    with service.client() as gsb:
        service.fail_next("UNAVAILABLE", times=2, on="/graphql")
        assert gsb.dataset("geo.countries").count() == 30
        service.fail_next(502, times=3)
        with pytest.raises(Unavailable):
            gsb.whoami()
        service.fail_next("disconnect", times=3)
        with pytest.raises(ConnectionFailed):
            gsb.limits()
        service.fail_next("INTERNAL")
        with pytest.raises(ServerError):
            gsb.whoami()
        assert gsb.whoami().credential == "key"
    statuses = [one.status for one in service.requests]
    assert statuses == [200, 503, 503, 200, 502, 502, 502, 0, 0, 0, 500, 200]


@pytest.mark.parametrize("what", ["NOTHING", 200, 600])
def test_a_failure_that_there_is_not_is_refused(service: MockService, what: str | int) -> None:
    with pytest.raises(MockSetup, match="cannot fail"):
        service.fail_next(what)


@pytest.mark.parametrize("path", ["/api/v1/auth/token", "/graphql"])
def test_a_body_that_is_none_is_refused(service: MockService, path: str) -> None:
    with httpx2.Client(transport=service.transport(), base_url=URL) as http:
        refused = http.post(path, content=b"{", headers={"authorization": f"Bearer {KEY}"})
    assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_REQUEST")


def test_a_mock_that_was_asked_for_no_rows_has_made_no_schema(service: MockService) -> None:
    """It is most of what a mock takes."""
    with service.client() as gsb:
        assert gsb.whoami().plan == "open"
        assert service._endpoint is None
        assert gsb.dataset("geo.countries").count() == 30
        assert service._endpoint is not None


def test_what_was_asked_is_told(service: MockService) -> None:
    with service.client() as gsb:
        gsb.dataset("geo.countries").where(code="0001").first()
    asked = service.requests[-1]
    assert (asked.method, asked.path, asked.status, asked.points) == ("POST", "/graphql", 200, 6)
    assert asked.variables == {"where": {"code": {"eq": "0001"}}, "first": 1}
    assert asked.document is not None
    assert "geo { countries(" in asked.document


# All ways to read ------------------------------------------------------------------------------------------


def test_a_long_document_is_asked_by_its_hash_and_sent_once(service: MockService) -> None:
    document = "{ geo { countries(first: 1) { nodes { code } } } }" + "#" + "x" * 600
    with service.client() as gsb:
        first, again = gsb.graphql(document), gsb.graphql(document)
    assert first.data == again.data
    assert [(one.status, one.document is None) for one in service.requests] == [(400, True), (200, False), (200, True)]


def test_frames_and_files_hold_what_pages_hold(service: MockService, tmp_path: Path) -> None:
    with service.client() as gsb:
        flights = gsb.dataset("fly.flights")
        rows = list(flights.rows())
        assert flights.to_arrow().to_pylist() == rows
        assert flights.limit(30).to_arrow().to_pylist() == rows
        assert len(flights.to_pandas()) == len(flights.to_polars()) == 30
        assert flights.duckdb().sql("select count(distinct day) from flights").fetchone() is not None
        done = flights.download(tmp_path / "flights.parquet")
        assert hashlib.sha256(done.paths[0].read_bytes()).hexdigest() == done.sha256[0]
        assert len((tmp_path / "flights.parquet").read_bytes()) == done.bytes
        assert flights.download(tmp_path / "flights.csv", "csv").rows == 30


def test_asyncio_has_the_same_by_the_same_names(service: MockService, tmp_path: Path) -> None:
    async def main() -> None:
        async with service.async_client() as gsb:
            airports = gsb.dataset("air.airports")
            rows = [row async for row in airports.rows()]
            assert len(rows) == await airports.count() == 30
            await airports.download(tmp_path / "airports.csv", "csv")
            assert (await gsb.whoami()).plan == "open"

    asyncio.run(main())
    assert len((tmp_path / "airports.csv").read_text("utf-8").splitlines()) == 31


def test_what_is_free_is_free_and_usage_adds_up(service: MockService) -> None:
    with service.client() as gsb:
        countries = gsb.dataset("geo.countries")
        assert gsb.price(countries) == 11
        countries.count()
        countries.where(F.code == "0001").count()
        gsb.datasets.list()
        assert sum(one.points for one in gsb.usage()) == sum(one.points for one in service.requests) == 13


def test_a_document_of_ones_own_may_ask_for_anything(service: MockService) -> None:
    document = """query ($id: ID!) {
      geo { countries(first: 2) { totalCount nodes { name airports(first: 3, orderBy: CITY_DESC) { totalCount
        nodes { icao departures { estimatedCount } } } } } country(by: {code: "0001"}) { code } }
      dataset(id: $id) { path fields { name } current { rows } }
      __schema { queryType { name } }
    }"""
    with service.client() as gsb:
        result = gsb.graphql(document, {"id": "air/airports"})
        assert result.data["geo"]["country"] == {"code": "0001"}
        assert result.data["dataset"]["current"] == {"rows": 30}
        assert {one.dataset for one in result.receipt} == {"countries", "airports", "flights"}
        assert result.terms is not None
        for wrong, reason in (
            ("{ geo { countries { nodes { nothing } } } }", "validation"),
            ("{ geo {", "parse"),
            ("{ geo { countries(first: 1001) { totalCount } } }", "page_size"),
            ("{ geo { countries(where: {}) { totalCount } } }", "empty_condition"),
            ('{ geo { countries(after: "x") { totalCount } } }', "cursor"),
            ("{ geo { countries(where: {code: {eq: null}}) { totalCount } } }", "null_operand"),
        ):
            with pytest.raises(InvalidRequest) as caught:
                gsb.graphql(wrong)
            assert caught.value.reason == reason


def test_a_later_major_is_asked_by_its_own_names() -> None:
    """A dataset whose contract broke once: its lists, aggregates and changes end with the major."""
    service = MockService([*documents(), later_major()])
    with service.client() as gsb:
        airports = gsb.dataset("air.airports_v2")
        assert sum(group["count"] for group in airports.aggregate(["city"])) == airports.count() == 20
        service.release("air.airports_v2")
        assert {one.kind for one in airports.changes(since=1)} == {"changed"}
