"""docs/compat.md is what `make compat` wrote for the tools as they are now, and all of them worked."""

import re
from datetime import date

import pytest

from tests.compat.__main__ import PAGE, Service, outcome_of
from tests.compat.catalogue import TOOLS
from tests.compat.columns import told
from tests.compat.ground import Ground
from tests.compat.known import QUESTION
from tests.compat.page import Outcome, page, section
from tests.compat.tool import Kind, Tool


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_the_page_shows_the_lines_that_the_check_runs(tool: Tool) -> None:
    assert "\n".join(section(tool)).strip() in PAGE.read_text(encoding="utf-8")


def test_the_page_says_of_each_tool_that_it_works() -> None:
    rows = re.findall(
        r"^\| \[(.+?)\]\(#.+?\) \| \S.* \| .+ \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == [(tool.name, "works") for tool in TOOLS]
    assert len(TOOLS) >= 18
    assert QUESTION in PAGE.read_text(encoding="utf-8")


def test_a_tool_that_fails_is_a_row_that_says_so() -> None:
    first, second, *_ = TOOLS
    written = page([Outcome(first, "1.0", "AssertionError: a|b\nc"), Outcome(second, "2.0", "")], date(2026, 11, 27))
    assert "1 of 2 tools" in written
    assert "| **failed**: AssertionError: a\\|b c |" in written


def test_one_value_in_another_place_is_another_table() -> None:
    one = told({"code": ["01", "02"], "name": ["a", None]})
    assert one == told({"code": ["02", "01"], "name": [None, "a"]})
    for other in (["a", ""], [None, "a"], ["ａ", None]):
        assert one != told({"code": ["01", "02"], "name": other})
    assert one["code"].startswith("2 values, 0 missing, 2 with a zero first, 0 with a joiner")


def test_what_a_tool_says_when_it_fails_is_told_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(ground: Ground, _: str) -> None:
        raise AssertionError(f"curl: {ground.key} was refused in {ground.folder}")

    monkeypatch.setattr(Ground, "wait_for_room", lambda _: None)
    tool = Tool("a tool", Kind.ASKING, lambda _: "1.0", "sh", "", "nothing", fail)
    outcome = outcome_of(tool, Service("http://127.0.0.1:1", "gsbl_secret"))
    assert outcome.problem == "AssertionError: curl: gsbl_… was refused in …"
