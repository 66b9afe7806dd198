"""`pgsb download`: the files of a release, each checked by its SHA-256."""

import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from publicgsb_sdk.cli.fetching import Progress as Report
from publicgsb_sdk.cli.fetching import Wanted, fetch, sha256_of
from publicgsb_sdk.cli.frame import Frame, dry_run_option, pass_frame, slug_path
from publicgsb_sdk.cli.library import dataset_id
from publicgsb_sdk.cli.output import Column
from publicgsb_sdk.cli.remote import Remote, segment
from publicgsb_sdk.errors import ApiError, Conflict, NotFound, Unavailable

FILES = [
    Column("path"),
    *(Column(name, is_number=True) for name in ("rows", "bytes", "fetched")),
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
@click.option("--to", type=click.Path(path_type=Path), help="The file; a folder where there are several parts.")
@click.option("--force", is_flag=True, help="Replace a file that holds something else.")
@dry_run_option
@pass_frame
def download(frame: Frame, name: str, kind: str, release: str, to: Path | None, force: bool, dry_run: bool) -> None:
    """A release of DATASET as files. Open datasets need no key.

    Goes on where it stopped, checks every byte, and does nothing for a file that is there already.
    """
    remote = frame.remote_open()
    route = f"/api/v1/agencies/{slug_path(name)}/releases/{segment(release)}/files"
    listed = remote.get(route)
    parts = _parts(listed, kind)
    paths = _paths(parts, to or Path(f"{dataset_id(name).replace('/', '.')}.{listed['release']}.{kind}"))
    if dry_run:
        frame.writer.rows(FILES, [_told(part, path, listed, None) for part, path in zip(parts, paths, strict=True)])
        return
    frame.left = f"What has come is kept as {paths[0]}.incomplete: the same command goes on from there."
    frame.writer.rows(FILES, list(_fetched(remote, route, listed, parts, paths, kind, force=force)))


def _fetched(
    remote: Remote,
    route: str,
    listed: Mapping[str, Any],
    parts: Sequence[Mapping[str, Any]],
    paths: Sequence[Path],
    kind: str,
    *,
    force: bool,
) -> Iterator[dict[str, Any]]:
    with _bar(sum(part["bytes"] for part in parts)) as bar:
        for index, (part, path) in enumerate(zip(parts, paths, strict=True)):
            if path.exists() and path.stat().st_size == part["bytes"] and sha256_of(path) == part["sha256"]:
                bar(path.name)(part["bytes"])
                yield _told(part, path, listed, 0)
                continue
            if path.exists() and not force:
                raise Conflict(f"{path} holds something else.", hint="--force replaces it, --to names another place.")
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                came = fetch(remote.http, _wanted(remote, listed, part), path, bar(path.name))
            except ApiError as error:
                if error.status not in (401, 403):
                    raise
                listed = remote.get(route)  # the address has ended: the list gives new ones, for the same bytes
                part = _parts(listed, kind)[index]
                came = fetch(remote.http, _wanted(remote, listed, part), path, bar(path.name))
            yield _told(part, path, listed, came)


def _parts(listed: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    if listed["state"] != "made":
        raise Unavailable("The files of this release are being made.", hint="Try again in a moment.")
    if kind == "csv" and listed["csv"]:
        return [listed["csv"] | {"name": "data.csv"}]
    found = [part for part in listed["parts"] if part["format"] == kind]
    if not found:
        kinds = sorted({part["format"] for part in listed["parts"]} | ({"csv"} if listed["csv"] else set()))
        raise NotFound(f"This release has no files of format {kind}.", hint=f"It has {', '.join(kinds) or 'none'}.")
    return found


def _paths(parts: Sequence[Mapping[str, Any]], to: Path) -> list[Path]:
    """One file as it was named; several, or into a folder that is there, by their own names."""
    if len(parts) == 1 and not to.is_dir():
        return [to]
    return [to / str(part["name"]) for part in parts]


def _wanted(remote: Remote, listed: Mapping[str, Any], part: Mapping[str, Any]) -> Wanted:
    """An address that is signed needs no key, and gets none; no other host ever does."""
    is_plain = listed["expiresAt"] is None and part["url"].startswith(f"{remote.url}/")
    return Wanted(part["url"], part["bytes"], part["sha256"], remote.headers if is_plain else {})


def _told(part: Mapping[str, Any], path: Path, listed: Mapping[str, Any], came: int | None) -> dict[str, Any]:
    about = {"dataset": listed["dataset"], "release": listed["release"]}
    return {
        "path": str(path),
        "rows": part["rows"],
        "bytes": part["bytes"],
        "fetched": came,
        "sha256": part["sha256"],
    } | about


def _unseen(name: str) -> Report:
    def report(came: int) -> None:
        pass

    return report


@contextmanager
def _bar(bytes_total: int) -> Generator[Callable[[str], Report], None, None]:
    """A bar on stderr while it is a terminal; a function that gives each file its own report."""
    done = 0

    if not sys.stderr.isatty():
        yield _unseen
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=bytes_total)

        def of_file(name: str) -> Report:
            nonlocal done
            before, latest = done, 0

            def report(came: int) -> None:
                nonlocal done, latest
                latest = came
                done = before + latest
                shown.update(task, completed=done, description=name)

            return report

        yield of_file
