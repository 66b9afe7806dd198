"""Aggregate-only releases: what becomes of the rows, and what is published of them."""

import csv
import io
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from tests.cells import MIN_CELL, PATIENTS, Cell, Key, cells_of, patients, published, release_patients
from tests.schema.worlds import COMMON, declare, release

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.catalogue import catalogue, dataset_page
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.yaml import read_text
from publicgsb.datasets.files import Downloads
from publicgsb.datasets.ingest import jalali
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest


async def registry_of(connections: Connections) -> Registry:
    async with connections.use() as connection:
        return await load_registry(connection)


async def file_of(connections: Connections) -> str:
    current = (await registry_of(connections)).datasets["health", "patients"].current
    assert current is not None
    chunks = Downloads(connections).chunks(current, has_bom=False)
    return b"".join([chunk async for chunk in chunks]).decode()


async def test_the_file_holds_the_cells_of_enough_rows_and_nothing_else(
    connections: Connections, state_dir: Path
) -> None:
    rows = patients(1)
    outcome = await release_patients(connections, state_dir, rows)
    assert outcome.release is not None, outcome.report.as_table("en")
    wanted = published(rows)
    found = {}
    for line in csv.DictReader(io.StringIO(await file_of(connections))):
        year, month, day = jalali.from_date(date.fromisoformat(line["born"]))
        assert (month, day) == (1, 1) and line["seen"].endswith("-01T00:00:00+00:00")
        key = Key(line["province"], line["sex"] or None, year, line["seen"][:7])
        cost, days = line["cost_sum"], line["days_sum"]
        found[key] = Cell(
            int(line["count"]),
            Decimal(cost) if cost else None,
            int(line["cost_count"]),
            int(days) if days else None,
            int(line["days_count"]),
        )
    assert found == wanted
    assert 0 < len(wanted) < len(cells_of(rows))


def numbers(told: object) -> Iterator[object]:
    if isinstance(told, (dict, list)):
        for part in told.values() if isinstance(told, dict) else told:
            yield from numbers(part)
    else:
        yield told


async def test_what_is_published_counts_and_hashes_cells_and_never_rows(
    connections: Connections, state_dir: Path
) -> None:
    rows = patients(2)
    outcome = await release_patients(connections, state_dir, rows)
    assert outcome.release is not None
    suppressed = len(cells_of(rows)) - len(published(rows))
    assert outcome.release.rows == len(published(rows))
    note = outcome.report.notes[-1].en
    assert f"{len(published(rows)):,} cells are published; {suppressed:,} of fewer than {MIN_CELL} rows" in note
    entry = (await registry_of(connections)).datasets["health", "patients"]
    assert entry.current is not None and entry.current.suppressed_cells == suppressed
    page = dataset_page(entry, "")
    told = [page, catalogue(await registry_of(connections), "")]
    assert page["release"]["suppressedCells"] == suppressed
    assert page["contract"]["aggregates"]["minCell"] == MIN_CELL
    assert outcome.release.rows in numbers(told)
    assert len(rows) not in numbers(told)


async def test_a_row_in_a_suppressed_cell_changes_nothing_that_is_published(
    connections: Connections, state_dir: Path
) -> None:
    """Else a hash, a size or a count would prove a guess at it."""
    rows = patients(3)
    small = next(key for key, cell in cells_of(rows).items() if cell.rows == 1)
    at = next(i for i, row in enumerate(rows) if cells_of([row]).keys() == {small})
    first = await release_patients(connections, state_dir, rows)
    before = await file_of(connections)
    rows[at] = rows[at]._replace(cost=Decimal("123456.78"), days=39)
    Random(5).shuffle(rows)
    second = await release_patients(connections, state_dir, rows)
    assert first.release is not None and second.release is not None
    assert (second.release.rows, second.release.sha256) == (first.release.rows, first.release.sha256)
    assert await file_of(connections) == before


async def test_no_table_and_no_file_holds_the_rows_afterwards(connections: Connections, state_dir: Path) -> None:
    outcome = await release_patients(connections, state_dir, patients(4))
    assert outcome.release is not None
    async with connections.use() as connection:
        columns = await connection.fetch(
            """select c.relname, array_agg(a.attname::text order by a.attnum) as names from pg_class c
               join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
               where c.relkind in ('r', 't', 'm') and c.relname ~ 'patients|rows_to_count' group by 1"""
        )
    assert {row["relname"]: row["names"] for row in columns} == {
        "health__patients__r1": [
            "province", "sex", "born", "seen", "_count", "_sum_cost", "_n_cost", "_sum_days", "_n_days", "_row",
        ]
    }  # fmt: skip
    assert not list((state_dir / "loading").glob("*"))


