"""What a reviewer sees: counts against what is served, the change of the contract, shapes and never values."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cells import PATIENTS, as_csv, patients
from tests.datasets.conftest import Documents, column
from tests.datasets.reviews.conftest import FIRST, SECOND, Desk
from tests.schema.worlds import declare

from publicgsb.datasets.agencies.service import add_agency, add_dataset
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.releases.model import Outcome
from publicgsb.datasets.releases.service import release_file
from publicgsb.datasets.reviews import service
from publicgsb.datasets.reviews.checking import Examination
from publicgsb.datasets.reviews.examining import contract_change
from publicgsb.datasets.reviews.model import State
from publicgsb.datasets.reviews.page import review_page
from publicgsb.datasets.reviews.told import Hurt, submission_json
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict


async def test_the_first_submission_is_compared_with_nothing(desk: Desk) -> None:
    made = await desk.in_review()
    assert made.review is not None
    assert made.review["rows"] == {"rows": 2, "served": None, "difference": 2, "comparedWith": None}
    assert made.review["contract"]["class"] == "first"


async def test_records_are_counted_as_added_removed_and_changed(desk: Desk) -> None:
    await desk.published(FIRST)
    made = await desk.in_review(SECOND)
    assert made.review is not None
    assert made.review["rows"] == {
        "rows": 2,
        "served": {"release": 1, "rows": 2},
        "difference": 0,
        "comparedWith": 1,
        "added": 1,
        "removed": 1,
        "changed": 1,
    }
    assert made.review["contract"]["class"] == "none"


async def test_a_check_leaves_no_table_behind(desk: Desk) -> None:
    await desk.published(FIRST)
    async with desk.connections.use() as connection:
        before = await connection.fetch("select relname from pg_class where relnamespace = 'released'::regnamespace")
        await desk.in_review(SECOND)
        after = await connection.fetch("select relname from pg_class where relnamespace = 'released'::regnamespace")
    assert before == after


async def test_no_value_of_a_cell_is_in_what_a_reviewer_gets(desk: Desk) -> None:
    made = await desk.in_review(b"code,name\nIR,Secretistan\n")
    told = json.dumps(submission_json(made)) + review_page(submission_json(made), datetime.now(UTC))
    assert "Secretistan" not in told and "aaaaaaaaaaa" in told


async def test_the_page_for_paper_holds_everything_escaped(desk: Desk) -> None:
    await desk.published(FIRST)
    made = await desk.in_review(SECOND)
    hurt = Hurt("<b>Startup</b>", 3, "App", ("name",), 12, datetime.now(UTC).date())
    page = review_page(submission_json(made, [hurt]), datetime.now(UTC))
    assert "&lt;b&gt;Startup" in page and "<b>Startup" not in page
    assert made.file_sha256 in page and "release 1, 2 rows" in page
    assert "<script" not in page


async def test_a_break_is_classed_major_and_names_the_fields_it_touches(desk: Desk, country: Documents) -> None:
    await desk.published(FIRST)
    broken = country(version="2.0.0", fields=[column("code", filters=["eq"]), column("name", filters=["eq"])])
    await add_dataset(desk.connections, parse(broken), "test")
    made = await desk.in_review(SECOND)
    assert made.review is not None
    change = made.review["contract"]
    assert (change["class"], change["from"], change["to"]) == ("major", "1.0.0", "2.0.0")
    assert change["touchedFields"] == ["name"]
    with pytest.raises(Conflict) as refused:
        await service.approve(desk.connections, desk.reviewer, made.id)
    assert refused.value.details["reason"] == "breaking_not_announced"
    assert (await desk.now(made)).stored is State.IN_REVIEW


def test_additions_are_minor_and_words_are_patches(country: Documents) -> None:
    old = parse(country())
    more = [column("code", filters=["eq"]), column("name", filters=["eq", "startsWith"]), column("capital")]
    assert contract_change(old, parse(country(version="1.1.0", fields=more)))["class"] == "minor"
    assert contract_change(old, parse(country(version="1.0.1", attribution="Others")))["class"] == "patch"
    assert contract_change(old, parse(country(version="1.1.0", fields=more)))["addedFields"] == ["capital"]


async def test_of_an_aggregate_only_submission_the_cells_are_looked_at(
    connections: Connections, state_dir: Path
) -> None:
    found = Examination()
    outcome = await examine_patients(connections, state_dir, found)
    assert (outcome.release, outcome.report.is_releasable) == (None, True)
    names = [one["name"] for one in found.review["columns"]]
    assert names[:4] == ["province", "sex", "born", "seen"] and "cost" not in names
    assert found.review["suppressedCells"] > 0
    assert found.review["rows"]["rows"] == found.review["columns"][0]["values"]


async def examine_patients(connections: Connections, state_dir: Path, found: Examination) -> Outcome:
    await add_agency(connections, "health", Label("بهداشت", "Health"), "tests")
    await declare(connections, PATIENTS)
    file = state_dir / "patients.csv"
    file.write_text(as_csv(patients(1)), encoding="utf-8")
    return await release_file(connections, state_dir, "health", "patients", file, "tests", examine=found.look)
