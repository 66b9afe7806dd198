"""The command line's frame: data on stdout, the rest on stderr, documented exit codes."""

import io
import json

import click
import pytest
from click.testing import CliRunner

from publicgsb.platform.kernel.errors import Conflict, GsbError, Internal, InvalidRequest, NotFound, Unavailable
from publicgsb.platform.server.cli import main
from publicgsb.platform.server.cli.frame import Commands, Context, Progress, counted, emit


def group_that(act: GsbError | list[dict[str, object]] | dict[str, object]) -> click.Group:
    @click.group(cls=Commands)
    @click.pass_context
    def group(ctx: click.Context) -> None:
        ctx.ensure_object(Context)

    @click.command()
    def do() -> None:
        if isinstance(act, GsbError):
            raise act
        emit(act, ["slug", "rows"] if isinstance(act, list) else None)

    group.add_command(do)
    return group


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Internal("x"), 1),
        (InvalidRequest("x", reason="settings"), 2),
        (InvalidRequest("x"), 3),
        (NotFound("x"), 4),
        (Conflict("x"), 5),
        (Unavailable("x"), 6),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: GsbError, code: int) -> None:
    result = CliRunner().invoke(group_that(error), ["do"])
    assert result.exit_code == code
    assert result.stdout == ""


def test_an_error_is_a_sentence_a_hint_and_a_code_or_json() -> None:
    error = NotFound("There is no such dataset.", hint="gsb dataset list")
    plain = CliRunner().invoke(group_that(error), ["do"])
    assert plain.stderr == "Error: There is no such dataset.\nHint: gsb dataset list\nCode: NOT_FOUND\n"
    told = json.loads(CliRunner().invoke(group_that(error), ["do", "--json"]).stderr)
    assert told == {"error": {"code": "NOT_FOUND", "message": "There is no such dataset.", "hint": "gsb dataset list"}}


def test_what_one_thing_consists_of_is_told_by_name_and_in_tables_and_never_as_json() -> None:
    thing: dict[str, object] = {
        "name": "open",
        "grant": {"state": "active", "until": None},
        "possible": ["refuse"],
        "policies": [{"name": "burst", "limit": 200}, {"name": "day", "limit": 5, "period": "day"}],
        "steps": [],
    }
    told = CliRunner().invoke(group_that(thing), ["do"]).stdout.splitlines()
    assert told == [
        "name         open",
        "grant.state  active",
        "grant.until  -",
        "possible     refuse",
        "steps        -",
        "",
        "policies:",
        "name   limit  period",
        "burst  200    -",
        "day    5      day",
    ]
    assert json.loads(CliRunner().invoke(group_that(thing), ["do", "--json"]).stdout) == thing


@pytest.mark.parametrize(("number", "told"), [(0, "0 keys"), (1, "1 key"), (2, "2 keys"), (28298, "28,298 keys")])
def test_one_is_no_plural(number: int, told: str) -> None:
    assert counted(number, "key") == told


def test_every_command_gives_a_table_or_json() -> None:
    rows: list[dict[str, object]] = [{"slug": "airports", "rows": 28298}, {"slug": "x", "rows": None}]
    table = CliRunner().invoke(group_that(rows), ["do"]).stdout.splitlines()
    assert table == ["slug      rows", "airports  28,298", "x         -"]
    assert json.loads(CliRunner().invoke(group_that(rows), ["do", "--json"]).stdout) == rows


def test_help_documents_the_exit_codes_and_needs_no_valid_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSB_PORT", "wrong")
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "6 unavailable" in " ".join(result.stdout.split())


def test_a_wrong_setting_ends_a_command_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSB_PORT", "wrong")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 2
    assert "GSB_PORT" in result.stderr


def test_every_command_takes_json() -> None:
    def walk(command: click.Command) -> list[click.Command]:
        inner = command.commands.values() if isinstance(command, click.Group) else []
        return [command] if not inner else [leaf for one in inner for leaf in walk(one)]

    main.load()
    for command in walk(main):
        assert any("--json" in parameter.opts for parameter in command.params), command.name


def test_progress_says_speed_and_time_left() -> None:
    progress = Progress("flights", 300, "rows", is_shown=True, stream=io.StringIO())
    assert progress.line(100, 2.0) == "flights  100/300 rows  33%  50 rows/s  4 s left"
    assert Progress("x", None, "bytes", is_shown=True).line(10, 1.0) == "x  10 bytes  10 bytes/s"


def test_progress_is_silent_when_nobody_watches_and_rare_when_somebody_does() -> None:
    quiet, shown, now = io.StringIO(), io.StringIO(), [0.0]
    hidden = Progress("x", 10, "rows", is_shown=False, stream=quiet, clock=lambda: now[0])
    seen = Progress("x", 10, "rows", is_shown=True, stream=shown, clock=lambda: now[0])
    for step in range(100):
        now[0] = step / 100
        hidden.update(step)
        seen.update(step)
    assert quiet.getvalue() == ""
    assert 5 <= shown.getvalue().count("\r") <= 10
