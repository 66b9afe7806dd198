"""`gsb org list | approve | suspend`: the registered startups and persons."""

from typing import Any

import click

from publicgsb.apikeys.model import Actor, Organisation, OrganisationState
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.ids import OrganisationId
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.platform.server.secrets import load_secrets


def keys_of(context: Context, connections: Connections) -> ApiKeys:
    secrets = load_secrets(context.settings)
    return ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.peppers)


@click.group()
def org() -> None:
    """Organisations, which ask for data."""


@org.command(name="list")
@click.option("--state", type=click.Choice([state.value for state in OrganisationState]), help="Only these.")
@click.pass_obj
def list_(context: Context, state: str | None) -> None:
    """List organisations, newest first."""
    wanted = OrganisationState(state) if state else None
    found = run(context, lambda connections: keys_of(context, connections).list_organisations(wanted))
    emit([_row(one) for one in found], ["id", "name", "plan", "state", "created"])


@org.command()
@click.argument("organisation", type=int)
@click.option("--plan", default="approved", show_default=True, help="The plan from now on.")
@click.pass_obj
def approve(context: Context, organisation: int, plan: str) -> None:
    """Put ORGANISATION (its number) on a larger plan; it becomes active if it was suspended."""
    actor = Actor(operator(), None)
    done = run(
        context,
        lambda connections: keys_of(context, connections).approve_organisation(
            OrganisationId(organisation), actor, plan
        ),
    )
    emit(_row(done))


@org.command()
@click.argument("organisation", type=int)
@click.option("--reason", required=True, help="Told to whoever holds one of its keys.")
@click.pass_obj
def suspend(context: Context, organisation: int, reason: str) -> None:
    """Stop accepting every key of ORGANISATION (its number)."""
    actor = Actor(operator(), None)
    done = run(
        context,
        lambda connections: keys_of(context, connections).suspend_organisation(
            OrganisationId(organisation), reason, actor
        ),
    )
    where = "everywhere" if done.spread.is_everywhere else "pending"
    emit({**_row(done.organisation), "keys": list(done.key_ids), "effective": where})


def _row(one: Organisation) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "plan": one.plan,
        "state": one.state.value,
        "created": one.created_at.isoformat(timespec="seconds"),
    }
