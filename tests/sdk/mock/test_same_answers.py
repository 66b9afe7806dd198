"""The same questions to the service and to a mock of it over the same rows: the answers are the same.

The oracle's world of nasty rows, asked through the SDK. Prices and codes of errors are compared too; cursors by what
they lead to.
"""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import httpx2
import pytest
from tests.app import Service, running
from tests.schema.oracle import contracts, guarded, places
from tests.schema.oracle.building import Builder
from tests.schema.oracle.facts import Facts
from tests.schema.oracle.rows import exam_rows, note_rows, province_rows, school_rows

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from publicgsb_sdk import AsyncClient, F, jalali
from publicgsb_sdk.errors import ApiError
from publicgsb_sdk.testing import URL, MockService

Rows: TypeAlias = dict[str, list[list[dict[str, Any]]]]  # of each release, by dataset
Ask: TypeAlias = Callable[[AsyncClient], Awaitable[Any]]
AGENCIES = (("geo", "جغرافیا", "Geography"), ("edu", "آموزش", "Education"), ("old", "بایگانی", "Archive"))


async def all_rows(query: Any) -> list[Any]:
    return [row async for row in query.rows()]


async def walked(query: Any, size: int) -> list[Any]:
    """Page by page, each by the cursor of the one before."""
    return [page.rows async for page in query.pages(size)]


async def changed(query: Any, since: Any) -> list[Any]:
    return [one async for one in query.changes(since=since)]


async def document(gsb: AsyncClient, text: str, **variables: Any) -> Any:
    result = await gsb.graphql(text, variables)
    return result.data, [(one.code, one.path) for one in result.errors]


async def table(query: Any) -> Any:
    """In no order: a file that is not made yet is read in that of its source, Parquet in that of the key."""
    found = await query.to_arrow()
    return sorted(map(str, found.to_pylist())), [(one.name, str(one.type), one.metadata) for one in found.schema]


async def releases(gsb: AsyncClient) -> Any:
    return [(one.seq, one.rows, one.contract) for one in await gsb.dataset("geo.places").releases()]


async def contract_of(gsb: AsyncClient, name: str) -> Any:
    contract = await gsb.dataset(name).contract
    return contract.fields, contract.links, contract.orderings, contract.groupings, contract.primary_key


def rows_of(dataset: str, /, **where: Any) -> Ask:
    return lambda gsb: all_rows(gsb.dataset(dataset).where(where))


def ordered(name: str, order: str, size: int = 7) -> Ask:
    return lambda gsb: walked(gsb.dataset(name).order_by(order), size)


def asked(text: str, **variables: Any) -> Ask:
    return lambda gsb: document(gsb, text, **variables)


def grouped(name: str, by: list[str], order: str | None = None, **figures: Any) -> Ask:
    def ask(gsb: AsyncClient) -> Awaitable[Any]:
        query = gsb.dataset(name)
        return (query if order is None else query.order_by(order)).aggregate(by, **figures)

    return ask


