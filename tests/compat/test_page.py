"""docs/compat.md is what `make compat` wrote for the tools as they are now, and all of them worked."""

import re
from datetime import date

import pytest

from tests.compat.__main__ import PAGE
from tests.compat.catalogue import TOOLS
from tests.compat.columns import told
from tests.compat.known import QUESTION
from tests.compat.page import Outcome, page, section
from tests.compat.tool import Tool


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
