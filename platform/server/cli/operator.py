"""`gsb operator add | list | remove`: the named persons who run this service."""

from typing import Any

import click

from publicgsb.apikeys.people import operators
from publicgsb.apikeys.people.model import Person
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import acting, run


@click.group()
def operator() -> None:
    """Operators, whom the audit names. Once there is one, a command that changes something needs one."""


@operator.command()
@click.argument("name")
@click.option("--email", required=True, help="Their address: `gsb --as ADDRESS …`, or GSB_OPERATOR.")
@click.option("--account", help="Their account at the terminal, by which they are known without --as.")
@click.pass_obj
def add(context: Context, name: str, email: str, account: str | None) -> None:
    """Add the operator NAME."""
    made = run(context, lambda connections: operators.add_operator(connections, name, email, account, acting()))
    emit(_row(made))


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


def _row(one: Person) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "account": one.account,
        "since": one.created_at.isoformat(timespec="seconds"),
    }
