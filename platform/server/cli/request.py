"""`gsb request list | show | acknowledge | answer | refuse | remove | figures`: what was asked, what came of it.

Agencies decide over HTTP with their keys. At a terminal the operator decides for the agency that was asked, and the
audit says that it was the operator.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.requests.model import DataRequest, State
from publicgsb.datasets.requests.service import PAGE_MAX, Answer, DataRequests, Decider
from publicgsb.datasets.requests.store import Wanted
from publicgsb.datasets.requests.told import figures_json, request_json
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.platform.server.requesting import tell_asker

T = TypeVar("T")

_COLUMNS = ["id", "agency", "dataset", "state", "asked", "due", "title"]
_FIGURES = [
    "agency", "asked", "running", "answered", "refused", "refusedWithoutGround", "noAnswer", "late", "medianWorkingDays"
]  # fmt: skip


@click.group()
def request() -> None:
    """Data requests: what anybody asked an agency for."""


@request.command(name="list")
@click.option("--agency", help="Only of this agency.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only those in this state.")
@click.option("--before", type=click.IntRange(1), help="Those below this number.")
@click.pass_obj
def list_(context: Context, agency: str | None, state: str | None, before: int | None) -> None:
    """List data requests, newest first, a hundred at a time."""
    wanted = Wanted(agency, None, (State(state),) if state else None, before)
    emit([_row(one) for one in _run(context, lambda requests: _told_all(requests, wanted))], _COLUMNS)


@request.command()
@click.argument("number", type=int)
@click.pass_obj
def show(context: Context, number: int) -> None:
    """Show request NUMBER with all that happened to it."""
    emit(_run(context, lambda requests: _told(requests, requests.one(number))))


@request.command()
@click.option("--agency", help="Only of this agency.")
@click.pass_obj
def figures(context: Context, agency: str | None) -> None:
    """Count, per agency, what was asked and what came of it."""

    async def work(requests: DataRequests) -> list[dict[str, Any]]:
        return figures_json(await requests.figures(agency))

    emit(_run(context, work), _FIGURES)


@request.command()
@click.argument("number", type=int)
@click.pass_obj
def acknowledge(context: Context, number: int) -> None:
    """Say that somebody has read request NUMBER; its clock runs on."""
    emit(_run(context, lambda requests: _told(requests, requests.acknowledge(_decider(), number))))


@request.command()
@click.argument("number", type=int)
@click.option("--dataset", help="The dataset that was released (agency/dataset).")
@click.option("--legal-ground", help="Of what is barred, when the dataset is without it, e.g. IR-FOI-14.")
@click.option("--not-held", is_flag=True, help="The agency has no such data; --message says who may.")
@click.option("--message", help="Everybody reads it.")
@click.pass_obj
def answer(
    context: Context, number: int, dataset: str | None, legal_ground: str | None, not_held: bool, message: str | None
) -> None:
    """Answer request NUMBER with a dataset, with a part of what was asked, or that there is none."""
    gives = State.PARTLY_RELEASED if legal_ground else State.RELEASED
    state = State.NOT_HELD if not_held else gives
    given = Answer(state, dataset, legal_ground, message)
    emit(_run(context, lambda requests: _told(requests, requests.answer(_decider(), number, given))))


@request.command()
@click.argument("number", type=int)
@click.option("--legal-ground", help="The article, e.g. IR-FOI-13; without one the refusal is told as such.")
@click.option("--message", help="Everybody reads it.")
@click.pass_obj
def refuse(context: Context, number: int, legal_ground: str | None, message: str | None) -> None:
    """Refuse request NUMBER."""
    given = Answer(State.REFUSED, None, legal_ground, message)
    emit(_run(context, lambda requests: _told(requests, requests.answer(_decider(), number, given))))


@request.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="For the audit; nobody else reads it.")
@click.pass_obj
def remove(context: Context, number: int, reason: str) -> None:
    """Remove the words of request NUMBER for good: insults, or personal data that the check let through."""
    if len(reason.strip()) < 3:
        raise InvalidRequest("The reason must say something.", reason="members")
    emit(_run(context, lambda requests: _told(requests, requests.remove(_decider(), number, reason.strip()))))


def _run(context: Context, work: Callable[[DataRequests], Awaitable[T]]) -> T:
    async def with_requests(connections: Connections) -> T:
        async def registry() -> Any:
            async with connections.use() as connection:
                return await load_registry(connection)

        return await work(DataRequests(connections, registry, tell=tell_asker(context.settings.base_url)))

    return run(context, with_requests)


def _decider() -> Decider:
    """Inside the work of `run`, which knows who acts."""
    return Decider("operator", operator())


async def _told(requests: DataRequests, step: Awaitable[DataRequest]) -> dict[str, Any]:
    return request_json(await step, requests.now(), requests.calendar)


async def _told_all(requests: DataRequests, wanted: Wanted) -> list[dict[str, Any]]:
    found = await requests.listed(wanted, PAGE_MAX)
    return [request_json(one, requests.now(), requests.calendar) for one in found]


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "asked": one["askedAt"], "due": one["dueOn"]}
