"""`pgsb register`: an organisation, an application and a key in one step, and the confirmation of the address."""

import sys
from typing import Any

import click

from publicgsb_sdk.cli.credentials import NAMES, Kind, redacted
from publicgsb_sdk.cli.frame import Frame, dry_run_option, pass_frame
from publicgsb_sdk.cli.output import note
from publicgsb_sdk.cli.words import said
from publicgsb_sdk.errors import Conflict, InvalidRequest


@click.command()
@click.option("--name", help="Of the organisation, or yours.")
@click.option("--email", help="Where somebody can be reached.")
@click.option("--purpose", help="What the data are for.")
@click.option(
    "--kind",
    type=click.Choice(["organisation", "person"]),
    default="organisation",
    show_default=True,
    help="A person needs no legal id.",
)
@click.option("--legal-id", help="The national legal id of an organisation; 11 digits of any script.")
@click.option("--confirm", "is_confirming", is_flag=True, help="Type the code of the mail (or give it on stdin).")
@click.option("--replace", is_flag=True, help="Register although there is a key for this service already.")
@dry_run_option
@pass_frame
def register(frame: Frame, /, is_confirming: bool, replace: bool, dry_run: bool, **given: str | None) -> None:
    """Register, and store the key and the owner token, which are shown to nobody.

    The key works at once. A code comes by mail; `pgsb register --confirm` takes it, which is needed to declare a use
    and to invite people.
    """
    if is_confirming:
        confirm(frame, dry_run=dry_run)
        return
    body = _body(given)
    _refuse_to_replace(frame, replace=replace)
    if dry_run:
        frame.writer.one({"wouldRegister": body, "at": frame.url})
        return
    frame.credentials.prepare()
    frame.left = "If the service had answered already, pgsb auth status shows the key."
    made = frame.remote_as(None).post("/api/v1/register", body)
    key, token = made["key"]["secret"], made["ownerToken"]
    where = frame.credentials.keep(Kind.KEY, frame.url, key)
    frame.credentials.keep(Kind.OWNER, frame.url, token)
    note(f"Registered. The key and the owner token are in {where}.")
    note(f"A code is on its way to {body['email']}: pgsb register --confirm")
    frame.writer.one(
        {
            "organisation": made["organisation"],
            "application": made["application"],
            "key": {"id": made["key"]["id"], "shown": redacted(key), "expiresAt": made["key"]["expiresAt"]},
            "ownerTokenExpiresAt": made["ownerTokenExpiresAt"],
        }
    )


def confirm(frame: Frame, *, dry_run: bool) -> None:
    """The code of the mail: typed, or on stdin."""
    if dry_run:
        note("Would take the code of the mail and confirm the address.")
        return
    code = str(click.prompt(said("Code of the mail"), err=True)) if sys.stdin.isatty() else sys.stdin.read(1024)
    if not code.strip():
        raise InvalidRequest("No code came on stdin.")
    frame.writer.one(frame.remote_as(None).post("/api/v1/confirm", {"code": code.strip()}))


def _body(given: dict[str, str | None]) -> dict[str, Any]:
    """What is missing is asked for at a terminal, else named, all of it at once."""
    needed = {"name": "Name", "email": "E-mail", "purpose": "What the data are for"}
    missing = [name for name in needed if not given[name]]
    if missing and not sys.stdin.isatty():
        raise click.UsageError(f"Say {', '.join('--' + name for name in missing)}.")
    asked = {name: given[name] or str(click.prompt(needed[name], err=True)) for name in needed}
    legal_id = {"legalId": given["legal_id"]} if given["legal_id"] else {}
    return {**asked, "kind": given["kind"], **legal_id}


def _refuse_to_replace(frame: Frame, *, replace: bool) -> None:
    for kind in (Kind.KEY, Kind.OWNER):
        found = frame.credentials.find(kind, frame.url)
        if found and not replace:
            raise Conflict(
                f"There is a {NAMES[kind]} for {frame.url} already, in the {found.source}.",
                hint="pgsb auth status says whose; --replace registers all the same.",
                details={"reason": "registered"},
            )
