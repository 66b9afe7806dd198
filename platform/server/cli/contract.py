"""`gsb contract show | announce | override`: what a new contract would break, and the notice that callers have."""

from datetime import datetime
from typing import Any, TextIO

import click

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.notices.model import Announced, Standing
from publicgsb.datasets.notices.overriding import override as override_notice
from publicgsb.datasets.notices.service import announce as announce_break
from publicgsb.datasets.notices.service import standing
from publicgsb.datasets.notices.told import announced_json, standing_json
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.cli.dataset import parts_of
from publicgsb.platform.server.cli.frame import Context, counted, emit, note
from publicgsb.platform.server.cli.personal import doer_of_command, key_text, perhaps_personal
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.platform.server.noticing import terms_of, users_of


@click.group()
def contract() -> None:
    """Contracts that break what callers use, and the notice that they have of it."""


@contract.command()
@click.argument("name")
@click.pass_obj
def show(context: Context, name: str) -> None:
    """Show what the declared contract of NAME would break, what was announced, and which applications ask for it."""
    agency, slug = parts_of(name)

    async def work(connections: Connections) -> Standing:
        async with connections.use() as connection:
            return await standing(connection, agency, slug, users_of)

    told = standing_json(run(context, work))
    if context.as_json:
        emit(told)
        return
    emit({key: _line(value) for key, value in told.items() if key != "applications"})
    if told["applications"]:
        emit(told["applications"], ["organisation", "application", "name", "fields", "requests", "lastOn"])
    else:
        note("No application has asked for what it touches in the last 90 days.")


@contract.command()
@click.argument("name")
@click.option("--sunset", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the old one.")
@click.option("--reason-fa", help="Why, in Persian; shown to everybody.")
@click.option("--reason-en", help="Why, in English.")
@perhaps_personal
@click.pass_obj
def announce(
    context: Context,
    name: str,
    sunset: datetime | None,
    reason_fa: str | None,
    reason_en: str | None,
    key_file: TextIO | None,
) -> None:
    """Announce the breaking contract declared for NAME: it becomes a dataset beside NAME, whose callers are told."""
    agency, slug = parts_of(name)
    if (reason_fa is None) is not (reason_en is None):
        raise InvalidRequest("A reason is in both languages: --reason-fa and --reason-en.", reason="settings")
    reason = Label(reason_fa, reason_en) if reason_fa is not None and reason_en is not None else None
    text = key_text(key_file) if key_file else None

    async def work(connections: Connections) -> Announced:
        actor, person_id = await doer_of_command(context, connections, text, agency, slug)
        return await announce_break(
            *(connections, agency, slug, actor, users_of),
            terms=terms_of(context.settings),
            sunset_on=sunset.date() if sunset else None,
            reason=reason,
            person_id=person_id,
        )

    _done(context, run(context, work))


@contract.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why callers have no more time; kept in the audit.")
@click.option("--sunset", type=click.DateTime(["%Y-%m-%d"]), help="The last day; today, unless said.")
@click.pass_obj
def override(context: Context, name: str, reason: str, sunset: datetime | None) -> None:
    """End the notice of NAME sooner; of what was not announced, let the next release take its place at once."""
    agency, slug = parts_of(name)
    done = run(
        context,
        lambda connections: override_notice(
            *(connections, agency, slug, operator(), reason, users_of), sunset_on=sunset.date() if sunset else None
        ),
    )
    _done(context, done)


def _done(context: Context, done: Announced) -> None:
    told = announced_json(done)
    if context.as_json:
        emit(told)
        return
    emit({key: _line(value) for key, value in told.items() if key != "applications"})
    note(f"{counted(len(done.users), 'application')} asked it in the last 90 days; their organisations are told.")


def _line(value: Any) -> Any:
    return ("; ".join(map(str, value)) or None) if isinstance(value, list) else value