MEASURED: dict[str, Any] = {"sum": ["pupils", "registry_no", "rating", "budget"], "avg": ["pupils", "rating", "budget"]}
NOON = datetime(2026, 1, 2, 8, 30, tzinfo=UTC)
QUESTIONS: dict[str, Ask] = {
    "all provinces": rows_of("geo.provinces"),
    "all schools": rows_of("edu.schools"),
    "all exams": rows_of("edu.exams"),
    "all notes": rows_of("edu.notes"),
    "all places": rows_of("geo.places"),
    "eq": rows_of("geo.provinces", code={"eq": "01"}),
    "in": rows_of("geo.provinces", code=["01", "07", "77"]),
    "eq null": rows_of("geo.provinces", name=None),
    "not null": rows_of("geo.provinces", name={"is_null": False}),
    "range of bigints": rows_of("geo.provinces", population={"gte": -1, "lt": 9_007_199_254_740_994}),
    "range of decimals": rows_of("geo.provinces", area={"gt": Decimal("-4"), "lte": Decimal("10.5")}),
    "equal decimals of other scale": rows_of("geo.provinces", area=Decimal("10.500")),
    "range of floats": rows_of("edu.schools", rating={"gt": 0, "lte": 4055}),
    "range of days": rows_of("edu.schools", founded={"gte": jalali("1404-12-29"), "lt": date(2026, 3, 22)}),
    "range of moments": rows_of("edu.schools", updated_at={"gte": NOON}),
    "truth": rows_of("edu.schools", is_public=True),
    "year": rows_of("edu.schools", opened_year={"lte": 1979}),
    "text order": rows_of("edu.schools", name={"gte": "آ", "lt": "ت"}),
    "starts with": rows_of("edu.schools", name={"starts_with": "ت"}),
    "contains in another spelling": rows_of("geo.places", name={"contains": "علي‌اباد"}),
    "contains digits": rows_of("geo.places", name={"contains": "ده ۱۲"}),
    "contains Latin": rows_of("geo.places", name={"contains": "ZUR"}),
    "or": lambda gsb: all_rows(gsb.dataset("edu.schools").where((F.code == "0001") | F.rating.is_null())),
    "not over nulls": lambda gsb: all_rows(gsb.dataset("edu.schools").where(~(F.rating > 1))),
    "and of groups": lambda gsb: all_rows(
        gsb.dataset("edu.schools").where((F.pupils == 7) | (F.pupils == 0), ~F.code.in_(["0001"]))
    ),
    "by name": ordered("geo.provinces", "name"),
    "by name, reversed": ordered("geo.provinces", "-name"),
    "by population": ordered("geo.provinces", "population", 2),
    "by area, reversed": ordered("geo.provinces", "-area", 2),
    "by the alphabet": ordered("geo.provinces", "by_letter", 3),
    "by the alphabet, reversed": ordered("geo.places", "-by_letter", 5),
    "by rating": ordered("edu.schools", "rating", 4),
    "by moments": ordered("edu.schools", "-updated_at", 4),
    "by two columns": ordered("edu.schools", "by_province", 5),
    "by truth": ordered("edu.exams", "day", 9),
    "by key, reversed": ordered("edu.exams", "-key", 9),
    "without a key": ordered("edu.notes", "text", 6),
    "a link": lambda gsb: all_rows(gsb.dataset("edu.schools").select("code", "province.name", "province.parent.code")),
    "a link by a composite key": lambda gsb: all_rows(
        gsb.dataset("edu.notes").select("text", "exam.score", "writer.code")
    ),
    "a link to itself": lambda gsb: all_rows(gsb.dataset("edu.schools").select("code", "twin.code", "twin.twin.name")),
    "first": lambda gsb: gsb.dataset("geo.places").order_by("-height").first(),
    "first of none": lambda gsb: gsb.dataset("geo.provinces").where(code="nothing").first(),
    "limit": lambda gsb: all_rows(gsb.dataset("edu.exams").limit(13)),
    "count": lambda gsb: gsb.dataset("edu.exams").count(),
    "count of some": lambda gsb: gsb.dataset("edu.exams").where(subject="art").count(),
    "search": lambda gsb: all_rows(gsb.dataset("geo.places").search("تهران")),
    "search in another spelling": lambda gsb: all_rows(gsb.dataset("geo.places").search("خميني شهر")),
    "search joined": lambda gsb: all_rows(gsb.dataset("geo.places").search("علیاباد")),
    "search with a slip": lambda gsb: all_rows(gsb.dataset("geo.places").search("تهارن")),
    "search narrowed, in pages": lambda gsb: walked(gsb.dataset("geo.places").where(kind="ده").search("آباد"), 2),
    "near": lambda gsb: all_rows(gsb.dataset("geo.places").near(35.7, 51.4, within_km=200)),
    "near, in pages": lambda gsb: walked(gsb.dataset("geo.places").near(35.700123, 51.400456, within_km=25), 3),
    "near the pole": lambda gsb: all_rows(gsb.dataset("geo.places").near(89.95, 10, within_km=120)),
    "near the date line": lambda gsb: all_rows(gsb.dataset("geo.places").near(0, 180, within_km=199.5)),
    "whole": grouped("edu.schools", [], **MEASURED, min=["rating", "budget"], max=["budget", "pupils"]),
    "by a column": grouped("edu.schools", ["province_code"], count_distinct=["pupils", "is_public"], **MEASURED),
    "by three": grouped("edu.exams", ["subject", "is_final", "held_on.month"], sum=["score"]),
    "by Jalali months": grouped("edu.schools", ["founded.jalali_month"], "-count", avg=["budget"]),
    "by Jalali years": grouped("edu.schools", ["founded.jalali_year"], avg=["rating"]),
    "by moments' days": grouped("edu.schools", ["updated_at.day"], sum=["pupils"]),
    "by a sum": grouped("geo.places", ["kind"], "-sum_height", sum=["height", "lon"], min=["lat"]),
    "by a mean": grouped("geo.places", ["province_code"], "avg_lon", avg=["height", "lat", "lon"]),
    "cells": grouped("edu.pupils", ["province_code", "sex"], sum=["days", "number", "fee"], avg=["score", "fee"]),
    "cells by months": grouped("edu.pupils", ["born.jalali_month"], sum=["score", "weight"]),
    "some cells": lambda gsb: gsb.dataset("edu.pupils").where(F.seen >= NOON, sex="m").aggregate(["seen.month"]),
    "an old release": lambda gsb: all_rows(gsb.dataset("geo.places", release=1).order_by("name")),
    "a whole table": lambda gsb: table(gsb.dataset("edu.schools")),
    "a table of some": lambda gsb: table(
        gsb.dataset("geo.places").where(kind="ده").select("name", "lon", "province.name")
    ),
    "releases": releases,
    "changes": lambda gsb: changed(gsb.dataset("geo.places"), 1),
    "changes of some": lambda gsb: changed(gsb.dataset("geo.places").where(kind="ده").select("id", "name"), 1),
    "price of rows": lambda gsb: gsb.price(gsb.dataset("edu.schools").select("code", "province.name")),
    "price of a search": lambda gsb: gsb.price(gsb.dataset("geo.places").search("تهران").limit(30)),
    "price of much": lambda gsb: gsb.price(
        "{ geo { provinces(first: 20) { totalCount nodes { schools(first: 30, where: {pupils: {isNull: false}}) "
        "{ totalCount nodes { exams(first: 5) { estimatedCount nodes { score } } } } } } "
        "placesAggregate(groupBy: [KIND]) { groups { count countDistinct { height } } } } }"
    ),
    "contract": lambda gsb: contract_of(gsb, "geo.places"),
    "schema": lambda gsb: gsb.dataset("edu.schools").select("code", "province.name").schema,
    "lists below records": asked(
        """{ geo { provinces(first: 4, orderBy: POPULATION_DESC) { nodes { code schools(first: 2, orderBy: NAME_ASC) {
        totalCount pageInfo { hasNextPage hasPreviousPage } nodes { name
        exams(last: 2) { totalCount nodes { subject } } } } children(first: 3) { nodes { code } } } } } }"""
    ),
    "shortcuts": asked(
        """{ edu { exams(first: 60) { nodes { schoolCode writers(first: 4, orderBy: RATING_DESC) { totalCount
        nodes { code } } } } schools(first: 9) { nodes { examsNoted(first: 3) { nodes { subject heldOn } } } } } }"""
    ),
    "price of shortcuts": lambda gsb: gsb.price(
        """{ edu { exams(first: 60) { nodes { writers(first: 4) { totalCount nodes { code examsNoted(first: 1) {
        estimatedCount nodes { school { code } } } } } } } schools(first: 9) { edges { node { examsNoted(last: 3,
        before: "bm8") { pageInfo { hasNextPage } nodes { subject } } } } } } }"""
    ),
    "a page of one group too large": asked("{ edu { examsAggregate(first: 1001) { groups { count } } } }"),
    "backwards": asked(
        "{ edu { exams(last: 5, orderBy: SCORE_ASC) { nodes { score } pageInfo { hasPreviousPage } } } }"
    ),
    "by keys": asked(
        """{ edu { school(by: {code: "0003"}) { name } b: school(by: {registryNo: "101"}) { code }
        exam(by: {schoolCode_heldOn_subject: {schoolCode: "0000", heldOn: "2026-03-19", subject: "art"}}) { score }
        } }"""
    ),
    "fragments, aliases and directives": asked(
        """query ($with: Boolean!) { geo { a: provinces(first: 2) { ...p } b: provinces(last: 1) { ...p } } }
        fragment p on GeoProvinceConnection { nodes { n: name area @skip(if: $with) code @include(if: $with) } }""",
        **{"with": True},
    ),
    "the catalogue": asked(
        '{ dataset(id: "geo/places") { path search orderings { name alphabet } coordinates { lat } } }'
    ),
    "a withheld field": asked("{ edu { schools(first: 1) { nodes { code head } } } }"),
    "a field that there is not": asked("{ edu { schools { nodes { nothing } } } }"),
    "no GraphQL": asked("{ edu {"),
    "a page too large": asked("{ edu { schools(first: 1001) { totalCount } } }"),
    "two directions": asked("{ edu { schools(first: 1, last: 1) { totalCount } } }"),
    "an empty condition": asked("{ edu { schools(where: {}) { totalCount } } }"),
    "a null operand": asked("{ edu { schools(where: {code: {eq: null}}) { totalCount } } }"),
    "a short contains": asked('{ geo { places(where: {name: {contains: "a"}}) { totalCount } } }'),
    "a short search": asked('{ geo { places(search: "a") { totalCount } } }'),
    "search with an order": asked('{ geo { places(search: "تهران", orderBy: NAME_ASC) { totalCount } } }'),
    "no place on Earth": asked("{ geo { places(near: {lat: 91, lon: 0, withinKm: 5}) { totalCount } } }"),
    "a foreign cursor": asked('{ edu { schools(after: "bm8") { totalCount } } }'),
    "not grouped by": asked("{ edu { examsAggregate(groupBy: [SUBJECT]) { groups { key { isFinal } } } } }"),
    "groupings twice": asked("{ edu { examsAggregate(groupBy: [SUBJECT, SUBJECT]) { totalGroups } } }"),
    "too costly": asked("{ edu { schools(first: 1000) { nodes { exams(first: 1000) { totalCount } } } } }"),
    "no such release": lambda gsb: all_rows(gsb.dataset("geo.places", release=9)),
    "a day before all": lambda gsb: all_rows(gsb.dataset("geo.places", release=date(1999, 1, 1))),
    "no such dataset": lambda gsb: all_rows(gsb.dataset("geo.nothing")),
    "a wrong variable": asked("query ($n: Int!) { edu { schools(first: $n) { totalCount } } }", n="many"),
    "a variable that is missing": asked("query ($n: Int!) { edu { schools(first: $n) { totalCount } } }"),
    "a wrong scalar": asked('{ edu { schools(where: {founded: {gte: "1404-13-01"}}) { totalCount } } }'),
}


