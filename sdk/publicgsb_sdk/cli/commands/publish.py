"""`pgsb publish`: an agency's people hand in files, look at them, decide, and take back. Needs an agency key."""

from pathlib import Path
from typing import Any

import click

from publicgsb_sdk.cli import handing_in
from publicgsb_sdk.cli.commands.declaring import contract, declare, diff, draft
from publicgsb_sdk.cli.credentials import Kind
from publicgsb_sdk.cli.exits import Exit
from publicgsb_sdk.cli.frame import Commands, Frame, confirmed, dry_run_option, pass_frame, slug_path, yes_option
from publicgsb_sdk.cli.output import Column, Format, note
from publicgsb_sdk.cli.remote import Remote, segment
from publicgsb_sdk.errors import InvalidRequest

LIST = [
    *map(
        Column, ("id", "dataset", "state", "submittedBy", "createdAt", "embargoUntil", "decidedBy", "reason", "release")
    )
]
FOR_WHOM = ("reason_fa", "reason_en")
REPORT = ("isReleasable", "rowsRead", "errorsTotal", "counts", "normalisations", "errors", "findings", "links")
SENT = "If the service had all of it, it goes on without you; the same command hands it in once."
JOB_EXITS = {"refused": Exit.REFUSED, "failed": Exit.ERROR}

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
mode_option = click.option(
    "--mode",
    type=click.Choice(["full", "append", "upsert", "correction"]),
    help="full without it: the file is everything.",
)
as_of_option = click.option("--as-of", "asOf", help="The day that the rows describe, 2026-11-01.")
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
@mode_option
@as_of_option
@seconds_option
@pass_frame
def validate(frame: Frame, /, name: str, file: Path, seconds: float, **wishes: Any) -> int:
    """Have the service check every row of FILE and its privacy gate judge it; nothing is published.

    It is handed in as a submission with a far embargo, and withdrawn when its report is there. A file that is
    refused ends with 3.
    """
    remote = frame.remote(Kind.AGENCY)
    path = f"/api/v1/agencies/{slug_path(name)}/submissions"
    wishes["embargoUntil"] = handing_in.far_embargo()
    made = handing_in.send(remote, path, file, None, wishes)
    frame.left = f"{made['id']} is a submission now: pgsb publish withdraw {made['id']} takes it back."
    found = handing_in.checked(remote, made["id"], seconds)
    if found["state"] == "in_review":
        remote.post(f"/api/v1/submissions/{segment(made['id'])}/withdraw", {"reason": "validation only"})
    return _tell(frame, found, is_kept=False)


@publish.command()
@click.argument("name", metavar="DATASET | DRAFT")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@mode_option
@as_of_option
@click.option("--embargo", "embargoUntil", help="Not before this moment: 2026-12-24T08:00:00+03:30.")
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
    draft: bool,
    idempotency_key: str | None,
    wait: bool,
    seconds: float,
    dry_run: bool,
    **wishes: Any,
) -> int:
    """Hand FILE in for review; or submit the draft of this id."""
    remote = frame.remote(Kind.AGENCY)
    path = (
        f"/api/v1/submissions/{segment(name)}/submit"
        if file is None
        else f"/api/v1/agencies/{slug_path(name)}/submissions"
    )
    if dry_run:
        given = {member: value for member, value in wishes.items() if value}
        frame.writer.one({"wouldSend": str(file) if file else name, "to": frame.url + path, "draft": draft, **given})
        return Exit.DONE
    frame.left = SENT
    made = (
        remote.post(path)
        if file is None
        else handing_in.send(remote, path, file, idempotency_key, wishes | ({"draft": "true"} if draft else {}))
    )
    if not wait or draft:
        frame.writer.one(made)
        return Exit.DONE
    frame.left = f"{made['id']} goes on being checked: pgsb publish review {made['id']}"
    return _tell(frame, handing_in.checked(remote, made["id"], seconds), is_kept=True)


@publish.command()
@click.argument("name", metavar="DATASET")
@file_argument
@mode_option
@as_of_option
@key_option
@seconds_option
@dry_run_option
@pass_frame
def release(
    frame: Frame, /, name: str, file: Path, idempotency_key: str | None, seconds: float, dry_run: bool, **wishes: Any
) -> int:
    """Release FILE at once, where your agency has nothing reviewed; else it becomes a submission."""
    remote = frame.remote(Kind.AGENCY)
    path = f"/api/v1/agencies/{slug_path(name)}/releases"
    if dry_run:
        given = {member: value for member, value in wishes.items() if value}
        frame.writer.one({"wouldSend": str(file), "to": frame.url + path, **given})
        return Exit.DONE
    frame.left = SENT
    job = handing_in.send(remote, path, file, idempotency_key, wishes)
    frame.left = f"The job {job['id']} goes on."
    done = handing_in.job_done(remote, job["id"], seconds)
    frame.writer.one(done)
    return JOB_EXITS.get(done["state"], Exit.DONE)


