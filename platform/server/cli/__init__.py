"""`gsb`: everything an operator and an agency's administrator do at a terminal. A noun is a file of this folder."""

from collections.abc import Mapping
from importlib import import_module

import click

from publicgsb.platform.server.cli.frame import Commands, Context

__all__ = ["main"]

_NOUNS = "agency audit contract dataset demo grant key operator org plan release request signing usage webhook"
_WHERE: Mapping[str, str] = {  # the file of each command
    **{name: name for name in _NOUNS.split()},
    **dict.fromkeys(("jobs", "serve"), "serving"),
    **dict.fromkeys(("backup", "migrate", "reset", "restore"), "keeping"),
}


class Parts(Commands):
    """A command is imported when it is called for: all of them together take two seconds of a processor."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_WHERE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _WHERE:
            self.load()  # for the names that are near it
        elif cmd_name not in self.commands:
            self._load(cmd_name)
        return super().get_command(ctx, cmd_name)

    def load(self) -> None:
        """All of them, for who looks at what there is."""
        for name in _WHERE:
            if name not in self.commands:
                self._load(name)

    def _load(self, name: str) -> None:
        self.add_command(getattr(import_module(f"publicgsb.platform.server.cli.{_WHERE[name]}"), name))


@click.group(
    cls=Parts,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 error, 2 wrong usage or settings, "
    "3 refused by validation or the privacy gate, 4 not found, 5 conflict, 6 unavailable.",
)
@click.option("--json", "as_json", is_flag=True, help="Write results and errors as JSON.")
@click.option("--progress/--no-progress", default=None, help="Show progress; by default on a terminal only.")
@click.option("--as", "acting_as", metavar="ADDRESS", help="Which operator acts, instead of GSB_OPERATOR.")
@click.version_option(package_name="publicgsb", message="%(version)s")
@click.pass_context
def main(ctx: click.Context, as_json: bool, progress: bool | None, acting_as: str | None) -> None:
    """Public GSB: agencies release datasets, startups combine them through one GraphQL endpoint."""
    context = ctx.ensure_object(Context)
    context.as_json = context.as_json or as_json
    context.wants_progress = progress
    context.acting_as = acting_as
