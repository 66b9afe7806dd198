"""`pgsb publish`: an agency's people hand in files, look at them, decide, and take back. Needs an agency key."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from publicgsb_sdk.cli.commands.declaring import contract, declare, diff, draft
from publicgsb_sdk.cli.exits import Exit
from publicgsb_sdk.cli.frame import Commands, Frame, confirmed, dry_run_option, pass_frame, yes_option
from publicgsb_sdk.cli.library import Mode, Report, dataset_path, one
from publicgsb_sdk.cli.output import Column, Format, note, with_values
from publicgsb_sdk.cli.report import tell_report
from publicgsb_sdk.errors import FileRefused, InvalidRequest

LIST = [
    *map(
        Column, ("id", "dataset", "state", "submittedBy", "createdAt", "embargoUntil", "decidedBy", "reason", "release")
    )
]
STANDING = ("draft", "validating", "in_review")
SENT = "If the service had all of it, it goes on without you; the same command hands it in once."


class Moment(click.ParamType[datetime]):
    """A moment with its offset."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """As the service reads it."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment: 2026-12-24T08:00:00+03:30 is one.", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no offset: 2026-12-24T08:00:00+03:30 has one.", param, ctx)
        return moment


MOMENT = Moment()

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
mode_option = click.option(
    "--mode",
    type=click.Choice(["full", "append", "upsert", "correction"]),
    default="full",
    show_default=True,
    help="full: the file is everything.",
)
as_of_option = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day that the rows describe, 2026-11-01."
)
notes_fa_option = click.option("--notes-fa", help="What is new in it, in Persian; shown to everybody.")
notes_en_option = click.option("--notes-en", help="What is new in it, in English.")
key_option = click.option("--idempotency-key", help="Another one hands the same file in once more.")
seconds_option = click.option("--seconds", type=float, default=3600, show_default=True, help="How long to wait for it.")


@click.group(cls=Commands)
def publish() -> None:
    """Hand in files of your agency, have them reviewed, take them back."""


for command in (draft, contract, diff, declare):
    publish.add_command(command)


@publish.command()
@click.argument("name", metavar="DATASET")
@file_argument
@click.option(
    "--contract",
    "own",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="By this contract, which need not be declared.",
)
@mode_option
@seconds_option
@pass_frame
def validate(frame: Frame, name: str, file: Path, own: Path | None, mode: Mode, seconds: float) -> int:
    """Have the service check every row of FILE and its privacy gate judge it; nothing is handed in.

    A file that is refused ends with 3.
    """
    with frame.publisher() as agency:
        report = agency.validate(file, own, dataset=name, mode=mode, progress=True, deadline=seconds)
    note("The file is good." if report.is_good else "The file is refused.")
    return _tell(frame, report, report.document)


@publish.command()
@click.argument("name", metavar="DATASET | DRAFT")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@mode_option
@as_of_option
@notes_fa_option
@notes_en_option
@click.option("--embargo", type=MOMENT, help="Not before this moment: 2026-12-24T08:00:00+03:30.")
@click.option("--draft", is_flag=True, help="Keep the file and check nothing yet; submit it by its id later.")
@key_option
@click.option("--wait", is_flag=True, help="Wait until it was checked, and show the report.")
@seconds_option
@dry_run_option
@pass_frame
def submit(
    frame: Frame,
    /,
    name: str,
    file: Path | None,
    wait: bool,
    seconds: float,
    dry_run: bool,
    **wishes: Any,
) -> int:
    """Hand FILE in for review; or submit the draft of this id."""
    if dry_run:
        where = one("submissions", name) + "/submit" if file is None else f"{dataset_path(name)}/submissions"
        _would_send(frame, file or name, where, wishes)
        return Exit.DONE
    frame.left = SENT
    with frame.publisher() as agency:
        try:
            if file is None:
                made = agency.submit_draft(name, wait=wait, progress=True, deadline=seconds)
            else:
                given = _wishes(wishes, embargo="embargo_until")
                made = agency.submit(file, name, wait=wait, progress=True, deadline=seconds, **given)
        except FileRefused as refused:
            note(f"The file is refused: {refused.message}")
            return _tell(frame, refused.report, refused.report.document)
    if made.state not in STANDING:
        _handed_in_before(made.id, made.state)
    return _tell(frame, made.report, made.document)


@publish.command()
@click.argument("name", metavar="DATASET")
@file_argument
@mode_option
@as_of_option
@notes_fa_option
@notes_en_option
@key_option
@seconds_option
@dry_run_option
@pass_frame
def release(frame: Frame, /, name: str, file: Path, seconds: float, dry_run: bool, **wishes: Any) -> int:
    """Release FILE at once, where your agency has nothing reviewed; else it becomes a submission."""
    if dry_run:
        _would_send(frame, file, f"{dataset_path(name)}/releases", wishes)
        return Exit.DONE
    frame.left = SENT
    with frame.publisher() as agency:
        try:
            done = agency.release(file, name, progress=True, deadline=seconds, **_wishes(wishes))
        except FileRefused as refused:
            note(f"The file is refused: {refused.message}")
            return _tell(frame, refused.report, refused.report.document)
    if not done.is_new:
        _handed_in_before(done.submission or str(done.document["id"]), done.state)
    return _tell(frame, done.report, done.document)


