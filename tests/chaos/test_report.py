"""The page says what was measured: a row for each demand, met only when all of it was played and held."""

from dataclasses import replace
from pathlib import Path

from tests.chaos.catalogue import SCENARIOS
from tests.chaos.outcome import in_each, most_in_any
from tests.chaos.pictures import draw
from tests.chaos.report import book
from tests.chaos.report.book import Entry
from tests.chaos.report.demands import DEMANDS
from tests.chaos.report.finding import Claim, Finding, at_most, broken, exactly, share_of_at_least
from tests.chaos.report.page import page

HELD = Finding("something", (Claim("over-admission", "0", True),), ("1 figure",), 4)


def _entry(finding: Finding = HELD, at: str = "2026-11-27") -> Entry:
    return Entry(finding, at, 12, "2 cores")


def _rows(entries: dict[str, Entry]) -> list[list[str]]:
    lines = page(SCENARIOS, entries, {}).splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.startswith("| ") and line[2].isdigit()]


def test_every_demand_has_scenarios_and_a_row_whether_or_not_they_were_played() -> None:
    assert {one.row for one in SCENARIOS} == {demand.number for demand in DEMANDS}
    assert len({one.name for one in SCENARIOS}) == len(SCENARIOS)
    rows = _rows({})
    assert [row[1] for row in rows] == [str(demand.number) for demand in DEMANDS]
    assert {row[5] for row in rows} == {"not played"}


def test_a_row_is_met_when_all_of_its_scenarios_are() -> None:
    of_seven = [one.name for one in SCENARIOS if one.row == 7]
    all_held = {name: _entry() for name in of_seven}
    assert _rows(all_held)[6][5] == "met"
    assert _rows({of_seven[0]: _entry()})[6][5] == "not all played"
    missed = replace(HELD, claims=(Claim("over-admission", "3", False),))
    row = _rows(all_held | {of_seven[-1]: _entry(missed)})[6]
    assert row[5] == "**MISSED**"
    assert "**over-admission: 3 – MISSED**" in row[4]


def test_a_scenario_that_broke_off_or_claims_nothing_has_met_nothing() -> None:
    assert not broken("it", "TimeoutError").is_met
    assert not Finding("it", ()).is_met


def test_claims_are_judged_by_their_bounds() -> None:
    assert (exactly("a", 5, 5).is_met, exactly("a", 4, 5).is_met) == (True, False)
    assert (at_most("a", 5, 5).is_met, at_most("a", 5.01, 5).is_met) == (True, False)
    assert not at_most("a test that failed before it told", float("nan"), 5).is_met
    almost = share_of_at_least("a", 0.9989999, 0.999)
    assert (almost.found, almost.is_met) == ("99.899 %", False)


def test_what_is_played_again_replaces_its_own_result_only(tmp_path: Path) -> None:
    file = tmp_path / "reliability.json"
    assert book.read(file) == {}
    kept = replace(HELD, series={"admitted": [(0.0, 1.0), (0.25, 100.0)], "faults": [(1.0, 2.0)]}, section="## More\n")
    book.write(file, {"crowd": _entry(kept, "2026-11-01"), "month": _entry(at="2026-11-02")})
    book.write(file, book.read(file) | {"month": _entry(at="2026-11-27")})
    assert book.read(file) == {"crowd": _entry(kept, "2026-11-01"), "month": _entry(at="2026-11-27")}


def test_pictures_are_drawn_of_what_is_kept(tmp_path: Path) -> None:
    kept = replace(HELD, series={"admitted": [(0.0, 0.0), (2.0, 100.0)], "faults": [(1.0, 1.0)]})
    assert draw({"month": _entry()}, tmp_path) == {}
    ((title, file),) = draw({"flushall": _entry(kept)}, tmp_path).items()
    assert (tmp_path / file).read_text().startswith("<svg")
    assert f"![{title}]({file})" in page(SCENARIOS, {"flushall": _entry(kept)}, {title: file})


def test_windows_are_counted_wherever_they_begin() -> None:
    admissions = [(0, 60), (1_900, 40), (1_999, 1), (2_000, 10), (3_999, 5)]
    assert most_in_any(admissions, 2_000) == 101
    assert in_each(admissions, 2_000, 0, 1_000) == [(0.0, 60), (1.0, 60), (2.0, 51), (3.0, 51), (4.0, 5)]
