"""`gsb operator add | renew | list | remove`: the named persons who run this service."""

from typing import Any

import click

from publicgsb.apikeys.people import operators
from publicgsb.apikeys.people.model import Person
from publicgsb.platform.server.cli.frame import Context, emit, note
from publicgsb.platform.server.cli.using import acting, acting_or_account, run
from publicgsb.platform.server.secrets import load_secrets


@click.group()
def operator() -> None:
    """Operators, whom the audit names. Once there is one, a command that changes something needs one."""


@operator.command()
@click.argument("name")
@click.option(
    "--email", required=True, help="Their address: `gsb --as ADDRESS …` or GSB_OPERATOR, beside their secret."
)
@click.option("--account", help="Their account at the terminal, by which they are known without --as.")
@click.pass_obj
def add(context: Context, name: str, email: str, account: str | None) -> None:
    """Add the operator NAME."""
    peppers = load_secrets(context.settings).peppers
    made = run(
        context, lambda connections: operators.add_operator(connections, peppers, name, email, account, acting())
    )
    _show(made)


@operator.command()
@click.argument("email")
@click.pass_obj
def renew(context: Context, email: str) -> None:
    """Give the operator with the address EMAIL another secret; the one before is void. The audit tells who did."""
    peppers = load_secrets(context.settings).peppers
    _show(run(context, lambda connections: operators.renew_secret(connections, peppers, email, acting_or_account())))


@operator.command(name="list")
@click.pass_obj
def list_(context: Context) -> None:
    """List the operators."""
    emit([_row(one) for one in run(context, operators.list_operators)], ["id", "name", "email", "account", "since"])


@operator.command()
@click.argument("email")
@click.option("--reason", required=True, help="Kept in the audit.")
@click.pass_obj
def remove(context: Context, email: str, reason: str) -> None:
    """Remove the operator with the address EMAIL; what they did stays in the audit under their name."""
    gone = run(context, lambda connections: operators.remove_operator(connections, email, reason, acting()))
    emit(_row(gone))


def _show(issued: operators.Issued) -> None:
    emit({**_row(issued.operator), "secret": issued.secret})
    note(
        "The secret is shown once: GSB_OPERATOR_SECRET takes it where the account at the terminal is not theirs alone."
    )


def _row(one: Person) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "account": one.account,
        "since": one.created_at.isoformat(timespec="seconds"),
    }
