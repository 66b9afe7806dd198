"""`pgsb key`: the organisation's keys, with its owner token. A secret goes to where it is kept, never to the screen."""

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from publicgsb_sdk.cli.credentials import Kind, redacted
from publicgsb_sdk.cli.frame import Commands, Frame, confirmed, dry_run_option, pass_frame, yes_option
from publicgsb_sdk.cli.output import Column, Format, note, with_values
from publicgsb_sdk.cli.remote import segment
from publicgsb_sdk.errors import InvalidRequest

LIST = [
    *map(Column, ("id", "kind", "label", "state")),
    Column("applicationId", is_number=True),
    *map(Column, ("createdAt", "expiresAt", "retireAt", "lastUsedAt", "datasets", "levels", "addresses")),
]

save_option = click.option("--save", "is_saved", is_flag=True, help="Store the new key and use it from now on.")
to_option = click.option(
    "--to", type=click.Path(dir_okay=False), help="Write it to this new file of mode 0600; - is a pipe."
)


@click.group(cls=Commands)
def key() -> None:
    """See, make, replace and end keys. Needs the owner token of your registration."""


@key.command("list")
@pass_frame
def list_(frame: Frame) -> None:
    """Every key of the organisation, ended ones too."""
    found = frame.remote(Kind.OWNER).get("/api/v1/keys")["keys"]
    frame.writer.rows(with_values(LIST, found) if frame.shown is Format.TABLE else LIST, found)


@key.command()
@click.option("--label", default="key", show_default=True, help="What it is for.")
@click.option(
    "--kind",
    type=click.Choice(["live", "test"]),
    default="live",
    show_default=True,
    help="A test key reads open data, on an account of its own.",
)
@click.option("--application", "applicationId", type=int, help="The application's number; the first one without.")
@click.option("--days", "expiresInDays", type=click.IntRange(1, 730), help="How long it works; 365 without.")
@click.option("--dataset", "datasets", multiple=True, help="Hold it to this dataset, agency/dataset; may be repeated.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(["open", "registered", "restricted"]),
    help="Hold it to fields of this level; may be repeated.",
)
@click.option("--address", "addresses", multiple=True, help="Hold it to this network; may be repeated.")
@save_option
@to_option
@dry_run_option
@pass_frame
def create(frame: Frame, /, is_saved: bool, to: str | None, dry_run: bool, **given: Any) -> None:
    """A new key. Say where its secret goes: --save or --to."""
    body = {name: value for name, value in given.items() if value}
    if dry_run:
        frame.writer.one({"wouldCreate": body, "at": frame.url})
        return
    with _kept(frame, to, is_saved=is_saved) as keep:
        frame.left = "If the service had heard of it, there is one key more: pgsb key list."
        made = frame.remote(Kind.OWNER).post("/api/v1/keys", body)["key"]
        keep(made["secret"])
    _show(frame, made, to)


@key.command()
@click.argument("key_id")
@click.option("--overlap-hours", type=click.IntRange(0, 720), help="How long the old secret works on; 24 without.")
@save_option
@to_option
@dry_run_option
@pass_frame
def rotate(frame: Frame, key_id: str, overlap_hours: int | None, is_saved: bool, to: str | None, dry_run: bool) -> None:
    """A successor for KEY_ID, held to the same; the old one works for a while more. Say where the secret goes."""
    body = {} if overlap_hours is None else {"overlapHours": overlap_hours}
    if dry_run:
        frame.writer.one({"wouldRotate": key_id, **body, "at": frame.url})
        return
    with _kept(frame, to, is_saved=is_saved) as keep:
        frame.left = "If the service had heard of it, there is a successor: pgsb key list."
        done = frame.remote(Kind.OWNER).post(f"/api/v1/keys/{segment(key_id)}/rotate", body)
        keep(done["key"]["secret"])
    note(f"{key_id} works until {done['replaced']['retireAt']}.")
    _show(frame, done["key"], to)


@key.command()
@click.argument("key_id")
@click.option("--reason", help="Kept in the audit.")
@yes_option
@dry_run_option
@pass_frame
def revoke(frame: Frame, key_id: str, reason: str | None, yes: bool, dry_run: bool) -> None:
    """End KEY_ID for good. Answers when no worker accepts it any more."""
    remote = frame.remote(Kind.OWNER)
    if dry_run:
        found = [one for one in remote.get("/api/v1/keys")["keys"] if one["id"] == key_id]
        frame.writer.rows(LIST, found)
        return
    confirmed(f"Revoke {key_id} for good?", is_sure=yes)
    frame.left = "If the service had heard of it, the key is revoked: pgsb key list."
    done = remote.delete(f"/api/v1/keys/{segment(key_id)}", {"reason": reason} if reason else {})
    if done["effective"] != "everywhere":
        note(f"{done['open']} of {done['workers']} workers have not heard of it; none accepts it after 2 seconds.")
    frame.writer.one(done)


class Keep:
    """Where the secret goes, once it is there."""

    def __init__(self, frame: Frame, to: str | None, file: Any, *, is_saved: bool) -> None:
        self._frame, self._to, self._file, self._is_saved = frame, to, file, is_saved
        self.is_done = False

    def __call__(self, secret: str) -> None:
        if self._file is not None:
            self._file.write(secret + "\n")
            self._file.flush()
        if self._is_saved:
            self._frame.credentials.keep(Kind.KEY, self._frame.url, secret)
        self.is_done = True


@contextmanager
def _kept(frame: Frame, to: str | None, *, is_saved: bool) -> Generator[Keep, None, None]:
    """The place is made ready before the service is asked: a secret that is shown once must not be lost."""
    if not (is_saved or to):
        raise click.UsageError("Say where the secret goes: --save, or --to FILE.")
    if to == "-" and sys.stdout.isatty():
        raise click.UsageError("--to - is for a pipe; a secret is not shown on a terminal.")
    if is_saved:
        frame.credentials.prepare()
    file = None if to is None else sys.stdout if to == "-" else _new_file(to)
    keep = Keep(frame, to, file, is_saved=is_saved)
    try:
        yield keep
    finally:
        if file is not None and file is not sys.stdout:
            file.close()
            if not keep.is_done:
                Path(str(to)).unlink(missing_ok=True)


def _new_file(to: str) -> Any:
    try:
        return os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii")
    except OSError as error:
        raise InvalidRequest(f"{to} cannot be made: {error.strerror}.") from None


def _show(frame: Frame, made: Mapping[str, Any], to: str | None) -> None:
    shown = {name: value for name, value in made.items() if name != "secret"} | {"shown": redacted(made["secret"])}
    if to != "-":
        frame.writer.one(shown)
