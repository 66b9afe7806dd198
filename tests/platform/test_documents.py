"""Documents say what the code does: routes, commands, import arrows, decisions."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
from starlette.routing import Route
from tests.attacks.table import TABLE
from tests.attacks.test_auditor import CHECKS
from tests.compat.catalogue import TOOLS

from publicgsb.platform.kernel.errors import ERRORS
from publicgsb.platform.server.app import build
from publicgsb.platform.server.cli import main
from publicgsb.platform.server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PROSE = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def test_every_route_is_in_the_reference_and_nothing_else(settings: Settings) -> None:
    assert settings.database_url is not None
    assert settings.redis_url is not None
    app = build(settings, settings.database_url.get_secret_value(), settings.redis_url.get_secret_value())
    answered = {
        f"{method} {re.sub(r':[a-z]+}', '}', route.path)}"
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or {"GET", "POST"}) - {"HEAD"}  # the data endpoint chooses for itself
    }
    written = set(re.findall(r"^\| `([A-Z]+ /[^`]*)`", (ROOT / "docs/rest.md").read_text(), re.MULTILINE))
    assert answered == written


main.load()


def commands(group: click.Group, prefix: str = "gsb") -> Iterator[str]:
    for name, command in group.commands.items():
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{prefix} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")


def test_every_promised_command_exists_and_explains_itself() -> None:
    found = set(commands(main))
    assert {
        *("gsb demo", "gsb serve", "gsb jobs", "gsb migrate", "gsb backup", "gsb restore", "gsb agency add"),
        *(f"gsb dataset {verb}" for verb in ("draft", "add", "validate", "release", "withdraw", "rollback", "list")),
        *(f"gsb dataset source {verb}" for verb in ("set", "list", "drop")),
        *("gsb org list", "gsb org approve", "gsb org suspend", "gsb plan list", "gsb plan set"),
        *(f"gsb {noun} capacity {verb}" for noun in ("dataset", "plan") for verb in ("set", "show", "drop")),
        *(f"gsb plan {verb}" for verb in ("add", "remove", "try", "shadow")),
        *("gsb key list", "gsb key revoke", "gsb usage", "gsb usage check", "gsb usage close", "gsb usage dataset"),
        *(f"gsb grant {verb}" for verb in ("list", "show", "request-changes", "validate", "refuse", "revoke")),
        *(f"gsb request {verb}" for verb in ("list", "show", "acknowledge", "answer", "refuse", "remove", "figures")),
    } <= found
    for group in (main, *(one for one in main.commands.values() if isinstance(one, click.Group))):
        assert all(command.help for command in group.commands.values())


def test_commands_that_documents_mention_exist() -> None:
    known = {name.split(" ")[1] for name in commands(main)}
    for file in PROSE:
        for line in re.findall(r"(?:^|`|/bin/)gsb ([a-z]+)", file.read_text(), re.MULTILINE):
            assert line in known, (file.name, line)


def test_the_arrows_of_the_architecture_are_the_linter_s() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    arrows = " → ".join(f"`{layer}`" for layer in layers)
    text = re.sub(r"\s+", " ", (ROOT / "docs/architecture.md").read_text())
    assert arrows in text


def test_files_that_documents_name_exist() -> None:
    for file in PROSE:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", file.read_text()):
            assert (file.parent / target).exists(), (file.name, target)
    for decision in (ROOT / "docs/decisions").glob("*.md"):
        held_by = decision.read_text().partition("## Held by")[2]
        for target in re.findall(r"`(tests/[^`]+)`", held_by):
            assert (ROOT / target).exists(), (decision.name, target)


def test_the_architecture_is_short_and_the_errors_are_a_closed_table() -> None:
    assert len((ROOT / "docs/architecture.md").read_text().splitlines()) <= 150
    written = set(
        re.findall(
            r"\b[A-Z]+(?:_[A-Z]+)+\b|UNAUTHENTICATED|CONFLICT|WITHHELD|UNAVAILABLE|TIMEOUT|INTERNAL",
            (ROOT / "docs/errors.md").read_text(),
        )
    )
    assert {error.code for error in ERRORS} <= written


def test_the_page_of_what_is_checked_counts_as_the_tests_do() -> None:
    """Operations of the oracle by how they ended, spellings, checks, attacks and tools; and its tests are there."""
    page = (ROOT / "docs/checked.md").read_text()
    oracle = ROOT / "tests/schema/oracle"
    for file in ("test_oracle.py", "test_drawn.py"):
        (row,) = [line for line in page.splitlines() if f"tests/schema/oracle/{file}" in line]
        told = row.split("|")[3].partition("**")[0]
        asked, *ends = [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", told)]
        (default,) = re.findall(r'"GSB_ORACLE_(?:OPERATIONS|DRAWN)", "(\d+)"', (oracle / file).read_text())
        assert asked == sum(ends) == int(default), file
    spellings = json.loads((ROOT / "tests/datasets/ingest/fold_golden.json").read_text())
    assert f"| {sum(map(len, spellings.values()))} spellings " in page
    assert f"the {len(CHECKS)} checks " in page
    assert f"{len(TABLE)} kinds, {TABLE[0].number} to {TABLE[-1].number} " in page
    assert f"| {len(TOOLS)} tools of others " in page
    for target in re.findall(r"`((?:tests|schema)/[^`]+)`", page):
        assert (ROOT / target).exists(), target
