"""Running a use case from the command line: its connections, and who is said to have done it."""

import getpass
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import click

from publicgsb.apikeys.model import Actor, Spread
from publicgsb.apikeys.people.operators import Shown, name_of
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, NotPermitted
from publicgsb.platform.server.cli.frame import Context
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.migrate import migrate
from publicgsb.platform.server.secrets import load_secrets

T = TypeVar("T")


def run(context: Context, work: Callable[[Connections], Awaitable[T]]) -> T:
    """Bring the database up to date, then do the work on connections that are closed afterwards."""

    async def with_engines(engines: Engines) -> T:
        await migrate(engines.database_url)
        async with opened(engines.database_url) as connections:
            if context.operator is None:
                context.operator = await _named(context, connections)
            return await work(connections)

    return context.run(with_engines)


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Connections]:
    connections = Connections(database_url, size=4)
    try:
        yield connections
    finally:
        await connections.close()


def operator() -> str:
    """Who acts, as audit rows name them; NotPermitted when operators are named and this is none of them.

    Inside the work of `run` this is known; before it, it is looked up.
    """
    context = click.get_current_context().find_object(Context)
    assert context is not None
    if context.operator is None:
        run(context, _nothing)
    if isinstance(context.operator, GsbError):
        raise context.operator
    assert context.operator is not None
    return context.operator


def acting() -> Actor:
    """Who changes something; NotPermitted as `operator` says."""
    return Actor(operator(), None)


def acting_or_account() -> Actor:
    """For what an operator needs who lost their secret: the account at the terminal where it is none's, and told so."""
    try:
        return acting()
    except NotPermitted:
        return Actor(f"operator:{getpass.getuser()}", None)


def looking() -> Actor:
    """Who only looks, inside the work of `run`: need not be named, as nothing of it is in the audit."""
    context = click.get_current_context().find_object(Context)
    assert context is not None
    return Actor(context.operator if isinstance(context.operator, str) else "operator", None)


def effective(spread: Spread) -> str:
    """Whether every worker keeps to it by now."""
    return "everywhere" if spread.is_everywhere else "pending"


async def _named(context: Context, connections: Connections) -> str | GsbError:
    """A refusal is kept for the commands that change something: whoever only looks need not be named."""
    try:
        settings = context.settings
        secret = settings.operator_secret.get_secret_value() if settings.operator_secret else None
        shown = Shown(context.acting_as or settings.operator, secret, getpass.getuser())
        return await name_of(connections, load_secrets(settings).peppers, shown)
    except GsbError as refusal:
        return refusal


async def _nothing(_: Connections) -> None:
    """Only who acts is asked for."""