async def outcome(ask: Ask, gsb: AsyncClient) -> Any:
    try:
        return await ask(gsb)
    except ApiError as error:
        return error.code, error.status, error.reason


async def built(connections: Connections, folder: Path, facts: Facts) -> Rows:
    """The world in the database; the rows of its releases by dataset."""
    dice = random.Random(1404)
    first = places.rows(dice, 70)
    rows: Rows = {
        "old/registers": [[{"code": "r1", "title": "دفتر"}, {"code": "r2", "title": None}]],
        "geo/provinces": [province_rows(dice, 12)],
        "edu/schools": [school_rows(dice, 44, is_late=True)],
        "edu/exams": [exam_rows(dice, 90)],
        "edu/notes": [note_rows(dice, 60)],
        "geo/places": [first, places.edited(dice, first, 25)],
        "edu/pupils": [guarded.pupil_rows(dice, 300)],
    }
    for slug, fa, en in AGENCIES:
        await add_agency(connections, slug, Label(fa, en), "tests")
    builder = Builder(connections, folder, facts)
    declared = (contracts.registers(), contracts.provinces(), contracts.schools(is_late=True), contracts.exams())
    for one in (*declared, contracts.notes(), places.documents()[1], guarded.pupils(is_late=True)):
        await builder.declare(one)
        for released in rows[f"{one['agency']}/{one['dataset']}"]:
            await builder.release(f"{one['agency']}/{one['dataset']}", released)
    return rows


