"""The numbers that commands end with: a table that scripts lean on."""

import re
from pathlib import Path

import pytest

from publicgsb_sdk import errors
from publicgsb_sdk.cli.exits import Exit, as_problem, code_of, exit_of
from publicgsb_sdk.cli.frame import tell
from publicgsb_sdk.cli.words import LOCALE

PAGE = Path(__file__).resolve().parents[3] / "docs" / "pgsb.md"
TABLE = [
    (errors.AnswerAltered("x"), 8),
    (errors.Conflict("x"), 10),
    (errors.ConnectionFailed("x"), 6),
    (errors.DatasetWithdrawn("x"), 5),
    (errors.DeadlineExceeded("x"), 6),
    (errors.IntegrityError("x", "00", "11"), 8),
    (errors.InvalidRequest("x"), 2),
    (errors.InvalidRequest("x", status=412), 10),
    (errors.MissingExtra("x"), 1),
    (errors.NotFound("x"), 5),
    (errors.NotPermitted("x"), 3),
    (errors.QueryTooCostly("x"), 2),
    (errors.QuotaExhausted("x"), 7),
    (errors.RateLimited("x"), 7),
    (errors.ReleaseGone("x"), 5),
    (errors.ReleaseRecalled("x"), 5),
    (errors.SchemaDrift("x"), 9),
    (errors.ServerError("x"), 1),
    (errors.Unauthenticated("x"), 4),
    (errors.Unavailable("x"), 6),
    (errors.Withheld("x"), 3),
]


@pytest.mark.parametrize(("error", "number"), TABLE, ids=lambda value: type(value).__name__)
def test_an_error_ends_with_its_number(error: errors.GsbError, number: int) -> None:
    assert exit_of(error) == number


def test_every_code_of_the_service_has_a_number_in_the_table() -> None:
    assert set(errors.ApiError.__subclasses__()) <= {type(error) for error, _ in TABLE}


def test_the_page_has_the_same_table() -> None:
    written = {int(number) for number in re.findall(r"^\| (\d+) \|", PAGE.read_text(), re.MULTILINE)}
    assert written == set(map(int, Exit))


def test_an_error_of_the_transport_has_a_code_of_the_same_form() -> None:
    assert code_of(errors.ConnectionFailed("x")) == "CONNECTION_FAILED"


def test_a_problem_says_all_that_the_service_said() -> None:
    error = errors.RateLimited("No.", status=429, request_id="r-1", hint="Wait.", retry_after=3.0)
    assert as_problem(error) == {
        "code": "RATE_LIMITED",
        "message": "No.",
        "hint": "Wait.",
        "status": 429,
        "requestId": "r-1",
        "retryAfter": 3.0,
        "exit": 7,
    }


@pytest.mark.parametrize(("locale", "told"), [("en", "is missing."), ("fa", "نیامده است.")])
def test_of_a_contract_each_mistake_is_told_with_its_place(
    capsys: pytest.CaptureFixture[str], locale: str, told: str
) -> None:
    one = {"path": "title", "message_en": "is missing.", "message_fa": "نیامده است.", "fix": "Add `title`."}
    problems = [one, {**one, "path": "theme", "fix": "Add `theme`."}]
    was = LOCALE.set(locale)
    tell(errors.InvalidRequest("No.", hint="Add `title`.", details={"problems": problems}), None)
    LOCALE.reset(was)
    lines = capsys.readouterr().err.splitlines()
    assert lines[1:3] == [f"  title: {told} Add `title`.", f"  theme: {told} Add `theme`."]
    assert not [line for line in lines if line.startswith(("Hint", "راهنمایی"))]
