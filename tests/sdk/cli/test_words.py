"""What commands say in Persian: every sentence has one, in its own order, and figures and names stay."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import publicgsb_sdk.cli
from publicgsb_sdk.cli import usage
from publicgsb_sdk.cli.app import main, run
from publicgsb_sdk.cli.helping import PERSIAN as HELPS
from publicgsb_sdk.cli.helping import paragraphs
from publicgsb_sdk.cli.words import LOCALE, PERSIAN, said

FOLDER = Path(publicgsb_sdk.cli.__file__).parent
SPEAKING = ("note", "confirmed", "said", "say")
FILES = (*sorted(FOLDER.rglob("*.py")), FOLDER.parent / "codegen" / "command.py")
FIGURES = ("42", "42 changes", "42 rows, 1 point")  # counted things are put into sentences as they are counted


def sentences() -> Iterator[str]:
    """What the code of the commands hands to a person, `{}` for what changes."""
    for file in FILES:
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in SPEAKING:
                    yield from _texts(first)
                case ast.Assign(targets=[ast.Attribute(attr="left") | ast.Name(id="SENT")], value=value):
                    yield from _texts(value)


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body)
            yield from _texts(orelse)


def has_words(text: str) -> bool:
    return re.search("[a-z]{2}", text.replace("{}", "")) is not None


@pytest.fixture
def persian() -> Iterator[None]:
    token = LOCALE.set("fa")
    yield
    LOCALE.reset(token)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGSB_URL", "PGSB_API_KEY", "PGSB_LOCALE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PGSB_KEYRING", "off")


def usage_errors() -> Iterator[str]:
    """What our own commands say of a mistyped one."""
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="UsageError" | "fail"), args=[first, *_]):
                    yield from _texts(first)


@pytest.mark.parametrize("sentence", sorted(set(usage_errors())))
def test_every_sentence_about_a_mistyped_command_has_its_persian(sentence: str) -> None:
    assert sentence in usage.PERSIAN


MISTYPED = {
    "row list --nope": "گزینهٔ '--nope' نیست. شاید '--order' را می‌خواستید.",
    "row lst": "فرمان 'lst' نیست. شاید 'list' را می‌خواستید.",
    "row show": "فرمان 'show' نیست.",
    "row list a.b --limit": "گزینهٔ '--limit' مقدار می‌خواهد.",
    "row list a.b --all=3": "گزینهٔ '--all' مقدار نمی‌گیرد.",
    "row list a.b --limit x": "مقدار '--limit' / '-n' درست نیست: 'x' عدد نیست.",
    "row list a.b --limit -3": "مقدار '--limit' / '-n' درست نیست: -3 در این بازه نیست: x>=0",
    "row list a.b --locale de": "مقدار '--locale' درست نیست: 'de' یکی از این‌ها نیست: 'en', 'fa'",
    "row list a.b c d": "این‌ها بیش از نیاز است: c d",
    "usage --from x": "مقدار '--from' درست نیست: 'x' به این شکل نیست: '%Y-%m-%d'",
    "publish send-back sub_1": "گزینهٔ '--reason' نوشته نشده است.",
    "publish validate a.b /nowhere": "مقدار 'FILE' درست نیست: File '/nowhere' وجود ندارد.",
    "publish validate a.b /": "مقدار 'FILE' درست نیست: File '/' پوشه است.",
}


@pytest.mark.parametrize("command", sorted(MISTYPED))
def test_a_mistyped_command_is_told_in_persian_and_then_as_click_says_it(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSB_LOCALE", "fa")
    assert run(command.split()) == 2
    lines = capsys.readouterr().err.splitlines()
    assert f"خطا: {MISTYPED[command]}" in lines
    assert re.search("[آ-ی]", lines[-1]) is None


@pytest.mark.parametrize("sentence", sorted({text for text in sentences() if has_words(text)}))
@pytest.mark.usefixtures("persian")
def test_every_sentence_has_its_persian(sentence: str) -> None:
    shown = [said(sentence.replace("{}", figure)) for figure in FIGURES]
    assert any(re.search("[آ-ی]", one) for one in shown), f"give it one in publicgsb_sdk/cli/words.py: {sentence}"


@pytest.mark.parametrize("english", sorted(PERSIAN))
def test_a_persian_sentence_has_what_the_english_one_has(english: str) -> None:
    names = english.count("{}")
    persian = PERSIAN[english].format(*(f"<{number}>" for number in range(names)))
    assert persian.count("<") in (names, names - PERSIAN[english].count("این اعتبار"))
    assert re.search("[يكى]", persian) is None


@pytest.mark.parametrize("english", sorted(PERSIAN))
def test_every_persian_sentence_is_said_somewhere(english: str) -> None:
    told = max(re.split(r"\{\}|\(s\)", english), key=len).strip()
    assert any(told in file.read_text("utf-8") for file in FILES if file.name != "words.py"), told


@pytest.mark.usefixtures("persian")
def test_figures_and_names_stay() -> None:
    assert said("1 row, 12 points.") == "1 ردیف، 12 امتیاز."
    assert said("1,000 rows, 1 point had been written.") == "1,000 ردیف، 1 امتیاز؛ نوشته شده بود."
    assert said("k1 works until 2026-12-01.") == "کلید k1 تا 2026-12-01 کار می‌کند."
    assert said("something else") == "something else"


def test_english_is_said_as_it_stands() -> None:
    assert said("1 row, 12 points.") == "1 row, 12 points."


def test_an_error_is_told_in_persian_and_then_as_it_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["row", "list", "air.airports", "--url", "http://127.0.0.1:9", "--locale", "fa"]
    assert run(arguments) == 4
    error = capsys.readouterr().err.splitlines()
    assert error[0] == "خطا: سامانه نمی‌داند چه کسی می‌پرسد."
    assert error[1].startswith("راهنمایی: ") and error[2].startswith("There is no data key for http://127.0.0.1:9")
    assert error[3] == "کد: UNAUTHENTICATED"


def test_the_environment_says_the_language_and_the_option_wins(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSB_LOCALE", "fa")
    assert run(["dataset", "list"]) == 2
    assert capsys.readouterr().err.startswith("خطا: ")
    assert run(["dataset", "list", "--locale", "en"]) == 2
    assert capsys.readouterr().err.startswith("Error: There is no address")
    assert run(["row", "list"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        *("شیوهٔ نوشتن:", "  pgsb row list [OPTIONS] DATASET", ""),
        *("خطا: 'DATASET' نوشته نشده است.", "راهنمایی: pgsb row list --help", "Missing argument 'DATASET'."),
    ]


def test_an_unknown_language_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["dataset", "list", "--locale", "de"]) == 2
    monkeypatch.setenv("PGSB_LOCALE", "farsi")
    assert run(["dataset", "list"]) == 2
    assert "PGSB_LOCALE is 'farsi'" in capsys.readouterr().err


def test_a_program_reads_the_same_code_and_both_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dataset", "list", "-o", "json", "--locale", "fa"]) == 2
    error = json.loads(capsys.readouterr().err)["error"]
    assert (error["code"], error["message"]) == ("INVALID_REQUEST", "درخواست به این شکل فهمیده نمی‌شود.")
    assert error["said"].startswith("There is no address of a service.")


def helps() -> set[str]:
    """The paragraphs of every `--help`."""
    objects = [*commands_and_options(main)]
    return {paragraph for one in objects for paragraph in paragraphs(one.help or "")}


def commands_and_options(command: click.Command) -> Iterator[click.Command | click.Option]:
    yield command
    yield from (one for one in command.params if isinstance(one, click.Option))
    for one in command.commands.values() if isinstance(command, click.Group) else ():
        yield from commands_and_options(one)


def test_every_help_has_its_persian_and_no_other_is_kept() -> None:
    assert helps() ^ HELPS.keys() == {"Show this message and exit."}, "write it in publicgsb_sdk/cli/helping.py"


@pytest.mark.parametrize("english", sorted(HELPS))
def test_a_persian_help_has_the_options_numbers_and_names_of_the_english_one(english: str) -> None:
    persian = HELPS[english]
    fixed = re.findall(r"--[a-z-]+|pgsb [a-z]+(?: [a-z]+)?(?= --)|\d+|\b[A-Z]{3,}[A-Z_]*\b|\w+[=/_]\w+", english)
    assert [one for one in fixed if one not in persian] == []
    assert re.search("[يكى]", persian) is None


def test_help_is_persian_wherever_the_language_is_said_and_english_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["row", "list", "--help", "--locale", "fa"], ["--locale=fa", "row", "list", "-h"]):
        assert run(arguments) == 0
        shown = capsys.readouterr().out
        assert "--dry-run بهای نخستین صفحه را می‌گوید." in shown
        assert shown.startswith("شیوهٔ نوشتن:\n  pgsb row list [OPTIONS] DATASET\n")
        assert "\nگزینه‌ها:\n" in shown and not any(one in shown for one in ("Usage", "Options:"))
    assert run(["row", "list", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "-h, --help" in shown and re.search("[آ-ی]", shown) is None
