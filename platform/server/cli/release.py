"""`gsb release submit | list | review | approve | send-back | withdraw | recall`: releases on their way out, and back.

The people of an agency hand in and decide, each with the key that names them; the operator looks, and may recall.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import click

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.jobs.service import receive
from publicgsb.datasets.releases import recall as recalling
from publicgsb.datasets.releases.http import recalled_json
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.notes import read_notes
from publicgsb.datasets.releases.recall import Recalled
from publicgsb.datasets.releases.recall_journal import JOURNAL_FILE
from publicgsb.datasets.reviews import service, store
from publicgsb.datasets.reviews.model import State, Submission
from publicgsb.datasets.reviews.page import review_page
from publicgsb.datasets.reviews.rights import submitter_of
from publicgsb.datasets.reviews.told import submission_json, submission_line
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.kernel.ids import random_base62
from publicgsb.platform.server.cli.agency import agency_id_of
from publicgsb.platform.server.cli.dataset import FILE, parts_of
from publicgsb.platform.server.cli.frame import EXIT_UNAVAILABLE, Context, emit, note
from publicgsb.platform.server.cli.personal import actor_of_command, key_text, perhaps_personal, person_of, personal
from publicgsb.platform.server.cli.using import run
from publicgsb.platform.server.recalling import reach_of
from publicgsb.platform.server.reviewing import HurtApplications

CHUNK_BYTES = 1024 * 1024


@click.group()
def release() -> None:
    """Releases on their way: reviewed before they are published, and recalled."""


@release.command()
@click.argument("name")
@click.argument("file", type=FILE)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day that the rows describe.")
@click.option("--notes-fa", help="What is new in it, in Persian; shown to everybody.")
@click.option("--notes-en", help="What is new in it, in English.")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.FULL.value, show_default=True)
@click.option("--embargo", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="Published then and not before.")
@click.option("--draft", is_flag=True, help="Keep it; nobody looks at it before it is submitted.")
@personal
@click.pass_obj
def submit(
    context: Context,
    name: str,
    file: Path,
    as_of: datetime | None,
    notes_fa: str | None,
    notes_en: str | None,
    mode: str,
    embargo: datetime | None,
    draft: bool,
    key_file: TextIO | None,
) -> None:
    """Hand in FILE for NAME; the jobs process checks it, and then it waits for a reviewer."""
    agency, slug = parts_of(name)
    notes = read_notes(notes_fa, notes_en)

    async def work(connections: Connections, caller: Caller) -> Submission:
        await service.refuse_to_hand_in(connections, caller, agency, slug)
        settings = context.settings
        upload = await receive(settings.state_dir, _chunks(file), settings.upload_bytes_max)
        made, _ = await service.hand_in(
            *(connections, submitter_of(caller), agency, slug, f"cli-{random_base62(22)}", upload),
            mode=Mode(mode),
            as_of=as_of.date() if as_of else None,
            notes=notes,
            embargo_until=embargo,
            is_draft=draft,
        )
        return made

    _done(context, key_file, work)


@release.command(name="submit-draft")
@click.argument("submission")
@personal
@click.pass_obj
def submit_draft(context: Context, submission: str, key_file: TextIO | None) -> None:
    """Have the draft SUBMISSION checked, and then reviewed."""
    _done(context, key_file, lambda connections, caller: service.submit(connections, caller, submission))


@release.command()
@click.argument("submission")
@click.option("--sha256", help="Of the file you looked at: another one is not approved.")
@personal
@click.pass_obj
def approve(context: Context, submission: str, sha256: str | None, key_file: TextIO | None) -> None:
    """Approve SUBMISSION, as a reviewer; it is published by the jobs process, after its embargo."""
    _done(
        *(context, key_file),
        lambda connections, caller: service.approve(connections, caller, submission, file_sha256=sha256),
    )


@release.command(name="send-back")
@click.argument("submission")
@click.option("--reason", required=True, help="For whoever handed it in.")
@personal
@click.pass_obj
def send_back(context: Context, submission: str, reason: str, key_file: TextIO | None) -> None:
    """Send SUBMISSION back to whoever handed it in, as a reviewer."""
    _done(context, key_file, lambda connections, caller: service.send_back(connections, caller, submission, reason))


@release.command()
@click.argument("submission")
@click.option("--reason", help="Kept with it.")
@personal
@click.pass_obj
def withdraw(context: Context, submission: str, reason: str | None, key_file: TextIO | None) -> None:
    """Withdraw SUBMISSION before it is published, as a publisher."""
    _done(
        *(context, key_file),
        lambda connections, caller: service.withdraw_submission(connections, caller, submission, reason),
    )


@release.command(name="list")
@click.option("--agency", help="Only of this agency.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only in this state.")
@click.pass_obj
def list_(context: Context, agency: str | None, state: str | None) -> None:
    """List submissions, newest first."""

    async def work(connections: Connections) -> list[Submission]:
        agency_id = await agency_id_of(connections, agency) if agency else None
        return await service.submissions_of(connections, agency_id, [State(state)] if state else None)

    rows = [submission_line(one) for one in run(context, work)]
    emit(rows, ["id", "dataset", "state", "submittedBy", "inReviewSince", "decidedBy", "release"])


@release.command()
@click.argument("name")
@click.argument("seq", type=click.IntRange(1))
@click.option("--reason-fa", required=True, help="Why, in Persian; shown to everybody.")
@click.option("--reason-en", required=True, help="Why, in English.")
@perhaps_personal
@click.pass_obj
def recall(context: Context, name: str, seq: int, reason_fa: str, reason_en: str, key_file: TextIO | None) -> None:
    """Take release SEQ of NAME back from everybody, for good; the one before it becomes current."""
    agency, slug = parts_of(name)
    text = key_text(key_file) if key_file else None

    async def work(connections: Connections) -> Recalled:
        actor = await actor_of_command(context, connections, text, agency, slug)
        return await recalling.recall(
            *(connections, agency, slug, seq, Label(reason_fa, reason_en), actor),
            reach_of=reach_of,
            journal=context.settings.state_dir / JOURNAL_FILE,
        )

    done = run(context, work)
    emit(recalled_json(done))
    for later in done.still_in:
        note(f"Release {later} was made on top of it and holds its rows too: recall it as well, unless they are fine.")
    if done.workers_open:
        note(f"{done.workers_open} of {done.workers} processes may still serve it; the same command waits again.")
        raise click.exceptions.Exit(EXIT_UNAVAILABLE)


@release.command()
@click.argument("submission")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the page for paper to this file.")
@click.pass_obj
def review(context: Context, submission: str, html: Path | None) -> None:
    """Show what a reviewer sees of SUBMISSION: differences, the gate's verdicts, links, whom it would hurt."""

    async def work(connections: Connections) -> dict[str, Any]:
        async with connections.use() as connection:
            found = await store.by_id(connection, submission)
        if found is None:
            raise NotFound("There is no such submission.", hint="`gsb release list` shows them.")
        change = (found.review or {}).get("contract", {})
        hurt = (
            await HurtApplications(connections)(
                found.dataset_id, int(change["from"].split(".")[0]), change["touchedFields"]
            )
            if change.get("touchedFields")
            else ()
        )
        return submission_json(found, hurt)

    told = run(context, work)
    if html is not None:
        html.write_text(review_page(told, datetime.now(UTC)), encoding="utf-8")
        emit({"submission": told["id"], "page": str(html)})
    elif context.as_json:
        emit(told)
    else:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))


def _done(
    context: Context, key_file: TextIO | None, work: Callable[[Connections, Caller], Awaitable[Submission]]
) -> None:
    text = key_text(key_file)

    async def as_person(connections: Connections) -> Submission:
        return await work(connections, await person_of(context, connections, text))

    emit(submission_line(run(context, as_person)))


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk
