"""`pgsb publish draft | contract | diff | declare`: contracts, from the file that one is proposed for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from publicgsb_sdk.cli import handing_in
from publicgsb_sdk.cli.credentials import Kind
from publicgsb_sdk.cli.exits import Exit
from publicgsb_sdk.cli.frame import Frame, dry_run_option, pass_frame, slug_path
from publicgsb_sdk.cli.output import note
from publicgsb_sdk.cli.remote import Remote, segment
from publicgsb_sdk.errors import InvalidRequest, NotFound

MEDIA_TYPES = {".yaml": "application/yaml", ".yml": "application/yaml", ".json": "application/json"}

contract_argument = click.argument(
    "file", metavar="CONTRACT", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
to_option = click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this new file.")


@click.command()
@click.argument("name", metavar="DATASET")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@to_option
@click.option("--seconds", type=float, default=600, show_default=True, help="How long to wait for it.")
@pass_frame
def draft(frame: Frame, name: str, file: Path, to: Path | None, seconds: float) -> int:
    """Have a contract proposed for FILE: YAML to be edited, with what each proposal rests on. The file is not kept."""
    remote = frame.remote(Kind.AGENCY)
    made = handing_in.send(remote, f"/api/v1/agencies/{slug_path(name)}/drafts", file, None, {})
    frame.left = f"The draft {made['id']} is made without you."
    found = handing_in.draft_made(remote, made["id"], seconds)
    if found["state"] != "made":
        frame.writer.one(found)
        return Exit.REFUSED
    body = remote.answer("GET", f"/api/v1/drafts/{segment(made['id'])}/contract", accept="application/yaml").body
    _put(frame, body.decode(), to)
    return Exit.DONE


@click.command()
@click.argument("name", metavar="DATASET")
@to_option
@pass_frame
def contract(frame: Frame, name: str, to: Path | None) -> None:
    """The newest declared contract as JSON, to be edited; in effect or not. Its hash goes to stderr."""
    remote = frame.remote(Kind.AGENCY)
    answer = remote.answer("GET", _path(name))
    _put(frame, answer.body.decode(), to)
    note(f"Its hash, for declare --replaces: {answer.headers['etag'].strip(chr(34))}")


@click.command()
@click.argument("name", metavar="DATASET")
@click.argument(
    "file", metavar="[CONTRACT]", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@pass_frame
def diff(frame: Frame, name: str, file: Path | None) -> None:
    """What CONTRACT would change for callers, and whom it would hurt; nothing is changed.

    Without CONTRACT: what the one that was declared last would break.
    """
    remote = frame.remote(Kind.AGENCY)
    if file is None:
        frame.writer.one(remote.get(f"/api/v1/agencies/{slug_path(name)}/notice"))
        return
    frame.writer.one(_declared(remote, name, file, _present(remote, name), is_dry_run=True))


@click.command()
@click.argument("name", metavar="DATASET")
@contract_argument
@click.option(
    "--replaces", help="The hash of the contract that you edited, from publish contract; of a new dataset none."
)
@dry_run_option
@pass_frame
def declare(frame: Frame, name: str, file: Path, replaces: str | None, dry_run: bool) -> None:
    """Declare CONTRACT. Where a colleague declared another in the meantime nothing is changed, and it ends with 10."""
    remote = frame.remote(Kind.AGENCY)
    frame.writer.one(_declared(remote, name, file, replaces, is_dry_run=dry_run))


def _declared(remote: Remote, name: str, file: Path, replaces: str | None, *, is_dry_run: bool) -> Mapping[str, Any]:
    media_type = MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        raise InvalidRequest(f"A contract's file ends with {', '.join(MEDIA_TYPES)}.")
    headers = {"content-type": media_type} | ({"if-match": f'"{replaces}"'} if replaces else {})
    path = _path(name) + ("?dryRun=true" if is_dry_run else "")
    told: Mapping[str, Any] = remote.send_file("PUT", path, file, headers)
    return told


def _present(remote: Remote, name: str) -> str | None:
    try:
        return remote.answer("GET", _path(name)).headers["etag"].strip('"')
    except NotFound:
        return None


def _path(name: str) -> str:
    return f"/api/v1/agencies/{slug_path(name)}/contract"


def _put(frame: Frame, text: str, to: Path | None) -> None:
    if to is None:
        frame.writer.text(text)
        return
    try:
        with to.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InvalidRequest(f"{to} cannot be written: {error.strerror}.") from None
    note(f"Written to {to}.")
