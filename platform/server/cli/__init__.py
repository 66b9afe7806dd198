"""`gsb`: everything an operator and an agency's administrator do at a terminal. A noun is a file of this folder."""

import click

from publicgsb.platform.server.cli.agency import agency
from publicgsb.platform.server.cli.audit import audit
from publicgsb.platform.server.cli.contract import contract
from publicgsb.platform.server.cli.dataset import dataset
from publicgsb.platform.server.cli.demo import demo
from publicgsb.platform.server.cli.frame import Commands, Context
from publicgsb.platform.server.cli.grant import grant
from publicgsb.platform.server.cli.keeping import backup, migrate, reset, restore
from publicgsb.platform.server.cli.key import key
from publicgsb.platform.server.cli.key_scan import scan
from publicgsb.platform.server.cli.operator import operator
from publicgsb.platform.server.cli.org import org
from publicgsb.platform.server.cli.plan import plan
from publicgsb.platform.server.cli.release import release
from publicgsb.platform.server.cli.request import request
from publicgsb.platform.server.cli.serving import jobs, serve
from publicgsb.platform.server.cli.signing import signing
from publicgsb.platform.server.cli.usage import usage
from publicgsb.platform.server.cli.webhook import webhook

__all__ = ["main"]


@click.group(
    cls=Commands,
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


ENGINE = (demo, serve, jobs, migrate, backup, restore, reset)
key.add_command(scan)
PARTS = (agency, audit, contract, dataset, grant, key, operator, org, plan, release, request, signing, usage, webhook)
for command in (*ENGINE, *PARTS):
    main.add_command(command)
