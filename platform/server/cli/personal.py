"""A command that is done by a named person of an agency, with the key that names them, and not by the operator."""

from collections.abc import Callable
from typing import Any, TextIO, TypeVar

import click

from publicgsb.apikeys.keyring import KeyRing
from publicgsb.datasets.reviews.rights import actor_of, refuse_to_act
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.platform.kernel.held import refuse_data_key
from publicgsb.platform.kernel.pulse import Pulse
from publicgsb.platform.server.cli.frame import Context
from publicgsb.platform.server.cli.using import operator
from publicgsb.platform.server.secrets import load_secrets

Command = TypeVar("Command", bound=Callable[..., Any])


def personal(command: Command) -> Command:
    """The key comes out of a file, standard input or a hidden prompt: arguments stand in the history of the shell."""
    return click.option(
        "--key",
        "key_file",
        type=click.File("r", encoding="utf-8"),
        help="File with your agency key (gsba_…), - for standard input; asked for when not given.",
    )(command)


def perhaps_personal(command: Command) -> Command:
    """The operator does it, or a person of the agency with their key."""
    return click.option(
        "--key",
        "key_file",
        type=click.File("r", encoding="utf-8"),
        help="File with your agency key (gsba_…), - for standard input; without it the operator does it.",
    )(command)


async def actor_of_command(
    context: Context, connections: Connections, text: str | None, agency: str, dataset: str
) -> str:
    """Who is said to have done it: whom the key names, if they may act on the dataset, else the operator."""
    return (await doer_of_command(context, connections, text, agency, dataset))[0]


async def doer_of_command(
    context: Context, connections: Connections, text: str | None, agency: str, dataset: str
) -> tuple[str, int | None]:
    """The same, and the number of the person; None for the operator."""
    if text is None:
        return operator(), None
    caller = await person_of(context, connections, text)
    await refuse_to_act(connections, caller, agency, dataset)
    return actor_of(caller), caller.person_id


def key_text(key_file: TextIO | None) -> str:
    """Read before the work of `run` begins, as it may wait for a person."""
    text = key_file.read() if key_file is not None else click.prompt("Your agency key", hide_input=True, err=True)
    return str(text).strip()


async def person_of(context: Context, connections: Connections, text: str) -> Caller:
    """Who the key names. Raises Unauthenticated, or NotPermitted for a key that is not an agency's."""
    peppers = load_secrets(context.settings).peppers
    caller = await KeyRing(connections, Pulse(connections, "cli"), peppers).authenticate(text)
    refuse_data_key(caller)
    if caller.networks is not None:
        raise NotPermitted(
            "This key is held to networks, and a terminal is in none.", reason="key_network", hint="Use it over HTTP."
        )
    return caller
