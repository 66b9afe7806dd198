"""`gsb org …`: the registered startups and persons, as operators see and change them."""

from datetime import timedelta
from typing import Any

import click

from publicgsb.apikeys.mail import outbox as mail
from publicgsb.apikeys.model import Organisation, OrganisationState
from publicgsb.apikeys.organisations import Organisations
from publicgsb.apikeys.people.legal_id import is_legal_id, normalised
from publicgsb.apikeys.people.model import Person, Profile
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.kernel.ids import OrganisationId
from publicgsb.platform.server.cli.frame import Context, emit, note
from publicgsb.platform.server.cli.using import acting, effective, run
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.quotas.store import plans_all

NAME_LENGTH_MAX = 120


def keys_of(context: Context, connections: Connections) -> ApiKeys:
    secrets = load_secrets(context.settings)
    overlap = timedelta(hours=context.settings.rotation_overlap_hours)
    return ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.peppers, overlap=overlap)


def people_of(context: Context, connections: Connections) -> People:
    secrets = load_secrets(context.settings)
    tokens = OwnerTokens(secrets.signing_key_pem)
    return People(connections, keys_of(context, connections), tokens, secrets.pepper, context.settings.base_url)


@click.group()
def org() -> None:
    """Organisations, which ask for data."""


@org.command(name="list")
@click.option("--state", type=click.Choice([state.value for state in OrganisationState]), help="Only these.")
@click.pass_obj
def list_(context: Context, state: str | None) -> None:
    """List organisations, newest first."""
    wanted = OrganisationState(state) if state else None
    found = run(context, lambda connections: Organisations(connections).list(wanted))
    emit([_row(one) for one in found], ["id", "name", "plan", "state", "created"])


@org.command()
@click.argument("organisation", type=int)
@click.option("--plan", default="approved", show_default=True, help="The plan from now on.")
@click.pass_obj
def approve(context: Context, organisation: int, plan: str) -> None:
    """Put ORGANISATION (its number) on a larger plan; it becomes active if it was suspended."""

    async def work(connections: Connections) -> Organisation:
        await _refuse_unknown_plan(connections, plan)
        return await Organisations(connections).approve(OrganisationId(organisation), acting(), plan)

    _emit(run(context, work))


@org.command()
@click.argument("organisation", type=int)
@click.option("--reason", required=True, help="Told to whoever holds one of its keys.")
@click.pass_obj
def suspend(context: Context, organisation: int, reason: str) -> None:
    """Stop accepting every key of ORGANISATION (its number)."""
    number = OrganisationId(organisation)
    done = run(context, lambda connections: Organisations(connections).suspend(number, reason, acting()))
    emit({**_row(done.organisation), "keys": list(done.key_ids), "effective": effective(done.spread)})


@org.command()
@click.argument("organisation", type=int)
@click.option("--reason", required=True, help="Kept in the audit.")
@click.pass_obj
def resume(context: Context, organisation: int, reason: str) -> None:
    """End the suspension of ORGANISATION (its number); its plan is the one it had."""
    number = OrganisationId(organisation)
    _emit(run(context, lambda connections: Organisations(connections).resume(number, reason, acting())))


@org.command()
@click.argument("organisation", type=int)
@click.pass_obj
def show(context: Context, organisation: int) -> None:
    """Show ORGANISATION (its number): legal id, confirmation, declared use, people."""

    async def work(connections: Connections) -> tuple[Profile, tuple[Person, ...]]:
        people, number = people_of(context, connections), OrganisationId(organisation)
        return await people.profile(number), await people.list_people(number)

    found, people = run(context, work)
    confirmed = found.email_confirmed_at
    emit(
        {
            **_row(found.organisation),
            "suspendedReason": found.organisation.suspended_reason,
            "kind": found.organisation.kind.value,
            "legalId": found.legal_id,
            "emailConfirmed": confirmed.isoformat(timespec="seconds") if confirmed else None,
            "applications": [{"id": one.id, "name": one.name} for one in found.applications],
            "use": {"url": found.use.url, "description": found.use.description} if found.use else None,
            "people": [{"id": one.id, "name": one.name, "email": one.email, "role": one.role.value} for one in people],
        }
    )


