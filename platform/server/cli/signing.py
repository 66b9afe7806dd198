"""`gsb signing list | rotate`: the keys that sign tokens and answers."""

from datetime import UTC, datetime

import click

from publicgsb.apikeys.signing.model import SigningKey
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import Rotation, SigningKeys
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import acting, effective, run
from publicgsb.platform.server.secrets import load_secrets


def signing_keys_of(context: Context, connections: Connections) -> SigningKeys:
    secrets = load_secrets(context.settings)
    return SigningKeys(connections, Sealer(secrets.pepper, *secrets.peppers.others.values()))


@click.group()
def signing() -> None:
    """Keys that sign tokens and answers."""


@signing.command(name="list")
@click.pass_obj
def list_(context: Context) -> None:
    """List signing keys with their state, newest first."""
    found = run(context, lambda connections: signing_keys_of(context, connections).keys())
    rows = [_row(key) for key in found]
    emit(rows, ["kid", "state", "published", "activeFrom", "activeUntil", "retiredFrom"])


@signing.command()
@click.option("--distrust", is_flag=True, help="A key has leaked: refuse at once whatever was signed so far.")
@click.pass_obj
def rotate(context: Context, distrust: bool) -> None:
    """Publish a next signing key, which takes over by itself once everybody can know it."""
    actor = acting()

    async def change(connections: Connections) -> Rotation:
        keys = signing_keys_of(context, connections)
        return await (keys.distrust(actor) if distrust else keys.rotate(actor))

    done = run(context, change)
    emit(
        {
            **_row(done.new),
            "effective": effective(done.spread),
            "workers": done.spread.workers,
            "tookMs": done.spread.took_ms,
        }
    )


def _row(key: SigningKey) -> dict[str, str | None]:
    def moment(value: datetime | None) -> str | None:
        return value.isoformat(timespec="seconds") if value else None

    return {
        "kid": key.kid,
        "state": key.state(datetime.now(UTC)).value,
        "published": moment(key.published_at),
        "activeFrom": moment(key.active_from),
        "activeUntil": moment(key.active_until),
        "retiredFrom": moment(key.retired_from),
    }