@publish.command()
@click.argument("submission", required=False)
@click.option("--state", multiple=True, help="Only those in this state; may be repeated.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the page for paper to this file.")
@pass_frame
def review(frame: Frame, submission: str | None, state: tuple[str, ...], html: Path | None) -> None:
    """What waits; or, with its id, what a reviewer sees of one SUBMISSION."""
    remote = frame.remote(Kind.AGENCY)
    if submission is None:
        frame.writer.rows(LIST, remote.get("/api/v1/submissions", state=list(state))["submissions"])
        return
    one = f"/api/v1/submissions/{segment(submission)}"
    if html is not None:
        _write_page(remote, one, html)
        return
    frame.writer.one(remote.get(one))


@publish.command()
@click.argument("submission")
@click.option("--sha256", help="Of the file that you looked at; without it that of the review you are shown.")
@yes_option
@dry_run_option
@pass_frame
def approve(frame: Frame, submission: str, sha256: str | None, yes: bool, dry_run: bool) -> None:
    """Approve a submission: exactly this file, contract and gate. It is published at once, or after its embargo."""
    remote = frame.remote(Kind.AGENCY)
    one = f"/api/v1/submissions/{segment(submission)}"
    seen = remote.get(one)
    if dry_run:
        frame.writer.one(seen)
        return
    confirmed(f"Publish {seen['dataset']} from the file {seen['file']['sha256'][:12]}…?", is_sure=yes)
    frame.left = "If the service had heard of it, it is approved: pgsb publish review."
    frame.writer.one(remote.post(f"{one}/approve", {"fileSha256": sha256 or seen["file"]["sha256"]}))


@publish.command("send-back")
@click.argument("submission")
@click.option("--reason", required=True, help="For whoever handed it in.")
@dry_run_option
@pass_frame
def send_back(frame: Frame, submission: str, reason: str, dry_run: bool) -> None:
    """Send a submission back with a reason; a corrected file is a new one."""
    remote = frame.remote(Kind.AGENCY)
    one = f"/api/v1/submissions/{segment(submission)}"
    frame.writer.one(remote.get(one) if dry_run else remote.post(f"{one}/send-back", {"reason": reason}))


@publish.command()
@click.argument("name", metavar="SUBMISSION | DATASET")
@click.option("--reason", help="For a submission.")
@click.option("--reason-fa", help="For a dataset, shown to everybody.")
@click.option("--reason-en", help="For a dataset, shown to everybody.")
@click.option("--legal-ground", help="For a dataset: its code.")
@yes_option
@dry_run_option
@pass_frame
def withdraw(frame: Frame, /, name: str, yes: bool, dry_run: bool, **given: str | None) -> None:
    """Take back a submission that is not published; or a whole dataset, which then answers nothing any more."""
    remote = frame.remote(Kind.AGENCY)
    if name.startswith("sub_"):
        path, body = f"/api/v1/submissions/{segment(name)}/withdraw", _given(reason=given["reason"])
    else:
        path, body = f"/api/v1/agencies/{slug_path(name)}/withdraw", _dataset_body(given)
    if dry_run:
        frame.writer.one({"wouldWithdraw": name, **body, "at": frame.url})
        return
    if not name.startswith("sub_"):
        confirmed(f"Withdraw {name} from everybody?", is_sure=yes)
    frame.left = "If the service had heard of it, it is withdrawn."
    frame.writer.one(remote.post(path, body))


def _tell(frame: Frame, found: Any, *, is_kept: bool) -> int:
    """The report: in a table its figures with errors, findings and links below, else all of the submission."""
    is_refused = found["state"] == "failed"
    note(f"{found['id']}: {found['state']}" if is_kept else f"The file is {'refused' if is_refused else 'good'}.")
    report = found.get("report")
    if frame.shown is Format.TABLE and report:
        frame.writer.one({name: report[name] for name in REPORT if report.get(name)})
    else:
        frame.writer.one(found)
    return Exit.REFUSED if is_refused else Exit.DONE


def _write_page(remote: Remote, one: str, html: Path) -> None:
    body = remote.answer("GET", f"{one}/page", accept="text/html").body
    try:
        with html.open("xb") as file:
            file.write(body)
    except OSError as error:
        raise InvalidRequest(f"{html} cannot be written: {error.strerror}.") from None
    note(f"{html} is the page.")


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _dataset_body(given: dict[str, str | None]) -> dict[str, Any]:
    if not all(given[name] for name in FOR_WHOM):
        raise click.UsageError("A dataset is withdrawn with --reason-fa and --reason-en, which everybody reads.")
    return _given(reason={"fa": given["reason_fa"], "en": given["reason_en"]}, legalGround=given["legal_ground"])
