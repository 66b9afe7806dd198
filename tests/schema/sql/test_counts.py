"""Counts of a list that is longer than the limit up to which counting costs next to nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.schema.conftest import Ask
from tests.schema.worlds import COMMON, declare, release

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import QueryTooCostly

ROWS = 24_000
TICKETS = (
    COMMON
    + """
agency: fly
dataset: tickets
recordName: Ticket
title: { fa: "بلیت‌ها", en: "Tickets" }
primaryKey: [number]
fields:
  - { name: number, type: integer, label: { fa: "ش", en: "No." }, constraints: { required: true }, filters: [range] }
  - { name: origin, type: string, label: { fa: "مبدأ", en: "Origin" }, constraints: { required: true }, filters: [eq] }
  - { name: fare, type: integer, label: { fa: "بها", en: "Fare" }, filters: [eq, range, isNull] }
links:
  - name: airport
    fields: [origin]
    to: air/airports
    toFields: [icao]
    reverse: tickets
    label: { fa: "مبدأ", en: "Origin" }
"""
)


@pytest.fixture
async def tickets(world: Connections, state_dir: Path) -> None:
    """The first half starts in OIIE, as rows that arrive together are alike; fares repeat every seven rows."""
    await declare(world, TICKETS)
    rows = (f"{n},{'OIIE' if n <= ROWS // 2 else 'OIII'},{n % 7 or ''}" for n in range(1, ROWS + 1))
    outcome = await release(world, state_dir, "fly/tickets", "\n".join(["number,origin,fare", *rows, ""]))
    assert outcome.release is not None


COUNTS = "totalCount exact: totalCount(exact: true) estimatedCount"


async def counts(ask: Ask, where: str) -> dict[str, Any]:
    answer = await ask(f"{{ fly {{ tickets({where}) {{ {COUNTS} }} }} }}")
    page: dict[str, Any] = answer["data"]["fly"]["tickets"]
    return page


@pytest.fixture(params=[256, 16], ids=["all pages", "a page in ten"])
def sample_pages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    pages: int = request.param
    monkeypatch.setattr("publicgsb.schema.sql.counts.SAMPLE_PAGES", pages)
    return pages


@pytest.mark.usefixtures("tickets")
async def test_counts_are_exact_up_to_ten_thousand_and_beyond_it_one_is_null_one_exact_and_one_near(
    ask: Ask, sample_pages: int
) -> None:
    assert await counts(ask, "first: 1") == {"totalCount": ROWS, "exact": ROWS, "estimatedCount": ROWS}
    at_limit = await counts(ask, "first: 1, where: {number: {lte: 10000}}")
    assert at_limit == {"totalCount": 10_000, "exact": 10_000, "estimatedCount": 10_000}
    just_above = await counts(ask, "first: 1, where: {number: {lte: 10001}}")
    assert (just_above["totalCount"], just_above["exact"]) == (None, 10_001)
    for where, exact in (
        ('{origin: {eq: "OIIE"}}', ROWS // 2),
        ("{fare: {lte: 3}}", sum(1 <= n % 7 <= 3 for n in range(1, ROWS + 1))),
        ("{not: {fare: {eq: 1}}}", sum(n % 7 != 1 for n in range(1, ROWS + 1))),
    ):
        found = await counts(ask, f"first: 1, where: {where}")
        assert (found["totalCount"], found["exact"]) == (None, exact)
        assert found["estimatedCount"] == (exact if sample_pages == 256 else pytest.approx(exact, rel=0.05))
        assert await counts(ask, f"first: 1, where: {where}") == found


@pytest.mark.usefixtures("tickets")
async def test_counts_below_another_record_follow_the_same_rule(ask: Ask) -> None:
    answer = await ask(f'{{ air {{ airport(by: {{icao: "OIIE"}}) {{ tickets(first: 0) {{ {COUNTS} }} }} }} }}')
    page = answer["data"]["air"]["airport"]["tickets"]
    assert (page["totalCount"], page["exact"]) == (None, ROWS // 2)
    assert page["estimatedCount"] == pytest.approx(ROWS // 2, rel=0.05)
    none = await ask(f'{{ air {{ airport(by: {{icao: "XXXX"}}) {{ tickets {{ {COUNTS} }} }} }} }}')
    assert none["data"]["air"]["airport"]["tickets"] == {"totalCount": 0, "exact": 0, "estimatedCount": 0}


@pytest.mark.usefixtures("tickets")
async def test_a_whole_dataset_is_counted_by_nobody(ask: Ask) -> None:
    answer = await ask(f"{{ fly {{ tickets(first: 0) {{ {COUNTS} }} }} }}")
    assert "count(*) <=" not in answer["sql"]
    assert answer["points"] == 1


@pytest.mark.parametrize(
    ("document", "points"),
    [
        ("fly { flights(where: {number: {gt: 0}}) { totalCount } }", 1 + 1),
        ("fly { flights(where: {number: {gt: 0}}) { estimatedCount } }", 1 + 1),
        ("fly { flights(where: {number: {gt: 0}}) { totalCount(exact: true) } }", 1 + 5),
        ("fly { flights(where: {number: {gt: 0}}) { a: totalCount(exact: true) b: totalCount(exact: true) } }", 1 + 10),
        ("fly { flights { totalCount(exact: true) estimatedCount } }", 1),
        ("air { airports { nodes { departures(first: 0) { totalCount } } } }", 1 + 1),  # 6 of 10 to a point
        ("air { airports { nodes { departures(first: 0) { totalCount(exact: true) } } } }", 1 + 30),
        ("air { airports { nodes { departures(first: 0) { estimatedCount } arrivals { totalCount } } } }", 1 + 6 + 1),
    ],
)
async def test_counts_cost_what_the_price_table_says_for_each_record_they_are_made_below(
    ask: Ask, document: str, points: int
) -> None:
    assert (await ask(f"{{ {document} }}"))["points"] == points


async def test_counts_below_many_records_come_to_more_than_one_operation_may_cost(ask: Ask) -> None:
    with pytest.raises(QueryTooCostly) as caught:
        await ask("{ air { airports(first: 1000) { nodes { departures(first: 0) { totalCount(exact: true) } } } } }")
    assert caught.value.details["reason"] == "points"
    assert caught.value.details["points"] == 1 + 10 + 5000
    (way,) = caught.value.details["cheaper"]
    assert (way["path"], way["fits"]) == ("air.airports", 199)
    await ask("{ air { airports(first: 199) { nodes { departures(first: 0) { totalCount(exact: true) } } } } }")


@pytest.mark.usefixtures("tickets")
async def test_the_role_that_may_only_read_released_tables_may_estimate(ask: Ask, world: Connections) -> None:
    answer = await ask('{ fly { tickets(first: 0, where: {origin: {eq: "OIIE"}}) { estimatedCount } } }')
    async with world.transaction() as connection:
        await connection.execute("set local role gsb_reader")
        row = await connection.fetchrow(answer["sql"], *answer["arguments"])
    assert row is not None
    assert json.loads(row[0]) == answer["data"]["fly"]["tickets"]
    assert "pg_relation_size" in answer["sql"]