@org.command()
@click.argument("organisation", type=int)
@click.option("--name", required=True, help="What it is called.")
@click.pass_obj
def application(context: Context, organisation: int, name: str) -> None:
    """Add an application to ORGANISATION (its number), with an account of its own: its plan counts once more for it."""
    given = " ".join(name.split())
    if not 2 <= len(given) <= NAME_LENGTH_MAX:
        raise InvalidRequest(f"A name has 2 to {NAME_LENGTH_MAX} characters.")
    number = OrganisationId(organisation)
    made = run(context, lambda connections: Organisations(connections).add_application(number, given, acting()))
    emit({"id": made.id, "organisation": made.organisation_id, "name": made.name})
    note(f'Its people make keys for it: POST /api/v1/keys with {{"applicationId": {made.id}}}.')


@org.command()
@click.argument("organisation", type=int)
@click.pass_obj
def token(context: Context, organisation: int) -> None:
    """Issue a new owner token to the first owner of ORGANISATION (its number); shown once, earlier ones are void."""
    made = run(
        context,
        lambda connections: keys_of(context, connections).renew_owner_token(OrganisationId(organisation), acting()),
    )
    emit({"ownerToken": made.text, "expires": made.expires_at.isoformat(timespec="seconds")})
    note("The token is not shown again. Hand it to the owner and to nobody else.")


@org.command(name="end-use")
@click.argument("organisation", type=int)
@click.option("--reason", required=True, help="Kept in the audit.")
@click.pass_obj
def end_use(context: Context, organisation: int, reason: str) -> None:
    """Revoke the declared use of ORGANISATION (its number), and the step of its plan with it, for good."""
    number = OrganisationId(organisation)
    _emit(run(context, lambda connections: people_of(context, connections).end_use(number, reason, acting())))


@org.command(name="legal-id")
@click.argument("organisation", type=int)
@click.option("--set", "digits", help="The right one.")
@click.option("--clear", is_flag=True, help="It has none, or no right to the one it gave.")
@click.option("--reason", required=True, help="Kept in the audit.")
@click.pass_obj
def legal_id(context: Context, organisation: int, digits: str | None, clear: bool, reason: str) -> None:
    """Correct the national legal id of ORGANISATION (its number)."""
    if (digits is None) != clear:
        raise InvalidRequest("Say either --set DIGITS or --clear.", reason="settings")
    given = normalised(digits) if digits is not None else None
    if given is not None and not is_legal_id(given):
        raise InvalidRequest("This is no national legal id: 11 digits, the last of which checks the others.")
    done = run(
        context,
        lambda connections: people_of(context, connections).set_legal_id(
            OrganisationId(organisation), given, reason, acting()
        ),
    )
    emit({**_row(done.organisation), "legalId": done.legal_id})


@org.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@click.pass_obj
def outbox(context: Context, limit: int) -> None:
    """Show outgoing mail, newest first. Without GSB_SMTP_URL this is where mail goes; texts are dropped once sent."""
    mails = run(context, lambda connections: mail.newest(connections, limit))
    rows = [
        {
            "id": one.id,
            "to": one.to_address,
            "subject": one.subject,
            "at": one.created_at.isoformat(timespec="seconds"),
            "sent": one.sent_at.isoformat(timespec="seconds") if one.sent_at else None,
            "tries": one.tries,
            "error": one.last_error,
            "body": one.body,
        }
        for one in mails
    ]
    emit(rows, ["id", "to", "subject", "at", "sent", "tries", "error"])
    if not context.as_json:
        for row in reversed(rows):
            if row["body"]:
                click.echo(f"\n--- {row['id']} ---\n{row['body']}")


async def _refuse_unknown_plan(connections: Connections, plan: str) -> None:
    """NotFound; an organisation on a plan that there is not would be answered nothing."""
    async with connections.use() as connection:
        if all(one.name != plan for one in await plans_all(connection)):
            raise NotFound(f"There is no plan {plan!r}.", hint="`gsb plan list` shows the plans.")


def _emit(one: Organisation) -> None:
    emit(_row(one))


def _row(one: Organisation) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "plan": one.plan,
        "state": one.state.value,
        "created": one.created_at.isoformat(timespec="seconds"),
    }
