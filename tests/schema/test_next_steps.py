"""Whatever the data endpoint refuses says what to do next."""

import ast
from pathlib import Path

from publicgsb.platform.kernel.errors import ERRORS, Internal
from publicgsb.schema.planning.refusal import HINTS, PERSISTED_QUERY_NOT_FOUND

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*ROOT.glob("schema/**/*.py"), ROOT / "datasets/registry.py"])
# Those that may be asked again have a hint of their own; nobody can do anything about Internal.
CLASSES = {error.__name__ for error in ERRORS if error("x").hint is None} - {Internal.__name__}


def without_hint(source: str) -> list[str]:
    return [
        ast.unparse(call)
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in CLASSES
        and not {"hint", None} & {keyword.arg for keyword in call.keywords}  # None: `**more`
    ]


def test_what_may_be_asked_again_says_so() -> None:
    assert {"UNAVAILABLE", "TIMEOUT"} == {error.code for error in ERRORS if error("x").hint}


def test_an_error_without_a_next_step_would_be_seen() -> None:
    assert without_hint('raise NotFound("x", reason="y")') == ["NotFound('x', reason='y')"]
    assert without_hint('raise NotFound("x", hint="Look elsewhere.")') == []


def test_every_refusal_names_a_next_step() -> None:
    assert len(FILES) > 100
    assert {str(file): found for file in FILES if (found := without_hint(file.read_text(encoding="utf-8")))} == {}


def test_every_reason_for_which_a_document_is_refused_has_a_next_step() -> None:
    reasons = {
        call.args[0].value
        for file in FILES
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("refuse", "RefusedDocument")
        and isinstance(call.args[0], ast.Constant)
    }
    assert "validation" in reasons
    assert reasons | {PERSISTED_QUERY_NOT_FOUND} == set(HINTS)