async def mocked(service: Service, rows: Rows) -> MockService:
    """Over what the service publishes of itself, and the same rows."""
    pages = []
    for name in rows:
        agency, _, dataset = name.partition("/")
        pages.append((await service.http.get(f"/api/v1/agencies/{agency}/datasets/{dataset}")).json())
    return mock_of(pages, rows)


def mock_of(pages: list[dict[str, Any]], rows: Rows) -> MockService:
    given = {name: [[_without_empty(row) for row in one] for one in each] for name, each in rows.items()}
    mock = MockService(pages, rows={name: each[0] for name, each in given.items()})
    for name, (_, *later) in given.items():
        for one in later:
            mock.release(name, one)
    return mock


def _without_empty(row: dict[str, Any]) -> dict[str, Any]:
    """An empty cell of a file is no value."""
    return {name: None if value == "" else value for name, value in row.items()}


@pytest.mark.prove
async def test_the_mock_answers_as_the_service_does(
    settings: Settings, connections: Connections, state_dir: Path
) -> None:
    assert len(QUESTIONS) > 60
    rows = await built(connections, state_dir, Facts())
    async with running(settings, connections) as service:
        mock = await mocked(service, rows)
        real = AsyncClient(await service.data_key(), "http://gsb", http_client=service.http)
        async with mock.async_client() as made_up:
            differing = {}
            for name, ask in QUESTIONS.items():
                theirs, mine = await outcome(ask, real), await outcome(ask, made_up)
                if theirs != mine:
                    differing[name] = (theirs, mine)
        for name in sorted(set(rows) - {"edu/pupils"}):  # the mock makes no files of cells
            path = f"/files/{name}/1.csv"
            mine = httpx2.Client(transport=mock.transport(), base_url=URL).get(path).content
            assert (await service.http.get(path)).content == mine, name
    for name, pair in differing.items():
        print(name, *pair, sep="\n    ")
    assert differing == {}
