"""`pgsb limits` and `pgsb usage`: what is left, and what was used."""

from datetime import date
from typing import Any

import click

from publicgsb_sdk.cli.credentials import Kind
from publicgsb_sdk.cli.frame import Frame, pass_frame
from publicgsb_sdk.cli.output import Column

LIMITS = [
    Column("name"),
    *(Column(name, is_number=True) for name in ("limit", "used", "remaining")),
    Column("unit"),
    Column("windowSeconds", is_number=True),
    Column("resetsAt"),
]
NUMBERS = ("requests", "points", "bytes", "errors", "databaseMs")
USAGE = """query Usage($from: Date, $to: Date, $by: [UsageBy!]) {{
  me {{ usage(from: $from, to: $to, by: $by) {{ {members} }} }} }}"""


@click.command()
@pass_frame
def limits(frame: Frame) -> None:
    """What is left of every policy of your plan. Free."""
    standing = frame.remote(Kind.KEY).get("/api/v1/quota")
    frame.writer.rows(LIMITS, standing["policies"])


@click.command()
@click.option("--from", "from_", type=click.DateTime(["%Y-%m-%d"]), help="The first day, in UTC; of this month.")
@click.option("--to", type=click.DateTime(["%Y-%m-%d"]), help="The last day, in UTC.")
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(["dataset", "day", "key", "application"]),
    help="What to sum by; several make finer rows. Dataset without it.",
)
@click.option("--sum", "is_sum", is_flag=True, help="One sum of all.")
@pass_frame
def usage(frame: Frame, from_: Any, to: Any, by: tuple[str, ...], is_sum: bool) -> None:
    """What your organisation used, exactly, up to a second or two ago. Free."""
    if is_sum and by:
        raise click.UsageError("--sum is one sum, and --by parts it.")
    parts = [] if is_sum else list(by) or ["dataset"]
    variables = {"from": _day(from_), "to": _day(to), "by": [part.upper() for part in parts]}
    document = USAGE.format(members=" ".join([*parts, *NUMBERS]))
    found = frame.client().graphql(document, {name: value for name, value in variables.items() if value is not None})
    columns = [*map(Column, parts), *(Column(name, is_number=True) for name in NUMBERS)]
    frame.writer.rows(columns, found.complete().data["me"]["usage"])


def _day(moment: Any) -> str | None:
    return None if moment is None else date(moment.year, moment.month, moment.day).isoformat()
