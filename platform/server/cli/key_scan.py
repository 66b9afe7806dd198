"""`gsb key scan`: leaked keys, found offline; for terminals, pipelines and pre-commit alike."""

import dataclasses
import sys

import click

from publicgsb.apikeys.scan import BYTES_MAX, Scanned
from publicgsb.apikeys.scan import scan as look_into
from publicgsb.platform.server.cli.frame import EXIT_ERROR, Context, counted, emit, note


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True))
@click.option(
    "--bytes-max", type=click.IntRange(min=1), default=BYTES_MAX, show_default=True, help="Skip files larger than this."
)
@click.pass_context
def scan(ctx: click.Context, paths: tuple[str, ...], bytes_max: int) -> None:
    """Find keys of this platform in files, folders and standard input (-), without asking anybody.

    Shows where each is, with its prefix and public id, never the whole key. Exit code 1 when there is one.
    """
    context = ctx.ensure_object(Context)
    with context.progress("Looked into", None, "files") as progress:
        scanned = look_into(paths, sys.stdin.buffer, bytes_max=bytes_max, seen=progress.update)
    if context.as_json:
        emit(_json(scanned))
    else:
        for leak in scanned.leaks:
            click.echo(f"{leak.path}:{leak.line}:{leak.column}  {leak.key}")
        note(_sentence(scanned))
    if scanned.leaks:
        ctx.exit(EXIT_ERROR)


def _json(scanned: Scanned) -> dict[str, object]:
    return {
        "leaks": [dataclasses.asdict(leak) for leak in scanned.leaks],
        "files": scanned.files,
        "bytes": scanned.bytes,
        "skipped": {"binary": scanned.binary, "large": scanned.large, "unreadable": scanned.unreadable},
    }


def _sentence(scanned: Scanned) -> str:
    """Skipped files are told: what was not looked into is not known to be clean."""
    count = len(scanned.leaks)
    found = f"Error: {count:,} key{'s' * (count != 1)}" if count else "No key"
    skipped = f"{scanned.binary:,} binary, {scanned.large:,} over-large and {scanned.unreadable:,} unreadable"
    ending = "End leaked ones with `gsb key revoke` or POST /api/v1/keys/revoke-exposed." if count else ""
    files = counted(scanned.files, "file")
    return f"{found} in {files} ({skipped} ones were skipped). {ending}".rstrip()
