"""A link that finds its record too seldom is said, with what mends it, and refuses only where its contract says so."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.ingest.links import LinkFound
from publicgsb.datasets.releases.model import Outcome
from publicgsb.platform.kernel.errors import InvalidRequest

Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Outcome]]
Documents = Callable[..., dict[str, Any]]

HEAD = ["icao", "name", "country", "elevation"]
PROVINCES = [["code", "name"], *([f"{n:04}", f"province {n}"] for n in range(1, 21))]


def _airports(*countries: str) -> list[list[str]]:
    return [HEAD, *([f"A{at:03}", "x", country, ""] for at, country in enumerate(countries))]


def _with(airport: Documents, **more: Any) -> dict[str, Any]:
    document = airport()
    document["links"][0] |= more
    return document


@pytest.fixture
async def provinces(declare: Declare, country: Documents, release: Release) -> None:
    await declare(country())
    await release("standards/countries", PROVINCES)


@pytest.mark.usefixtures("provinces")
async def test_lost_zeros_are_named_with_what_putting_them_back_would_find(
    declare: Declare, airport: Documents, release: Release
) -> None:
    await declare(airport())
    outcome = await release("aviation/airports", _airports("0001", "0002", "3", "4", "5", "6", "7", "12345", "", "x"))
    assert outcome.release is not None
    (warned,) = outcome.report.as_json()["warnings"]
    assert (warned["code"], warned["field"]) == ("link-match", "country")
    assert "2/9 (22.2 %) rows; 90 % should" in warned["message"]["en"] and "9 (5)" in warned["message"]["en"]
    assert "zeroPad: 4" in warned["fix"]["en"] and "7/9 (77.7 %)" in warned["fix"]["fa"]
    (link,) = outcome.report.as_json()["links"]
    assert link["zeroPad"] == {"field": "country", "width": 4, "matched": 7, "rate": 0.7778}
    table = outcome.report.as_table("fa")
    assert "صفرهای آغاز کد از دست رفته‌اند؟" in table and "12345" not in table


@pytest.mark.usefixtures("provinces")
async def test_what_no_zeros_would_mend_is_told_where_to_look(
    declare: Declare, airport: Documents, release: Release
) -> None:
    await declare(airport())
    outcome = await release("aviation/airports", _airports("0001", "zz", "yy"))
    (warned,) = outcome.report.warnings
    assert "is complete" in warned.fix.en and outcome.report.links[0].padded is None


@pytest.mark.usefixtures("provinces")
@pytest.mark.parametrize(("mostly", "is_warned"), [(None, True), (0.8, False), (0.81, True), (0, False), (1, True)])
async def test_the_floor_is_nine_in_ten_unless_the_link_says_another(
    declare: Declare, airport: Documents, release: Release, mostly: float | None, is_warned: bool
) -> None:
    await declare(_with(airport, mostly=mostly) if mostly is not None else airport())
    outcome = await release("aviation/airports", _airports("0001", "0002", "0003", "0004", "zz"))
    assert outcome.release is not None
    assert bool(outcome.report.warnings) is is_warned


@pytest.mark.usefixtures("provinces")
async def test_a_contract_can_say_that_too_little_is_an_error(
    declare: Declare, airport: Documents, release: Release
) -> None:
    await declare(_with(airport, severity="error"))
    outcome = await release("aviation/airports", _airports("0001", "2"))
    assert outcome.release is None
    (error,) = outcome.report.errors
    assert str(error.code) == "foreign-key" and "2/2 (100 %)" in error.fix.en
    assert (await release("aviation/airports", _airports("0001", "0002"))).release is not None


@pytest.mark.usefixtures("provinces")
async def test_a_link_that_finds_nothing_for_want_of_zeros_is_refused_with_the_width_that_mends_it(
    declare: Declare, airport: Documents, release: Release
) -> None:
    await declare(_with(airport, mostly=0))
    outcome = await release("aviation/airports", _airports("1", "2", "3"))
    assert outcome.release is None
    assert "zeroPad: 4" in outcome.report.errors[0].fix.en and "3/3 (100 %)" in outcome.report.errors[0].fix.en


@pytest.mark.parametrize(("mostly", "rows", "matched"), [(0.07, 100, 7), (0.29, 100, 29), (0.9, 10, 9), (1.0, 3, 3)])
def test_a_floor_that_is_met_exactly_is_met(mostly: float, rows: int, matched: int) -> None:
    assert not LinkFound("a", "b/c", rows, matched, 0, (), mostly=mostly).is_too_seldom
    assert LinkFound("a", "b/c", rows, matched - 1, 0, (), mostly=mostly).is_too_seldom


def test_the_words_come_back_from_a_rendered_contract_and_a_silent_one_keeps_its_hash(airport: Documents) -> None:
    made = parse(_with(airport, mostly=0.8, severity="error"))
    assert parse(render(made)) == made
    silent = render(parse(airport()))["links"][0]
    assert "mostly" not in silent and "severity" not in silent


@pytest.mark.parametrize(
    ("member", "value"), [("mostly", 1.1), ("mostly", True), ("mostly", "90%"), ("severity", "fatal")]
)
def test_a_share_beyond_one_and_an_unknown_severity_are_refused(airport: Documents, member: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(_with(airport, **{member: value}))
    assert f"links[0].{member}" in str(refused.value.details)
