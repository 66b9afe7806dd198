"""`pgsb completion`: what a shell needs to finish names of commands and options."""

import click
from click.shell_completion import get_completion_class

from publicgsb_sdk.cli.frame import Frame, pass_frame

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@pass_frame
def completion(frame: Frame, shell: str) -> None:
    """The script for a shell: eval "$(pgsb completion bash)" in its start file."""
    found = get_completion_class(shell)
    assert found is not None
    root = click.get_current_context().find_root().command
    frame.writer.text(found(root, {}, "pgsb", "_PGSB_COMPLETE").source())
