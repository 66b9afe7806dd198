"""`pgsb publish draft | contract | diff | declare`: contracts, from the file that one is proposed for."""

from pathlib import Path

import click

from publicgsb_sdk.cli.frame import Frame, dry_run_option, pass_frame
from publicgsb_sdk.cli.output import note
from publicgsb_sdk.errors import InvalidRequest

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
def draft(frame: Frame, name: str, file: Path, to: Path | None, seconds: float) -> None:
    """Have a contract proposed for FILE: YAML to be edited, with what each proposal rests on. The file is not kept."""
    with frame.publisher() as agency:
        frame.left = "The draft is made without you, and is nobody else's."
        _put(frame, agency.draft(file, name, progress=True, deadline=seconds), to)


@click.command()
@click.argument("name", metavar="DATASET")
@to_option
@pass_frame
def contract(frame: Frame, name: str, to: Path | None) -> None:
    """The newest declared contract as JSON, to be edited; in effect or not. Its hash goes to stderr."""
    with frame.publisher() as agency:
        found = agency.contract(name)
    _put(frame, found.text, to)
    note(f"Its hash, for declare --replaces: {found.sha256}")


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
    with frame.publisher() as agency:
        frame.writer.one(agency.diff(name, file))


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
    with frame.publisher() as agency:
        frame.writer.one(agency.declare(name, file, replaces=replaces, dry_run=dry_run))


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
