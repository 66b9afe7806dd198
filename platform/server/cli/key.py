"""`gsb key list | revoke`: keys, by whoever they belong to. Secrets are never shown."""

from typing import Any

import click

from publicgsb.apikeys.model import Actor, Key
from publicgsb.datasets.agencies import service as agencies
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, NotFound
from publicgsb.platform.kernel.ids import KeyId, OrganisationId
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.org import keys_of
from publicgsb.platform.server.cli.using import operator, run


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
        ids = {one.slug: one.id for one in await agencies.list_agencies(connections)}
        if agency not in ids:
            raise NotFound(f"There is no agency {agency}.", hint="`gsb agency list` shows them.")
        return await keys.list_agency_keys(ids[agency])

    rows = [_row(one) for one in run(context, work)]
    emit(rows, ["id", "kind", "label", "hint", "state", "created", "expires", "lastUsed"])


@key.command()
@click.argument("key_id")
@click.option("--reason", required=True, help="Kept with the key, and told to whoever still uses it.")
@click.pass_obj
def revoke(context: Context, key_id: str, reason: str) -> None:
    """Revoke a key by its id (the 8 characters after its prefix)."""
    done = run(
        context,
        lambda connections: keys_of(context, connections).revoke_key(KeyId(key_id), reason, Actor(operator(), None)),
    )
    where = "everywhere" if done.spread.is_everywhere else "pending"
    emit({**_row(done.key), "effective": where, "workers": done.spread.workers, "tookMs": done.spread.took_ms})


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
    }
