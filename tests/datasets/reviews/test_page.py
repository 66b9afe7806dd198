"""The review on paper says in both languages what a reviewer decides by, and escapes what it did not write itself."""

from datetime import UTC, datetime
from typing import Any

import pytest

from publicgsb.datasets.reviews.model import State
from publicgsb.datasets.reviews.page import review_page
from publicgsb.datasets.reviews.page_parts import pairs, table, text, words

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


def told(state: str = "failed", **more: Any) -> dict[str, Any]:
    return {
        "id": "sub_1", "dataset": "roads/signs", "state": state, "submittedBy": "Parisa", "holds": False,
        "createdAt": "2026-11-27T07:59:30.123456+00:00", "embargoUntil": None, "decidedBy": None, "decidedAt": None,
        "reason": None, "checked": None, "review": None, "report": None, "wouldHurt": [],
        "file": {"sha256": "00ff", "bytes": 1_234, "mode": "full", "asOf": None}, **more,
    }  # fmt: skip


def report(**more: Any) -> dict[str, Any]:
    return {"rowsRead": 9, "errorsTotal": 0, "counts": {}, "errors": [], "links": [], "privacy": None, **more}


def column(decision: str, proposal: dict[str, Any] | None) -> dict[str, Any]:
    seen = {"kind": "mobile", "matched": 9, "distinct": 9, "legalBasis": "IR-PD-H.2", "verdict": "block"}
    return {"field": "phone", "decision": decision, "evidence": [seen], "proposal": proposal}


def privacy(*columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    articles = {"IR-PD-H.2": {"fa": "شیوه‌نامه", "en": "Guideline"}} if columns else {}
    return {"columns": list(columns), "articles": articles, "anonymity": None, "linkage": None, **more}


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_words_in_both_languages(state: State) -> None:
    page = review_page(told(state.value), NOW)
    assert 'lang="fa" dir="rtl">وضعیت' in page and "2026-11-27 07:59 UTC" in page


@pytest.mark.parametrize(("state", "is_said"), [("in_review", True), ("approved", True), ("sent_back", False)])
def test_whether_the_check_holds_is_said_where_it_still_matters(state: str, is_said: bool) -> None:
    assert ("Checked is what would be published" in review_page(told(state), NOW)) is is_said


def test_why_a_file_failed_and_what_to_do_stands_there_in_both_languages() -> None:
    error = {
        "row": None, "field": "code", "code": "foreign-key", "message": {"fa": "جفتی نیافت.", "en": "None was found."},
        "fix": {"fa": "صفرها را ببینید.", "en": "See the zeros."},
    }  # fmt: skip
    page = review_page(told(report=report(errorsTotal=1, counts={"foreign-key": 1}, errors=[error])), NOW)
    assert "جفتی نیافت. صفرها را ببینید." in page and "None was found. See the zeros." in page


def test_a_warning_stands_before_the_rows_and_the_gate_in_both_languages() -> None:
    warned = {
        "code": "link-match", "field": "county", "message": {"fa": "تنها ۵۵٪.", "en": "Only 55 %."},
        "fix": {"fa": "صفرها؟", "en": "Zeros?"},
    }  # fmt: skip
    page = review_page(told("in_review", report=report(warnings=[warned], privacy=privacy())), NOW)
    assert "تنها ۵۵٪. صفرها؟" in page and "Only 55 %. Zeros?" in page
    assert page.index("To be looked at before") < page.index("Rows and errors") < page.index("Privacy gate")


def test_a_column_that_blocks_has_its_verdict_its_ground_and_the_proposal() -> None:
    proposal = {"field": "phone", "action": "transform", "apply": [{"prefix": 4}], "makesField": False}
    page = review_page(told(report=report(privacy=privacy(column("transform", proposal)))), NOW)
    assert "تبدیل" in page and "mobile 9 / 9 (IR-PD-H.2)" in page and "prefix 4" in page
    assert "شیوه‌نامه" in page and "Guideline" in page


def test_joins_with_what_others_released_are_told() -> None:
    joined = {"dataset": "mapping/cities", "shared": [{"here": "city"}], "becomeUnique": 3, "oneToOne": 1_554}
    page = review_page(told(report=report(privacy=privacy(linkage=[joined]))), NOW)
    assert "mapping/cities" in page and "1,554" in page


def test_nothing_personal_is_said_so() -> None:
    assert "Nothing personal was found" in review_page(told(report=report(privacy=privacy())), NOW)


def test_only_words_of_ours_are_not_escaped() -> None:
    assert text("<b>") == "&lt;b&gt;" and text(words("<ا>", "<b>")).count("&lt;") == 2
    assert "<b>" not in pairs([("ا", "<b>", "<b>")]) + table([("", "<b>")], [("<b>",)])
    assert pairs([("ا", "a", None)]) == ""