@publish.command()
@click.argument("submission", required=False)
@click.option("--state", multiple=True, help="Only those in this state; may be repeated.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the page for paper to this file.")
@pass_frame
def review(frame: Frame, submission: str | None, state: tuple[str, ...], html: Path | None) -> None:
    """What waits; or, with its id, what a reviewer sees of one SUBMISSION."""
    with frame.publisher() as agency:
        if submission is None:
            found = [one.document for one in agency.submissions(*state)]
            frame.writer.rows(with_values(LIST, found) if frame.shown is Format.TABLE else LIST, found)
        elif html is not None:
            _write_page(agency.review_page(submission), html)
        else:
            frame.writer.one(agency.submission(submission).document)


@publish.command()
@click.argument("submission")
@click.option("--sha256", help="Of the file that you looked at; without it that of the review you are shown.")
@yes_option
@dry_run_option
@pass_frame
def approve(frame: Frame, submission: str, sha256: str | None, yes: bool, dry_run: bool) -> None:
    """Approve a submission: exactly this file, contract and gate. It is published at once, or after its embargo."""
    with frame.publisher() as agency:
        seen = agency.submission(submission)
        if dry_run:
            frame.writer.one(seen.document)
            return
        confirmed(f"Publish {seen.dataset} from the file {(seen.sha256 or '')[:12]}…?", is_sure=yes)
        frame.left = "If the service had heard of it, it is approved: pgsb publish review."
        frame.writer.one(agency.approve(seen, sha256=sha256).document)


@publish.command("send-back")
@click.argument("submission")
@click.option("--reason", required=True, help="For whoever handed it in.")
@dry_run_option
@pass_frame
def send_back(frame: Frame, submission: str, reason: str, dry_run: bool) -> None:
    """Send a submission back with a reason; a corrected file is a new one."""
    with frame.publisher() as agency:
        found = agency.submission(submission) if dry_run else agency.send_back(submission, reason)
        frame.writer.one(found.document)


@publish.command()
@click.argument("name", metavar="SUBMISSION | DATASET")
@click.option("--reason", help="For a submission.")
@click.option("--reason-fa", help="For a dataset, shown to everybody.")
@click.option("--reason-en", help="For a dataset, shown to everybody.")
@click.option("--legal-ground", help="For a dataset: its code.")
@yes_option
@dry_run_option
@pass_frame
def withdraw(
    frame: Frame,
    /,
    name: str,
    reason: str | None,
    reason_fa: str | None,
    reason_en: str | None,
    legal_ground: str | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Take back a submission that is not published; or a whole dataset, which then answers nothing any more."""
    is_submission = name.startswith("sub_")
    if not is_submission and not (reason_fa and reason_en):
        raise click.UsageError("A dataset is withdrawn with --reason-fa and --reason-en, which everybody reads.")
    if dry_run:
        told = {"reason": reason, "reasonFa": reason_fa, "reasonEn": reason_en, "legalGround": legal_ground}
        given = {member: value for member, value in told.items() if value}
        frame.writer.one({"wouldWithdraw": name, **given, "at": frame.url})
        return
    if not is_submission:
        confirmed(f"Withdraw {name} from everybody?", is_sure=yes)
    frame.left = "If the service had heard of it, it is withdrawn."
    with frame.publisher() as agency:
        if is_submission:
            frame.writer.one(agency.withdraw(name, reason).document)
        else:
            done = agency.withdraw_dataset(
                name, reason_fa=reason_fa or "", reason_en=reason_en or "", legal_ground=legal_ground
            )
            frame.writer.one(done)


def _wishes(given: dict[str, Any], **names: str) -> dict[str, Any]:
    """Options as the library calls them; a day comes as a moment."""
    as_of = given.pop("as_of")
    words = {"fa": given.pop("notes_fa"), "en": given.pop("notes_en")}
    said = {language: text for language, text in words.items() if text is not None}
    named = {names.get(name, name): value for name, value in given.items()}
    return named | {"as_of": as_of and as_of.date(), "notes": said or None}


def _would_send(frame: Frame, what: object, path: str, wishes: dict[str, Any]) -> None:
    frame.publisher()  # whoever has no key is told so now
    given = {name: str(value) for name, value in wishes.items() if value}
    frame.writer.one({"wouldSend": str(what), "to": frame.url + path, **given})


def _handed_in_before(name: str, state: str) -> None:
    note(f"This file was handed in before, as {name}, which is {state} since.")
    note("--idempotency-key with a text of yours hands it in once more.")


def _tell(frame: Frame, report: Report | None, document: Mapping[str, Any]) -> int:
    """For eyes what the report comes to, else all of the document."""
    if frame.shown is Format.TABLE and document.get("report"):
        tell_report(frame, document)
    else:
        frame.writer.one(document)
    return Exit.DONE if report is None or report.is_good else Exit.REFUSED


def _write_page(body: bytes, html: Path) -> None:
    try:
        with html.open("xb") as file:
            file.write(body)
    except OSError as error:
        raise InvalidRequest(f"{html} cannot be written: {error.strerror}.") from None
    note(f"{html} is the page.")
