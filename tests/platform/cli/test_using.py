"""Who acts at a terminal: whoever changes something is named once operators are, and whoever looks need not be."""

import asyncio

import pytest
from tests.processes import gsb, settings_env

from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.people.operators import add_operator
from publicgsb.apikeys.peppers import Peppers
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("webhook", "list"), 0),
        (("grant", "list"), 0),
        (("grant", "show", "1"), 4),
        (("webhook", "disable", "1", "--reason", "broken"), 3),
        (("grant", "revoke", "1", "--reason", "over"), 3),
    ],
)
async def test_only_a_change_needs_a_named_operator(
    settings: Settings, connections: Connections, arguments: tuple[str, ...], exit_code: int
) -> None:
    await add_operator(connections, Peppers.of(b"tests"), "Mina Rad", "mina@example.org", None, Actor("tests", None))
    await asyncio.to_thread(gsb, settings_env(settings), *arguments, exit_code=exit_code)
