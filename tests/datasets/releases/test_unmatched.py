from collections.abc import Awaitable, Callable
from typing import Any

from tests.datasets.releases.test_service import AIRPORTS, COUNTRIES

from publicgsb.datasets.releases.model import Outcome

Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Outcome]]
Documents = Callable[..., dict[str, Any]]


async def test_keys_without_a_record_are_told_by_their_shapes(
    declare: Declare, country: Documents, airport: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", COUNTRIES)
    await declare(airport())
    rows = [*AIRPORTS, ["A1", "x", "12", ""], ["A2", "x", "12", ""], ["A3", "x", "7-b", ""], ["A4", "x", "", ""]]
    (link,) = (await release("aviation/airports", rows)).report.as_json()["links"]
    assert (link["name"], link["to"], link["rows"], link["matched"]) == ("countryRecord", "standards/countries", 6, 2)
    assert link["unmatchedKeys"] == 3
    assert link["unmatchedShapes"] == [
        {"shape": "9-a", "keys": 1}, {"shape": "99", "keys": 1}, {"shape": "aa", "keys": 1},
    ]  # fmt: skip


async def test_a_link_that_finds_nothing_is_refused_with_the_shapes_that_say_why(
    declare: Declare, country: Documents, airport: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", [["code", "name"], ["01", "Iran"], ["02", "Japan"]])
    await declare(airport())
    outcome = await release("aviation/airports", [AIRPORTS[0], ["OIIE", "x", "1", ""], ["RJTT", "x", "2", ""]])
    assert outcome.release is None
    assert outcome.report.links[0].shapes == (("9", 2),)
    assert "9 (2)" in outcome.report.as_table()


async def test_a_link_that_always_finds_its_record_has_no_shapes(
    declare: Declare, country: Documents, airport: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", COUNTRIES)
    await declare(airport())
    (link,) = (await release("aviation/airports", AIRPORTS[:3])).report.links
    assert (link.matched, link.unmatched_keys, link.shapes) == (2, 0, ())
