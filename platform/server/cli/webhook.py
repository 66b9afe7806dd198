"""`gsb webhook list | deliveries | disable | replay`: whom we tell of what happens. Secrets are never shown."""

from datetime import UTC, datetime
from typing import Any

import click

from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.webhooks.model import Delivery, DeliveryState, Holder, Webhook, message_name, parse_message_name
from publicgsb.apikeys.webhooks.service import Webhooks
from publicgsb.apikeys.webhooks.store import Range
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server import parts
from publicgsb.platform.server.cli.agency import agency_id_of
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import acting, looking, run
from publicgsb.platform.server.secrets import load_secrets

_COLUMNS = ["id", "organisation", "agency", "label", "url", "kinds", "state", "why", "failures", "lastSuccess"]


@click.group()
def webhook() -> None:
    """Webhooks of organisations and agencies."""


@webhook.command(name="list")
@click.option("--organisation", type=int, help="Only of this organisation (its number).")
@click.option("--agency", help="Only of this agency (its slug).")
@click.pass_obj
def list_(context: Context, organisation: int | None, agency: str | None) -> None:
    """List webhooks, newest first."""
    if organisation is not None and agency is not None:
        raise InvalidRequest("Say --organisation or --agency, not both.", reason="settings")

    async def work(connections: Connections) -> tuple[Webhook, ...]:
        agency_id = None if agency is None else await agency_id_of(connections, agency)
        return await _webhooks(context, connections).list(Holder(organisation, agency_id, looking()))

    emit([_row(one) for one in run(context, work)], _COLUMNS)


@webhook.command()
@click.argument("webhook_id", type=int)
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@click.pass_obj
def deliveries(context: Context, webhook_id: int, state: str | None, limit: int) -> None:
    """Show how far the messages to WEBHOOK_ID have got, newest first."""
    wanted = DeliveryState(state) if state else None
    found = run(
        context,
        lambda connections: _webhooks(context, connections).deliveries(
            _anybody(looking()), webhook_id, None, wanted, limit
        ),
    )
    emit([_line(one) for one in found], ["message", "kind", "announced", "state", "attempts", "status", "error"])


@webhook.command()
@click.argument("webhook_id", type=int)
@click.option("--reason", required=True, help="Told to whoever holds the webhook.")
@click.pass_obj
def disable(context: Context, webhook_id: int, reason: str) -> None:
    """Send nothing to WEBHOOK_ID any more; a test by its owner turns it on again."""
    done = run(
        context,
        lambda connections: _webhooks(context, connections).disable(_anybody(acting()), webhook_id, reason.strip()),
    )
    emit(_row(done))


@webhook.command()
@click.argument("webhook_id", type=int)
@click.option("--message", "messages", multiple=True, help="The id of a message (msg_…); may be repeated.")
@click.option("--since", type=click.DateTime(), help="Messages announced from this moment on (UTC).")
@click.option("--until", type=click.DateTime(), help="And before this one.")
@click.option("--failed", is_flag=True, help="Only those that were given up.")
@click.pass_obj
def replay(
    context: Context,
    webhook_id: int,
    messages: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    failed: bool,
) -> None:
    """Send messages to WEBHOOK_ID again, under their ids."""
    if bool(messages) == (since is not None) or (messages and until):
        raise InvalidRequest("Say which messages: --message ID, or --since MOMENT.", reason="settings")
    ids = tuple(parse_message_name(text) for text in messages) or None
    what = Range(ids, _utc(since), _utc(until), failed)
    count = run(
        context, lambda connections: _webhooks(context, connections).replay(_anybody(acting()), webhook_id, what)
    )
    emit({"webhook": webhook_id, "messages": count})


def _webhooks(context: Context, connections: Connections) -> Webhooks:
    secrets = parts.webhook_secrets(load_secrets(context.settings))
    return Webhooks(connections, secrets, parts.webhook_sender(context.settings))


def _anybody(actor: Actor) -> Holder:
    """Whoever holds the webhook, this is the operator's doing."""
    return Holder(None, None, actor)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _row(one: Webhook) -> dict[str, Any]:
    return {
        "id": one.id,
        "organisation": one.organisation_id,
        "agency": one.agency_id,
        "label": one.label,
        "url": one.url,
        "kinds": list(one.kinds),
        "state": one.state.value,
        "why": one.disabled_reason,
        "failures": one.failures,
        "lastSuccess": _moment(one.last_success_at),
    }


def _line(one: Delivery) -> dict[str, Any]:
    return {
        "message": message_name(one.message_id),
        "kind": one.kind,
        "announced": _moment(one.at),
        "state": one.state.value,
        "attempts": one.attempts,
        "status": one.last_status,
        "error": one.last_error,
    }
