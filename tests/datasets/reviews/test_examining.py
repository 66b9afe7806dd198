"""What a reviewer sees: counts against what is served, the change of the contract, shapes and never values."""

import json
from datetime import UTC, datetime

from tests.datasets.conftest import Documents, column
from tests.datasets.reviews.conftest import FIRST, SECOND, Desk

from publicgsb.datasets.agencies.service import add_dataset
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.reviews.examining import contract_change
from publicgsb.datasets.reviews.page import review_page
from publicgsb.datasets.reviews.told import Hurt, submission_json


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


def test_additions_are_minor_and_words_are_patches(country: Documents) -> None:
    old = parse(country())
    more = [column("code", filters=["eq"]), column("name", filters=["eq", "startsWith"]), column("capital")]
    assert contract_change(old, parse(country(version="1.1.0", fields=more)))["class"] == "minor"
    assert contract_change(old, parse(country(version="1.0.1", attribution="Others")))["class"] == "patch"
    assert contract_change(old, parse(country(version="1.1.0", fields=more)))["addedFields"] == ["capital"]
