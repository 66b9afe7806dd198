"""`gsb audit list | verify | head`: who changed what, and the proof that nobody touched the record of it."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from publicgsb.platform.server import audit as reading
from publicgsb.platform.server.audit import Entry, Filters, Verdict
from publicgsb.platform.server.cli.frame import EXIT_REFUSED, Context, emit, note
from publicgsb.platform.server.cli.using import run

DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def audit() -> None:
    """The audit: every change, chained."""


@audit.command(name="list")
@click.option("--actor", help="Who: person:12, operator:NAME.")
@click.option("--action", help="What: key.revoke, or key for all that happened to keys.")
@click.option("--subject", help="To what: key:1aB2cD3e, organisation:12, agency/dataset.")
@click.option("--since", type=DAY, help="From this day (UTC) on.")
@click.option("--until", type=DAY, help="Before this day (UTC).")
@click.option("--before", "before_id", type=int, help="Entries older than this one: the next page.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most so many.")
@click.pass_obj
def list_(
    context: Context,
    actor: str | None,
    action: str | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    before_id: int | None,
    limit: int,
) -> None:
    """List entries, newest first."""
    filters = Filters(actor, action, subject, _utc(since), _utc(until), before_id, limit)
    rows = [_row(one) for one in run(context, lambda connections: reading.entries(connections, filters))]
    emit(rows, ["entry", "at", "actor", "action", "subject", "before", "after", "reason", "details"])


@audit.command()
@click.option("--head", "heads", multiple=True, help="A head that `gsb audit head` printed before; repeatable.")
@click.option(
    "--heads",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of kept heads, one a line.",
)
@click.pass_obj
def verify(context: Context, heads: tuple[str, ...], file: Path | None) -> None:
    """Recompute the whole chain; ends with 3 and says which entry when one was changed, removed or moved.

    Whoever owns the database can rewrite all of it: only a head kept elsewhere (--head) tells of that.
    """
    kept = [*heads, *(line for line in (file.read_text().splitlines() if file else []) if line.strip())]
    anchors = [reading.parse_head(text) for text in kept]
    verdict = run(context, lambda connections: reading.verify(connections, anchors))
    if context.as_json:
        emit(_verdict(verdict))
    elif verdict.problems:
        emit([_problem(one) for one in verdict.problems], ["flaw", "number", "entry", "sentence"])
    else:
        emit({"entries": verdict.entries, "intact": True, "head": str(verdict.head)})
    if verdict.problems:
        note("The audit is not intact.")
        raise click.exceptions.Exit(EXIT_REFUSED)


@audit.command()
@click.pass_obj
def head(context: Context) -> None:
    """Print NUMBER:HASH of the newest link. Keep it elsewhere, e.g. daily, for `gsb audit verify --head`."""
    found = run(context, reading.head)
    if context.as_json:
        emit({"seq": found.seq, "hash": found.hash})
    else:
        click.echo(str(found))


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _row(one: Entry) -> dict[str, Any]:
    return {
        "entry": one.id,
        "number": one.seq,
        "at": one.at.isoformat(timespec="seconds"),
        "actor": one.actor,
        "person": one.person_name,
        "action": one.action,
        "subject": one.subject,
        "before": one.before,
        "after": one.after,
        "reason": one.reason,
        "details": one.details or None,
        "hash": one.hash,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "entries": verdict.entries,
        "intact": not verdict.problems,
        "head": dataclasses.asdict(verdict.head),
        "problems": [_problem(one) for one in verdict.problems],
    }


def _problem(one: reading.Problem) -> dict[str, Any]:
    return {"flaw": one.flaw.value, "number": one.seq, "entry": one.entry, "sentence": one.sentence}
