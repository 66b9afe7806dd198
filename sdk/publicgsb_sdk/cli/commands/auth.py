"""`pgsb auth`: keys and tokens on this machine; who the service takes their holder for."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import click

from publicgsb_sdk import key as keys
from publicgsb_sdk.cli.credentials import NAMES, VARIABLES, Credential, Kind, redacted
from publicgsb_sdk.cli.exits import Exit, code_of, exit_of
from publicgsb_sdk.cli.frame import Commands, Frame, dry_run_option, pass_frame, tell
from publicgsb_sdk.cli.output import Column, Format, note
from publicgsb_sdk.errors import GsbError, InvalidRequest

KINDS: Mapping[str, Kind] = {"key": Kind.KEY, "agencyKey": Kind.AGENCY, "ownerToken": Kind.OWNER, "token": Kind.KEY}
STATUS = [Column(name) for name in ("credential", "shown", "source", "used", "service")]
SECRET_LENGTH_MAX = 4096


@click.group(cls=Commands)
def auth() -> None:
    """Log in, log out, and see which key is used and whether it works."""


@auth.command()
@dry_run_option
@pass_frame
def login(frame: Frame, dry_run: bool) -> None:
    """Store a key, an agency key or an owner token: typed without being shown, or from stdin.

    It is never an argument, which other users of the machine could read. The service is asked whose it is
    before it is stored, in the system's keyring if there is one, else in a file that only you may read.
    """
    text = keys.checked(_typed("Key or owner token"))
    if is_in_the_clear(frame.url):
        note(f"{frame.url} is not encrypted: whoever is on the way can read the key. Use https:// where there is one.")
    if not dry_run:
        frame.credentials.prepare()
    identity = frame.remote_as(Credential(Kind.KEY, text, "typed")).get("/api/v1/whoami")
    kind = KINDS[identity["credential"]]
    told = {"credential": kind.value, "shown": redacted(text)}
    if dry_run:
        frame.writer.one(told | {"wouldStore": True, "service": _whose(identity)})
        return
    where = frame.credentials.keep(kind, frame.url, text)
    note(f"The {NAMES[kind]} works and is in {where}.")
    if (used := frame.credentials.find(kind, frame.url)) and used.text != text:
        note(f"It is not used as long as there is another one in the {used.source}.")
    frame.writer.one(told | {"stored": where, "service": _whose(identity)})


@auth.command()
@pass_frame
def status(frame: Frame) -> int:
    """Which credentials there are, from where, which of them are used, and what the service says of those."""
    found = list(_all(frame))
    frame.writer.rows(STATUS, [row for row, _ in found])
    if frame.shown is Format.TABLE:  # which may have cut it
        for row, error in found:
            if error is not None:
                note(f"About the {row['credential']} of the {row['source']}:")
                tell(error, None)
    if not found:
        note(f"There is none for {frame.url}. pgsb register gets one, pgsb auth login stores one.")
        return Exit.UNAUTHENTICATED
    return next((exit_of(error) for _, error in found if error is not None), Exit.DONE)


@auth.command()
@click.option("--only", type=click.Choice(["key", "agency-key", "owner-token"]), help="Only this one.")
@dry_run_option
@pass_frame
def logout(frame: Frame, only: str | None, dry_run: bool) -> None:
    """Forget what is stored for this service. The keys go on working for whoever has them: pgsb key revoke ends one."""
    kinds = [kind for kind in Kind if only in (None, NAMES[kind].replace(" ", "-").removeprefix("data-"))]
    gone = [
        {"credential": kind.value, "from": where}
        for kind in kinds
        for where in frame.credentials.forget(kind, frame.url, dry_run=dry_run)
    ]
    frame.writer.rows([Column("credential"), Column("from")], gone)
    if dry_run:
        note("This would be forgotten; nothing was.")
        return
    for kind in kinds:
        if left := frame.credentials.find(kind, frame.url):
            note(f"The {NAMES[kind]} in the {left.source} is still there: unset {VARIABLES[kind]}.")


def _all(frame: Frame) -> Iterator[tuple[dict[str, Any], GsbError | None]]:
    for kind in Kind:
        for index, credential in enumerate(frame.credentials.all(kind, frame.url)):
            row = {"credential": NAMES[kind], "shown": redacted(credential.text), "source": credential.source}
            if index:
                yield row | {"used": False, "service": None}, None
            else:
                said, error = _asked(frame, credential)
                yield row | {"used": True, "service": said}, error


def _asked(frame: Frame, credential: Credential) -> tuple[str, GsbError | None]:
    try:
        keys.checked(credential.text)
        return _whose(frame.remote_as(credential).get("/api/v1/whoami")), None
    except GsbError as error:
        hint = f" {error.hint}" if error.hint else ""
        return f"{code_of(error)}: {error.message}{hint}", error


def _whose(identity: Mapping[str, Any]) -> str:
    """Whose it is, on which plan, and until when."""
    members = ("key", "person", "agency", "organisation", "application")
    of_key, person, agency, organisation, application = (_member(identity, name) for name in members)
    ends = of_key.get("retireAt") or of_key.get("expiresAt") or identity.get("expiresAt")
    parts: list[Any] = [
        organisation.get("name"),
        application.get("name") and f"application {application['name']}",
        agency.get("slug") and f"agency {agency['slug']}",
        person.get("name") and f"{person['name']}{', ' + person['role'] if person.get('role') else ''}",
        organisation.get("plan") and f"plan {organisation['plan']}",
        ends and f"until {ends}",
    ]
    return " · ".join(part for part in parts if part)


def _member(identity: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = identity.get(name)
    return found or {}


def is_in_the_clear(url: str) -> bool:
    """Plain HTTP to another machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")


def _typed(prompt: str) -> str:
    """From a terminal without an echo, else all of stdin."""
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, err=True))
    text = sys.stdin.read(SECRET_LENGTH_MAX + 1).strip()
    if not text or len(text) > SECRET_LENGTH_MAX:
        raise InvalidRequest("No key came on stdin.", hint="pgsb auth login < file-with-the-key")
    return text
