"""Which release a root field reads: by number, by date, and what stands in its place when it cannot be read."""

from pathlib import Path
from typing import Any

import pytest
from tests.schema.conftest import Ask
from tests.schema.worlds import release

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.service import rollback, withdraw
from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.planning.refusal import RefusedDocument

READ = "query($r: Release) { geo { countries(release: $r) { totalCount } } }"


async def _date(world: Connections, dataset: str, moments: list[str]) -> None:
    """The steps of the dataset's history happened at these moments, the others' before all of them."""
    async with world.use() as connection:
        await connection.execute("update gsb.registry_entry set at = '2026-01-01T00:00:00Z'")
        versions = await connection.fetch(
            "select version from gsb.registry_entry as entry join gsb.dataset as d on d.id = entry.dataset_id "
            "where d.slug = $1 order by version",
            dataset,
        )
        assert len(versions) == len(moments)
        for row, moment in zip(versions, moments, strict=True):
            await connection.execute(
                "update gsb.registry_entry set at = $2::text::timestamptz where version = $1", row["version"], moment
            )


async def _state(world: Connections, seq: int, state: str) -> None:
    async with world.use() as connection:
        await connection.execute(
            "update gsb.release set state = $2 where seq = $1 and table_name like 'geo__countries%'", seq, state
        )


@pytest.fixture
async def three(world: Connections, state_dir: Path) -> Connections:
    """Countries with 3, 1 and 2 records, current from 10, 20 and 25 June on."""
    await release(world, state_dir, "geo/countries", "code,name,population\nIR,Iran,1\n")
    await release(world, state_dir, "geo/countries", "code,name,population\nIR,Iran,1\nTR,Turkiye,2\n")
    await _date(world, "countries", ["2026-06-10T08:00:00Z", "2026-06-20T23:59:59.9Z", "2026-06-25T00:00:00Z"])
    return world


async def _read(ask: Ask, which: object) -> Any:
    answer = await ask(READ, {"r": which})
    if "errors" in answer:
        return answer["errors"][0]["extensions"]["code"]
    return answer["data"]["geo"]["countries"]["totalCount"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-06-09", "NOT_FOUND"),
        ("2026-06-10", 3),
        ("2026-06-19", 3),
        ("2026-06-20", 1),
        ("2026-06-24", 1),
        ("2026-06-25", 2),
        ("9999-12-31", 2),
        ("0001-01-01", "NOT_FOUND"),
        ("latest", 2),
        (2, 1),
        ("1", 3),
    ],
)
async def test_a_date_reads_what_was_current_at_the_end_of_that_day_in_utc(
    three: Connections, ask: Ask, day: object, expected: object
) -> None:
    assert await _read(ask, day) == expected


async def test_a_date_in_the_document_is_read_like_one_in_a_variable(three: Connections, ask: Ask) -> None:
    answer = await ask('{ geo { country(by: {code: "IR"}, release: "2026-06-24") { name } } }')
    assert answer["data"]["geo"]["country"] == {"name": "Iran"}
    assert [row["release"] for row in answer["receipt"]] == [2]


async def test_links_are_read_as_they_were_on_that_day_too(three: Connections, ask: Ask) -> None:
    document = 'query($r: Release) { air { airport(by: {icao: "LTFM"}, release: $r) { country { name } } } }'
    then, later = await ask(document, {"r": "2026-06-15"}), await ask(document, {"r": "2026-06-21"})
    assert then["data"]["air"]["airport"] == {"country": {"name": "Türkiye"}}
    assert later["data"]["air"]["airport"] == {"country": None}


async def test_a_day_within_a_withdrawal_says_that_there_was_no_release_then(
    three: Connections, ask: Ask, state_dir: Path
) -> None:
    await withdraw(three, "geo", "countries", Label("الف", "a"), "tests")
    assert await _read(ask, "2026-06-10") == "DATASET_WITHDRAWN"
    await rollback(three, "geo", "countries", 1, "tests")
    days = ["2026-06-10T08:00Z", "2026-06-20T08:00Z", "2026-06-25T08:00Z", "2026-07-01T08:00Z", "2026-07-03T08:00Z"]
    await _date(three, "countries", days)
    assert [await _read(ask, f"2026-07-0{day}") for day in (1, 2, 3)] == ["DATASET_WITHDRAWN", "DATASET_WITHDRAWN", 3]


async def test_a_rollback_is_part_of_the_history_that_dates_ask_for(three: Connections, ask: Ask) -> None:
    await rollback(three, "geo", "countries", 1, "tests")
    await _date(three, "countries", ["2026-06-10", "2026-06-20", "2026-06-25", "2026-06-28"])
    assert [await _read(ask, f"2026-06-{day}") for day in (20, 27, 28, 30)] == [1, 2, 3, 3]
    assert await _read(ask, 1) == 3


@pytest.mark.parametrize(("state", "code"), [("recalled", "RELEASE_RECALLED"), ("gone", "RELEASE_GONE")])
@pytest.mark.parametrize(("seq", "day"), [(1, "2026-06-12"), (2, "2026-06-22")])
async def test_a_date_whose_release_cannot_be_read_says_why(
    three: Connections, ask: Ask, state: str, code: str, seq: int, day: str
) -> None:
    await _state(three, seq, state)
    assert await _read(ask, day) == code
    assert await _read(ask, seq) == code
    assert await _read(ask, "2026-06-25") == 2


@pytest.mark.parametrize("which", ["2026-02-30", "2026-W01-1", "0", "-1", "", "yesterday", 0, 1.5, True])
async def test_what_is_no_release_is_refused(world: Connections, ask: Ask, which: object) -> None:
    with pytest.raises(RefusedDocument):
        await ask(READ, {"r": which})


async def test_a_load_that_runs_past_midnight_belongs_to_the_day_on_which_it_ends(
    three: Connections, state_dir: Path
) -> None:
    async with three.transaction() as connection:
        begun = await connection.fetchval("select now()")
        await connection.execute(
            "insert into gsb.registry_entry (dataset_id, version) select min(id), 1000 from gsb.dataset"
        )
        assert await connection.fetchval("select at from gsb.registry_entry where version = 1000") > begun
