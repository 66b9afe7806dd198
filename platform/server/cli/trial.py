"""`gsb plan try` and `gsb plan shadow`: limits tried on what was really used."""

import re
from datetime import UTC, datetime, timedelta

import click

from publicgsb.apikeys.model import TEST_PLAN
from publicgsb.apikeys.organisations import Organisations
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.server.cli.frame import Context, counted, emit, note
from publicgsb.platform.server.cli.using import run
from publicgsb.quotas import store
from publicgsb.quotas.model import Plan, Policy
from publicgsb.quotas.trials.service import Tried, try_plan

COLUMNS = ["organisation", "application", "policy", "refused", "of", "points", "first", "last"]
RESOLUTION = (
    "Facts know whole seconds: a window of w seconds is w whole seconds here, and may refuse a little earlier or later "
    "in truth; how many requests ran at once is an average over each second; months and days are exact."
)
_SINCE = re.compile(r"([1-9]\d{0,3})([dh])")


@click.command(name="try")
@click.argument("name")
@click.option("--since", default="7d", show_default=True, help="How far back: 7d, 12h.")
@click.option("--on", "on", help="Only organisations that are on this plan now.")
@click.pass_obj
def try_(context: Context, name: str, since: str, on: str | None) -> None:
    """Say who would have been refused under plan NAME, when and by which policy, from what was really used."""
    _try(context, name, since, on, is_shadow=False)


@click.command()
@click.argument("name")
@click.option("--since", default="7d", show_default=True, help="How far back: 7d, 12h.")
@click.pass_obj
def shadow(context: Context, name: str, since: str) -> None:
    """Say what the shadow policies of plan NAME would have refused to the organisations that are on it."""
    _try(context, name, since, name, is_shadow=True)


def _try(context: Context, name: str, since: str, on: str | None, *, is_shadow: bool) -> None:
    until = datetime.now(UTC)
    began = until - _span(since)

    async def work(connections: Connections) -> Tried:
        async with connections.use() as connection:
            plans = {plan.name: plan for plan in await store.plans_all(connection)}
        for wanted in filter(None, (name, on)):
            if wanted not in plans:
                raise NotFound(f"There is no plan {wanted}.", hint="`gsb plan list` shows them.")
        concerned = None
        is_of_tests = TEST_PLAN in (on, name)  # the plan of every test key, whatever that of its organisation
        if on is not None and not is_of_tests:
            organisations = await Organisations(connections).list()
            concerned = {int(one.id) for one in organisations if one.plan == on}
        return await try_plan(
            connections,
            _policies(plans[name], is_shadow=is_shadow),
            began,
            until,
            together=not is_shadow,
            concerns=lambda account: (account[1] < 0) == is_of_tests and (concerned is None or account[0] in concerned),
        )

    tried = run(context, work)
    rows = [
        {
            "organisation": one.organisation_id,
            "application": one.application_id,
            "policy": one.policy,
            "refused": one.refused.requests,
            "of": one.requests,
            "points": one.refused.points,
            "bytes": one.refused.bytes,
            "first": _moment(one.refused.first),
            "last": _moment(one.refused.last),
        }
        for one in tried.verdicts
    ]
    if context.as_json:
        emit(
            {
                "plan": name,
                "since": began.isoformat(timespec="seconds"),
                "until": until.isoformat(timespec="seconds"),
                "applications": tried.applications,
                "requests": tried.requests,
                "refused": rows,
                "resolution": RESOLUTION,
            }
        )
        return
    if rows:
        emit(rows, COLUMNS)
    else:
        note("Nobody would have been refused.")
    applications, requests = counted(tried.applications, "application"), counted(tried.requests, "request")
    note(f"Looked at {applications} with {requests}. {RESOLUTION}")


def _policies(plan: Plan, *, is_shadow: bool) -> tuple[Policy, ...]:
    return plan.shadows if is_shadow else plan.enforced


def _span(text: str) -> timedelta:
    found = _SINCE.fullmatch(text)
    if found is None:
        raise InvalidRequest("--since is a number and d or h: 7d, 12h.", reason="settings")
    return timedelta(days=int(found[1])) if found[2] == "d" else timedelta(hours=int(found[1]))


def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
