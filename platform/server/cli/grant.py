"""`gsb grant list | show | request-changes | validate | refuse | revoke`: requests for restricted data.

Agencies decide over HTTP with their keys. At a terminal the operator decides for an agency, which has to be named, and
the audit says that it was the operator; what must end at once is revoked without.
"""

from typing import Any

import click

from publicgsb.apikeys.grants import views
from publicgsb.apikeys.grants.deciding import Deciding
from publicgsb.apikeys.grants.model import DAYS_MAX, Decided, Decider
from publicgsb.apikeys.grants.states import Party, RequestState
from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.moments import utc_now
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.cli.agency import agency_id_of
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import acting, looking, run

LIMIT = 1_000
_COLUMNS = ["id", "dataset", "organisation", "state", "grant", "until", "submitted"]

_for_agency = click.option("--agency", required=True, help="The agency for which you decide, which owns the dataset.")


@click.group()
def grant() -> None:
    """Requests for restricted data, and the grants that came of them."""


@grant.command(name="list")
@click.option("--agency", help="Only for the datasets of this agency.")
@click.option("--state", type=click.Choice([one.value for one in RequestState if one is not RequestState.DRAFT]))
@click.pass_obj
def list_(context: Context, agency: str | None, state: str | None) -> None:
    """List requests that were handed in, newest first."""

    async def work(connections: Connections) -> list[dict[str, Any]]:
        who, wanted = await _decider(connections, agency, looking()), RequestState(state) if state else None
        found = await Deciding(connections).requests(who, wanted, None, LIMIT)
        return [views.request(one, Party.OPERATOR, utc_now()) for one in found]

    emit([_row(one) for one in run(context, work)], _COLUMNS)


@grant.command()
@click.argument("request", type=int)
@click.pass_obj
def show(context: Context, request: int) -> None:
    """Show REQUEST (its number) with all that was done and said."""

    async def work(connections: Connections) -> dict[str, Any]:
        told = await Deciding(connections).request(await _decider(connections, None, looking()), request)
        return views.told(told, Party.OPERATOR, utc_now())

    emit(run(context, work))


@grant.command(name="request-changes")
@click.argument("request", type=int)
@_for_agency
@click.option("--message", required=True, help="What is missing; the applicant reads it.")
@click.pass_obj
def request_changes(context: Context, request: int, agency: str, message: str) -> None:
    """Send REQUEST back to the applicant."""
    text = _words("message", message)

    async def work(connections: Connections) -> Decided:
        return await Deciding(connections).request_changes(await _decider(connections, agency, acting()), request, text)

    _emit(run(context, work))


@grant.command()
@click.argument("request", type=int)
@_for_agency
@click.option("--days", type=click.IntRange(1, DAYS_MAX), help="For fewer days than were asked for.")
@click.option("--message", default="", help="The applicant reads it.")
@click.pass_obj
def validate(context: Context, request: int, agency: str, days: int | None, message: str) -> None:
    """Give the grant that REQUEST asks for; an older one of it becomes obsolete."""

    async def work(connections: Connections) -> Decided:
        who = await _decider(connections, agency, acting())
        return await Deciding(connections).validate(who, request, days=days, message=message)

    _emit(run(context, work))


@grant.command()
@click.argument("request", type=int)
@_for_agency
@click.option("--legal-ground", required=True, help="The article on which it is refused.")
@click.option("--message", required=True, help="Why; the applicant reads it.")
@click.pass_obj
def refuse(context: Context, request: int, agency: str, legal_ground: str, message: str) -> None:
    """Refuse REQUEST on a legal ground; a grant that it reopened goes on."""
    ground, text = _words("legal ground", legal_ground), _words("message", message)

    async def work(connections: Connections) -> Decided:
        return await Deciding(connections).refuse(await _decider(connections, agency, acting()), request, ground, text)

    _emit(run(context, work))


@grant.command()
@click.argument("request", type=int)
@click.option("--reason", required=True, help="Told to the organisation and to the agency.")
@click.pass_obj
def revoke(context: Context, request: int, reason: str) -> None:
    """End the grant of REQUEST: no worker answers by it once this says everywhere."""
    text = _words("reason", reason)

    async def work(connections: Connections) -> Decided:
        return await Deciding(connections).revoke(await _decider(connections, None, acting()), request, text)

    _emit(run(context, work))


async def _decider(connections: Connections, agency: str | None, actor: Actor) -> Decider:
    """The operator, for one agency or for all."""
    return Decider(actor, Party.OPERATOR, None if agency is None else await agency_id_of(connections, agency))


def _words(name: str, text: str) -> str:
    if len(text.strip()) < 3:
        raise InvalidRequest(f"The {name} must say something.", reason="members")
    return text.strip()


def _emit(done: Decided) -> None:
    emit(views.decided(done, Party.OPERATOR, utc_now()))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    given = one["grant"] or {}
    return {
        "id": one["id"],
        "dataset": one["dataset"],
        "organisation": one["organisation"]["name"],
        "state": one["state"],
        "grant": given.get("state"),
        "until": given.get("until"),
        "submitted": one["submittedAt"],
    }
