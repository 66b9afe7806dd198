"""`pgsb codegen`: typed Python modules from the contracts of datasets."""

from pathlib import Path

import click

from publicgsb_sdk.cli.frame import Frame, pass_frame
from publicgsb_sdk.cli.output import note
from publicgsb_sdk.codegen.command import generate


@click.command()
@click.argument("names", metavar="[DATASET]...", nargs=-1)
@click.option(
    "--out", "-o", type=click.Path(path_type=Path), default=Path("gsb_types"), show_default=True, help="The folder."
)
@click.option("--check", is_flag=True, help="Write nothing; end with 9 where a contract has moved.")
@pass_frame
def codegen(frame: Frame, names: tuple[str, ...], out: Path, check: bool) -> int:
    """Typed modules of each DATASET; without any, of those that the folder has modules of.

    With --check it is a gate for your CI: what moved is on stdout, as a diff.
    """
    return generate(frame.client(), names, out, is_check=check, say=note)