async def test_a_file_of_nothing_but_small_cells_releases_nothing(connections: Connections, state_dir: Path) -> None:
    outcome = await release_patients(connections, state_dir, patients(5, MIN_CELL - 1))
    assert outcome.release is None
    assert "nothing is left to publish" in outcome.report.as_table("en")
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.release") == 0
    outcome = await release(connections, state_dir, "health/patients", "province,sex\n")
    assert outcome.release is None


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("minCell: 3", "minCell: 1", "from 2 to"),
        ("only: true", "only: false", "left out where rows are released"),
        ("{ column: born, grain: jalaliYear }", "born", "cells need one of"),
        ("{ column: born, grain: jalaliYear }", "{ column: born, grain: week }", "one of: day"),
        ("measures: [cost, days]", "measures: [cost]", "neither a dimension nor a measure"),
        ("measures: [cost, days]", "measures: [cost, days, file_number]", "is withheld"),
        ("measures: [cost, days]", "measures: [cost, days, born]", "is a date"),
        ("measures: [cost, days]", "measures: [cost, days, nothing]", "no column `nothing`"),
        ("dimensions: [province, sex", "dimensions: [province, province, sex", "named twice"),
        ("dimensions: [province, sex", "dimensions: [cost, province, sex", "is a decimal"),
        ("name: sex,", "name: cost_sum,", "two columns of the file"),
        ("fields:\n", "primaryKey: [province]\nfields:\n", "releases none"),
        ("fields:\n", "orderings: [province]\nfields:\n", "releases none"),
        ('en: "Days" }', 'en: "Days" }, filters: [eq]', "are for dimensions"),
        ("fields:\n", "search: [province]\nfields:\n", "releases none"),
        ("filters: [eq, in]", "filters: [eq, contains]", "found by whole values"),
        ('en: "Days" }', 'en: "Days" }, access: registered', "released as a whole"),
    ],
)
def test_a_contract_of_cells_is_refused_with_its_reason(old: str, new: str, word: str) -> None:
    text = PATIENTS.replace(old, new)
    if "cost_sum" in new:
        text = text.replace("province, sex", "province, cost_sum")
    assert text != PATIENTS
    with pytest.raises(InvalidRequest) as refused:
        parse(read_text(text, "contract"))
    problems = refused.value.details["problems"]
    assert any(word in problem["message_en"] and problem["message_fa"] for problem in problems), problems


async def test_nobody_may_link_to_cells(
    connections: Connections, state_dir: Path, country: Callable[..., dict[str, object]],
    declare: Callable[..., Awaitable[object]],
) -> None:  # fmt: skip
    await release_patients(connections, state_dir, patients(6))
    link = {"name": "patient", "fields": ["code"], "to": "health/patients", "toFields": ["province"],
            "label": {"fa": "بیمار", "en": "Patient"}}  # fmt: skip
    with pytest.raises(InvalidRequest, match="releases no records"):
        await declare(country(links=[link]))


SALES = """
agency: trade
dataset: sales
recordName: Sale
title: { fa: "فروش", en: "Sales" }
fields:
  - { name: branch, type: string, label: { fa: "رشته", en: "Branch" } }
  - { name: turnover, type: number, format: decimal, label: { fa: "فروش", en: "Turnover" } }
aggregates: { dimensions: [branch], measures: [turnover], only: true, minCell: 3, pPercent: 10 }
"""
TURNOVERS = {
    "spread": ["100", "90", "6", "4"],  # 10 is 10 % of 100
    "dominated": ["100", "90", "6", "3.99"],
    "one alone": ["1000", "1", "1", "1"],
    "losses": ["-100", "90", "6", "3"],
    "nothing": ["0", "0", "0"],
    "too few": ["5", "5"],
}


async def test_a_sum_that_one_row_makes_nearly_all_of_is_not_published(
    connections: Connections, state_dir: Path
) -> None:
    """The p% rule: else whoever is second tells from the sum what the first has, within so many percent."""
    await add_agency(connections, "trade", Label("بازرگانی", "Trade"), "tests")
    await declare(connections, COMMON + SALES)
    lines = [f"{branch},{turnover}" for branch, all_of in TURNOVERS.items() for turnover in all_of]
    outcome = await release(connections, state_dir, "trade/sales", "\n".join(["branch,turnover", *lines, ""]))
    assert outcome.release is not None, outcome.report.as_table("en")
    assert outcome.report.notes[-1].en == "Suppressed sums that one row makes nearly all of: 3 (pPercent: 10)."
    async with connections.use() as connection:
        table = (await load_registry(connection)).datasets["trade", "sales"].current
        assert table is not None
        rows = await connection.fetch(f'select * from released."{table.table}"')
    told = {row["branch"]: (row["_count"], row["_sum_turnover"], row["_n_turnover"]) for row in rows}
    assert told == {
        "spread": (4, 200, 4), "dominated": (4, None, 0), "one alone": (4, None, 0), "losses": (4, None, 0),
        "nothing": (3, 0, 3),
    }  # fmt: skip


def test_the_rule_is_for_sums_of_cells() -> None:
    document = {**read_text(COMMON + SALES), "aggregates": {"dimensions": ["branch"], "measures": [], "only": True}}
    document["aggregates"]["pPercent"] = 10
    document["fields"] = document["fields"][:1]
    with pytest.raises(InvalidRequest) as refused:
        parse(document)
    assert [one["path"] for one in refused.value.details["problems"]] == ["aggregates.pPercent"]
