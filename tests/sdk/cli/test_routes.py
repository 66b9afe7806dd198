"""Hints of the service at a terminal: each route that has a command is told as the command."""

import click
import pytest

from publicgsb_sdk.cli.app import main
from publicgsb_sdk.cli.frame import tell
from publicgsb_sdk.cli.routes import COMMANDS, by_commands
from publicgsb_sdk.errors import NotFound

HINTS = {
    "GET /api/v1/keys lists yours.": "pgsb key list lists yours.",
    "Its owner sees it in GET /api/v1/keys, as `addresses`.": "Its owner sees it in pgsb key list, as `addresses`.",
    "POST /api/v1/submissions/sub_1-x/submit hands it in.": "pgsb publish submit sub_1-x hands it in.",
    "POST /api/v1/keys/revoke-exposed ends one.": "POST /api/v1/keys/revoke-exposed ends one.",
    "GET /api/v1/plans lists them.": "GET /api/v1/plans lists them.",
}


@pytest.mark.parametrize("hint", sorted(HINTS))
def test_a_route_is_told_as_its_command_and_stays_where_it_has_none(hint: str) -> None:
    assert by_commands(hint) == HINTS[hint]


@pytest.mark.parametrize("command", sorted(COMMANDS.values()))
def test_each_command_that_is_named_is_there(command: str) -> None:
    found: click.Command = main
    for name in command.removesuffix(" {}").split()[1:]:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    assert not isinstance(found, click.Group)


def test_an_error_is_told_with_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    tell(NotFound("There is no such key.", hint="GET /api/v1/keys lists yours."), None)
    assert "Hint: pgsb key list lists yours.\n" in capsys.readouterr().err
