"""`pgsb download`: the files of a release, each checked by its SHA-256."""

import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from publicgsb_sdk.answers import understood
from publicgsb_sdk.cli import library
from publicgsb_sdk.cli.frame import Frame, dry_run_option, pass_frame
from publicgsb_sdk.cli.library import FilePart, Listing, Manifest, dataset_id, dataset_path
from publicgsb_sdk.cli.output import Column
from publicgsb_sdk.cli.releases import release_of
from publicgsb_sdk.errors import Conflict, InvalidRequest

FILES = [
    Column("path"),
    *(Column(name, is_number=True) for name in ("rows", "bytes")),
    *map(Column, ("release", "sha256")),
]


@click.command()
@click.argument("name", metavar="DATASET")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["parquet", "csv", "xlsx"]),
    default="parquet",
    show_default=True,
    help="Of the files.",
)
@click.option("--release", default="latest", show_default=True, help="Its number.")
@click.option("--to", help="The file; or a folder, which has to be there or end with /, for files under their names.")
@click.option("--force", is_flag=True, help="Replace a file that holds something else.")
@dry_run_option
@pass_frame
def download(frame: Frame, name: str, kind: str, release: str, to: str | None, force: bool, dry_run: bool) -> None:
    """A release of DATASET as files. Open datasets need no key.

    Goes on where it stopped, checks every byte, and does nothing for a file that is there already.
    """
    remote = frame.remote_open()
    route = f"{dataset_path(name)}/releases/{_number(release)}/files"

    def listed() -> Manifest:
        return understood(f"the files of {name}", library.read_manifest, remote.get(route))

    manifest = listed()
    place = to or f"{dataset_id(name).replace('/', '.')}.{manifest.release}.{kind}"
    is_folder = kind != "csv" and len(manifest.of(kind)) > 1
    files = library.chosen(manifest, kind, f"{place}{os.sep}" if is_folder and not place.endswith(os.sep) else place)
    if not dry_run:
        _refuse_others(files, is_forced=force)
        frame.left = "What has come is kept beside it: the same command goes on from there."
        with _bar() as progress:
            library.download(remote.line(), Listing(manifest, listed), files, progress=progress)
    about = {"dataset": dataset_id(name), "release": manifest.release}
    frame.writer.rows(FILES, [_told(part, path) | about for part, path in files])


def _number(text: str) -> str:
    """A number in digits of any script; the files of a day have no address."""
    release = text if text == "latest" else release_of(text)
    if isinstance(release, date):
        raise InvalidRequest(
            "Files are of a release by its number.", hint="pgsb dataset releases tells the numbers, with their days."
        )
    return str(release)


def _refuse_others(files: Iterable[tuple[FilePart, Path]], *, is_forced: bool) -> None:
    for part, path in files:
        if not is_forced and path.exists() and not part.is_at(path):
            raise Conflict(f"{path} holds something else.", hint="--force replaces it, --to names another place.")


def _told(part: FilePart, path: Path) -> dict[str, Any]:
    return {"path": str(path), "rows": part.rows, "bytes": part.bytes, "sha256": part.sha256}


@contextmanager
def _bar() -> Generator[library.Progress | None, None, None]:
    """A bar on stderr while it is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("")
        yield lambda done, total: shown.update(task, completed=done, total=total)
