"""The command line as a whole: help, options, what is missing, and how it ends."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from publicgsb_sdk import __version__
from publicgsb_sdk.cli.app import main, run
from publicgsb_sdk.cli.commands.auth import is_in_the_clear

PROMISED = (
    *(
        "register",
        "auth login",
        "auth status",
        "auth logout",
        "row list",
        "download",
        "query",
        "price",
        "limits",
        "usage",
    ),
    *(f"dataset {verb}" for verb in ("list", "search", "info", "schema", "releases", "changes")),
    *(f"key {verb}" for verb in ("list", "create", "rotate", "revoke")),
    *(f"publish {verb}" for verb in ("validate", "draft", "diff", "submit", "review", "approve", "withdraw")),
    *("verify", "codegen", "completion"),
)


def commands(group: click.Group = main, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("PGSB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PGSB_KEYRING", "off")
    return tmp_path


def test_every_promised_command_is_there() -> None:
    assert set(PROMISED) <= {name for name, _ in commands()}


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_explains_itself_and_takes_the_common_options(name: str, command: click.Command) -> None:
    assert command.help
    options = {option for parameter in command.params for option in parameter.opts}
    assert {"-o", "--url"} <= options
    assert ("--output" in options) is (name != "codegen")  # which writes into a folder
    assert [one.name for one in command.params if isinstance(one, click.Option) and not one.help] == []


def test_whatever_spends_or_changes_can_be_tried_dry() -> None:
    """The others read what is free, write a file that is named, or are dry already (`codegen --check`)."""
    free = {"auth status", "codegen", "completion", "limits", "price", "usage", "verify", "key list"}
    free |= {f"dataset {verb}" for verb in ("list", "search", "schema")}
    free |= {f"publish {verb}" for verb in ("contract", "diff", "draft", "review", "validate")}
    dry = {name for name, command in commands() if any("--dry-run" in one.opts for one in command.params)}
    assert {name for name, _ in commands()} - dry == free


def test_the_page_names_every_command_and_no_other() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "pgsb.md").read_text(encoding="utf-8")
    known = {name for name, _ in commands()}
    assert {name for name in known if f"pgsb {name}" not in page} == set()
    assert set(re.findall(r"pgsb ([a-z]+)", page)) <= {name.split()[0] for name in known}


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("http://gsb.example", True),
        ("https://gsb.example", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://127.0.0.1.example", True),
    ],
)
def test_a_key_is_not_sent_in_the_clear_without_a_word(url: str, is_open: bool) -> None:
    assert is_in_the_clear(url) is is_open


def test_no_command_takes_a_secret_as_an_argument() -> None:
    """Other users of a machine can read the arguments of a process."""
    names = {option.lstrip("-") for _, command in commands() for one in command.params for option in one.opts}
    assert names & {"key", "api-key", "token", "password", "secret", "owner-token"} == set()


@pytest.mark.parametrize(
    ("arguments", "number", "said"),
    [
        (["nothing"], 2, "No such command"),
        (["row", "list"], 2, "Missing argument"),
        (["dataset", "list", "-o", "xml"], 2, "'xml' is not one of"),
        (["dataset", "list"], 2, "There is no address of a service."),
        (["dataset", "list", "--url", "ftp://x"], 2, "is not an address"),
        (["row", "list", "air.airports", "--url", "http://127.0.0.1:9"], 4, "There is no data key"),
        (["dataset", "list", "--url", "http://127.0.0.1:9"], 6, "No answer from http://127.0.0.1:9"),
        (["key", "create", "--url", "http://127.0.0.1:9"], 2, "Say where the secret goes"),
        (["register", "--url", "http://127.0.0.1:9"], 2, "Say --name, --email, --purpose."),
        (["row", "list", "airports", "--url", "http://127.0.0.1:9"], 4, "There is no data key"),
    ],
)
def test_what_is_wrong_is_told_on_stderr_and_ends_with_its_number(
    arguments: list[str], number: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == number
    shown = capsys.readouterr()
    assert (shown.out, said in shown.err) == ("", True), shown.err


def test_errors_are_json_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["row", "list", "air.airports", "-o", "json", "--url", "http://127.0.0.1:9"]) == 4
    error = json.loads(capsys.readouterr().err)["error"]
    assert (error["code"], error["details"], error["exit"]) == ("UNAUTHENTICATED", {"reason": "missing"}, 4)
    assert run(["dataset", "-o", "json"]) == 2


def test_a_full_disk_is_told_as_such() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "publicgsb_sdk.cli", "completion", "zsh"], stdout=full, stderr=subprocess.PIPE
        )
    assert (done.returncode, done.stderr) == (1, b"Error: No space left on device.\nCode: GSB_ERROR\n")


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_completion_is_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_PGSB_COMPLETE" in capsys.readouterr().out


def test_a_shell_is_told_the_names_of_commands() -> None:
    environment = os.environ | {"_PGSB_COMPLETE": "bash_complete", "COMP_WORDS": "pgsb dataset re", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-m", "publicgsb_sdk.cli"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["plain,releases"]


def test_without_its_extra_it_says_what_to_install() -> None:
    """Also where the error would otherwise be a traceback of an import."""
    program = "import sys; sys.modules['rich'] = None; from publicgsb_sdk.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "pgsb needs click and rich. Run: pip install 'publicgsb-sdk[cli]'\n"


def test_the_library_does_not_load_the_command_line() -> None:
    program = "import sys, publicgsb_sdk; print({'click', 'rich', 'keyring', 'publicgsb_sdk.cli'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_its_version_is_that_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"pgsb {__version__}\n"
