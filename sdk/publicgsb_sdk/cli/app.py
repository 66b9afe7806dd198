"""`pgsb` and its commands."""

import click

from publicgsb_sdk.cli import frame
from publicgsb_sdk.cli.commands.account import limits, usage
from publicgsb_sdk.cli.commands.auth import auth
from publicgsb_sdk.cli.commands.codegen import codegen
from publicgsb_sdk.cli.commands.completion import completion
from publicgsb_sdk.cli.commands.dataset import dataset
from publicgsb_sdk.cli.commands.download import download
from publicgsb_sdk.cli.commands.key import key
from publicgsb_sdk.cli.commands.publish import publish
from publicgsb_sdk.cli.commands.query import price, query
from publicgsb_sdk.cli.commands.register import register
from publicgsb_sdk.cli.commands.row import row
from publicgsb_sdk.cli.commands.verify import verify
from publicgsb_sdk.cli.helping import HELP_NAMES
from publicgsb_sdk.version import __version__


@click.group(cls=frame.Commands, context_settings={"help_option_names": HELP_NAMES})
@click.version_option(__version__, message="pgsb %(version)s")
def main() -> None:
    """Open government data of many agencies, by one key.

    Data go to stdout, all else to stderr. docs/pgsb.md tells the numbers that commands end with.
    """


for command in (
    *(register, auth, dataset, row, query, price, download, verify, codegen),
    *(limits, usage, key, publish, completion),
):
    main.add_command(command)


def run(arguments: list[str] | None = None) -> int:
    """A command line to its end; the number to exit with."""
    return frame.run(main, arguments)
