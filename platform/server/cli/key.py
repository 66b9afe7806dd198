"""`gsb key list | restrict | rotate | revoke | pepper`: keys, by whoever they belong to. A secret is shown once, when a
rotation makes it.
"""

from datetime import datetime, timedelta
from typing import Any

import click

from publicgsb.apikeys import records, views
from publicgsb.apikeys.bulk import BulkRevocation
from publicgsb.apikeys.format import parse_id
from publicgsb.apikeys.model import Key
from publicgsb.apikeys.moments import told
from publicgsb.apikeys.selection import Selection
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.ids import ApplicationId, OrganisationId
from publicgsb.platform.server.cli.agency import agency_id_of
from publicgsb.platform.server.cli.frame import Context, emit, note
from publicgsb.platform.server.cli.held import change_of, held_options
from publicgsb.platform.server.cli.key_scan import scan
from publicgsb.platform.server.cli.org import keys_of
from publicgsb.platform.server.cli.using import acting, run


@click.group()
def key() -> None:
    """Keys of organisations and agencies."""


@key.command(name="list")
@click.option("--organisation", type=int, help="The number of an organisation.")
@click.option("--agency", help="The slug of an agency.")
@click.pass_obj
def list_(context: Context, organisation: int | None, agency: str | None) -> None:
    """List the keys of one organisation or one agency, newest first."""
    if (organisation is None) == (agency is None):
        raise InvalidRequest("Say whose keys: --organisation NUMBER or --agency SLUG.", reason="settings")

    async def work(connections: Connections) -> tuple[Key, ...]:
        keys = keys_of(context, connections)
        if organisation is not None:
            return await keys.list_keys(OrganisationId(organisation))
        assert agency is not None
        return await keys.list_agency_keys(await agency_id_of(connections, agency))

    rows = [_row(one) for one in run(context, work)]
    emit(rows, ["id", "kind", "label", "hint", "state", "created", "expires", "lastUsed"])


@key.command()
@click.argument("key_id")
@held_options
@click.option(
    "--lift", multiple=True, type=click.Choice(["datasets", "levels", "addresses"]), help="No longer held in this way."
)
@click.option("--reason", required=True, help="Kept in the audit, and told to its owner.")
@click.pass_obj
def restrict(
    context: Context,
    key_id: str,
    datasets: tuple[str, ...],
    levels: tuple[str, ...],
    addresses: tuple[str, ...],
    expires_in_days: int | None,
    lift: tuple[str, ...],
    reason: str,
) -> None:
    """Change what a key is held to, by its id (the 8 characters after its prefix); what no option names stays."""
    one, actor = parse_id(key_id), acting()
    change = change_of(datasets, levels, addresses, expires_in_days, lift)
    done = run(context, lambda connections: keys_of(context, connections).restrict_key(one, change, reason, actor))
    emit({**_row(done.key), "secrets": list(done.key_ids), **views.spread(done.spread)})


@key.command()
@click.argument("key_id")
@click.option(
    "--overlap-hours", type=click.IntRange(0, 720), help="How long both work; GSB_ROTATION_OVERLAP_HOURS if left out."
)
@click.pass_obj
def rotate(context: Context, key_id: str, overlap_hours: int | None) -> None:
    """Make a new key in place of one, by its id, for the same person and held to the same; it is shown once."""
    one, actor = parse_id(key_id), acting()
    overlap = None if overlap_hours is None else timedelta(hours=overlap_hours)
    done = run(context, lambda connections: keys_of(context, connections).rotate_for(actor, one, overlap))
    replaced = {"replaced": done.old.id, "worksUntil": told(done.old.retire_at)}
    emit({**_row(done.new.key), **replaced, "key": done.new.secret})
    note("The key is not shown again.")


@key.command()
@click.argument("key_id", required=False)
@click.option("--organisation", type=int, help="Or all keys of an organisation, by its number.")
@click.option("--application", type=int, help="Or all keys of an application, by its number.")
@click.option("--agency", help="Or all keys of an agency's people, by its slug.")
@click.option("--dataset", help="Or all keys that are restricted to a dataset, agency/dataset.")
@click.option("--issued-before", help="Or all keys made before this moment, such as 2026-11-27T00:00:00Z.")
@click.option("--reason", required=True, help="Kept with the key, and told to whoever still uses it.")
@click.pass_obj
def revoke(
    context: Context,
    key_id: str | None,
    organisation: int | None,
    application: int | None,
    agency: str | None,
    dataset: str | None,
    issued_before: str | None,
    reason: str,
) -> None:
    """Revoke a key by its id (the 8 characters after its prefix), or all keys that every given option holds for."""
    actor = acting()
    selected = any(one is not None for one in (organisation, application, agency, dataset, issued_before))
    if (key_id is None) != selected:
        raise InvalidRequest("Give a key's id or options that select keys, and not both.", reason="settings")
    if key_id is not None:
        one = parse_id(key_id)
        done = run(context, lambda connections: keys_of(context, connections).revoke_key(one, reason, actor))
        emit({**_row(done.key), "successors": list(done.successors), **views.spread(done.spread)})
        return
    before = _moment(issued_before)

    async def work(connections: Connections) -> BulkRevocation:
        agency_id = None if agency is None else await agency_id_of(connections, agency)
        selection = Selection(
            organisation_id=None if organisation is None else OrganisationId(organisation),
            application_id=None if application is None else ApplicationId(application),
            agency_id=agency_id,
            dataset=dataset,
            issued_before=before,
        )
        return await keys_of(context, connections).revoke_keys(selection, reason, actor)

    many = run(context, work)
    emit({"revoked": len(many.key_ids), "keys": list(many.key_ids), **views.spread(many.spread)})


@key.command()
@click.pass_obj
def pepper(context: Context) -> None:
    """Count the keys under each pepper: one that has none any more may leave GSB_OTHER_PEPPERS."""

    async def work(connections: Connections) -> dict[int, int]:
        async with connections.use() as connection:
            return await records.pepper_versions(connection)

    counts = run(context, work)
    emit([{"version": version, "keys": count} for version, count in counts.items()], ["version", "keys"])


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidRequest("--issued-before needs a moment with a time zone.", reason="settings")
    return moment


def _row(one: Key) -> dict[str, Any]:
    def moment(value: Any) -> str | None:
        return value.isoformat(timespec="seconds") if value else None

    return {
        "id": one.id,
        "kind": one.kind.value,
        "label": one.label,
        "hint": one.hint,
        "state": one.state.value,
        "created": moment(one.created_at),
        "expires": moment(one.expires_at),
        "lastUsed": moment(one.last_used_at),
        **views.restrictions(one.restrictions),
    }


key.add_command(scan)
