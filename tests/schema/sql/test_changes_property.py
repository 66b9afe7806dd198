"""The promise of the change feed: applied to the earlier release it gives exactly the later one, whatever the rows."""

import csv
import io
import itertools
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.schema.conftest import Ask
from tests.schema.worlds import COMMON, declare, release

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections

THINGS = (
    COMMON
    + """
agency: lab
dataset: things
recordName: Thing
title: { fa: "چیزها", en: "Things" }
primaryKey: [kind, number]
missingValues: ["NULL"]
fields:
  - { name: kind, type: string, label: { fa: "الف", en: "a" }, constraints: { required: true } }
  - { name: number, type: integer, label: { fa: "الف", en: "a" }, constraints: { required: true } }
  - { name: words, type: string, label: { fa: "الف", en: "a" } }
  - { name: whole, type: integer, label: { fa: "الف", en: "a" } }
  - { name: large, type: integer, label: { fa: "الف", en: "a" }, constraints: { maximum: 9000000000000000000 } }
  - { name: real, type: number, label: { fa: "الف", en: "a" } }
  - { name: exact, type: number, format: decimal, label: { fa: "الف", en: "a" } }
  - { name: flag, type: boolean, label: { fa: "الف", en: "a" } }
  - { name: day, type: date, label: { fa: "الف", en: "a" } }
  - { name: moment, type: datetime, label: { fa: "الف", en: "a" } }
  - { name: season, type: year, label: { fa: "الف", en: "a" } }
"""
)
FIELDS = "kind number words whole large real exact flag day moment season"

Row: TypeAlias = tuple[Any, ...]


def some(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


ROWS = st.tuples(
    some(st.text("aبÅ۱ \U0001f600", max_size=3).filter(lambda text: text == text.strip())),
    some(st.integers(-3, 3)),
    some(st.integers(-2, 2) | st.just(9 * 10**18)),
    some(st.sampled_from([0.0, -0.0, 0.1, 1e-300, 5e300, 12.5])),
    some(
        st.sampled_from([Decimal("1"), Decimal("1.0"), Decimal("1.00"), Decimal("-0.1"), Decimal("99999999999999.99")])
    ),
    some(st.booleans()),
    some(st.dates(date(1700, 1, 1), date(9999, 12, 31))),
    some(st.sampled_from([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)])),
    some(st.integers(1300, 1303)),
)
KEYS = st.tuples(st.sampled_from(["a", "b", "ب", "", "a "]).filter(bool).map(str.strip), st.integers(-2, 2))
TABLES = st.dictionaries(KEYS, ROWS, min_size=1, max_size=8)
# What two releases share is what makes a feed interesting, so a table is an edit of the one before it.
EDITS = st.lists(st.dictionaries(KEYS, some(ROWS), max_size=4), min_size=1, max_size=3)


def _file(table: dict[Any, Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(FIELDS.split())
    writer.writerows([*key, *map(_cell, row)] for key, row in table.items())
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


async def _whole(ask: Ask, seq: int) -> dict[Any, Any]:
    answer = await ask(f"{{ lab {{ things(release: {seq}, first: 100) {{ nodes {{ {FIELDS} }} }} }} }}")
    return {(row["kind"], row["number"]): row for row in answer["data"]["lab"]["things"]["nodes"]}


async def _apply(ask: Ask, to: dict[Any, Any], since: int, seq: int) -> dict[Any, Any]:
    """The feed read in pages of two, each change checked against what it is applied to."""
    after, told = None, {"added": 0, "removed": 0, "changed": 0}
    rows, seen = dict(to), []
    between = f"since: {since}, release: {seq}"
    while True:
        answer = await ask(
            f"""query($after: String) {{ lab {{ thingsChanges({between}, first: 2, after: $after) {{
            added removed changed pageInfo {{ hasNextPage endCursor }}
            nodes {{ change changedFields key {{ kind number }}
            before {{ {FIELDS} }} after {{ {FIELDS} }} }} }} }} }}""",
            {"after": after},
        )
        between = f"since: {since}"  # the cursor knows the rest
        page = answer["data"]["lab"]["thingsChanges"]
        for node in page["nodes"]:
            key = (node["key"]["kind"], node["key"]["number"])
            seen.append(key)
            told[node["change"].lower()] += 1
            assert node["before"] == rows.pop(key, None)
            if node["after"] is not None:
                rows[key] = node["after"]
            if node["change"] == "CHANGED":
                differing = [
                    name for name in FIELDS.split() if _image(node["before"][name]) != _image(node["after"][name])
                ]
                assert node["changedFields"] == differing != []
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert told == {name: page[name] for name in told}
    assert len(set(seen)) == len(seen)
    assert await _backward(ask, since, seq) == seen
    return rows


async def _backward(ask: Ask, since: int, seq: int) -> list[Any]:
    """The keys of the feed read in pages of two from its end, in the feed's own order."""
    before, keys = None, list[Any]()
    between = f"since: {since}, release: {seq}"
    while True:
        answer = await ask(
            f"""query($before: String) {{ lab {{ thingsChanges({between}, last: 2, before: $before) {{
            pageInfo {{ hasNextPage hasPreviousPage startCursor }} nodes {{ key {{ kind number }} }} }} }} }}""",
            {"before": before},
        )
        page = answer["data"]["lab"]["thingsChanges"]
        assert page["pageInfo"]["hasNextPage"] is (before is not None)
        keys[:0] = [(node["key"]["kind"], node["key"]["number"]) for node in page["nodes"]]
        if not page["pageInfo"]["hasPreviousPage"]:
            return keys
        between, before = f"since: {since}", page["pageInfo"]["startCursor"]


def _image(value: Any) -> Any:
    """-0.0 equals 0.0 in Python, and is another value on the wire."""
    return (value, math.copysign(1, value)) if isinstance(value, float) else value


async def _release(ask: Ask, world: Connections, folder: Path, table: dict[Any, Row]) -> tuple[int, dict[Any, Any]]:
    outcome = await release(world, folder, "lab/things", _file(table))
    assert outcome.release is not None, outcome.report.as_table("en")
    rows = await _whole(ask, outcome.release.seq)
    assert len(rows) == len(table)
    return outcome.release.seq, rows


async def _walk(ask: Ask, world: Connections, folder: Path, table: dict[Any, Row], edits: Any, has_keys: bool) -> None:
    releases = [await _release(ask, world, folder, table)]
    for edit in edits:
        table = {key: row for key, row in {**table, **edit}.items() if row is not None} or {("a", 0): (None,) * 9}
        releases.append(await _release(ask, world, folder, table))
    if not has_keys:  # both tables are compared then
        async with world.use() as connection:
            await connection.execute("update gsb.release set changes_table = null")
    for (since, before), (now, after) in itertools.permutations(
        {r[0]: r for r in (releases[0], *releases[-2:])}.values(), 2
    ):
        applied = await _apply(ask, before, since, now)
        assert repr(sorted(applied.items())) == repr(sorted(after.items()))


@pytest.fixture
async def lab(connections: Connections, state_dir: Path) -> Connections:
    await add_agency(connections, "lab", Label("آزمایشگاه", "Lab"), "tests")
    await declare(connections, THINGS)
    return connections


shared = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=8, deadline=None, suppress_health_check=shared)
@given(table=TABLES, edits=EDITS, has_keys=st.booleans())
async def test_the_feed_takes_one_release_to_the_other(
    lab: Connections, ask: Ask, state_dir: Path, table: Any, edits: Any, has_keys: bool
) -> None:
    await _walk(ask, lab, state_dir, table, edits, has_keys)


@pytest.mark.prove
@settings(max_examples=60, deadline=None, suppress_health_check=shared)
@given(table=TABLES, edits=EDITS, has_keys=st.booleans())
async def test_the_feed_takes_one_release_to_the_other_in_many_more_cases(
    lab: Connections, ask: Ask, state_dir: Path, table: Any, edits: Any, has_keys: bool
) -> None:
    await _walk(ask, lab, state_dir, table, edits, has_keys)
