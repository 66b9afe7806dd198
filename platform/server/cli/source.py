"""`gsb dataset source set | list | drop`: where the files of a dataset are fetched from."""

import click

from publicgsb.datasets.fetching import service
from publicgsb.datasets.releases.modes import Mode
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.cli.frame import Context, emit
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.platform.server.fetching import fetch_rules


@click.group()
def source() -> None:
    """Where the files of a dataset are fetched from; `gsb jobs` looks there. NAME is agency/dataset."""


@source.command(name="set")
@click.argument("name")
@click.option("--url", required=True, help="An https address of the file.")
@click.option("--every", "minutes", type=click.IntRange(5), default=1440, show_default=True, help="In minutes.")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.FULL.value, help="Of its files.")
@click.pass_obj
def set_(context: Context, name: str, url: str, minutes: int, mode: str) -> None:
    """Fetch the files of NAME from a URL on schedule; one that has changed is released."""
    agency, dataset = _parts(name)
    rules = fetch_rules(context.settings)
    run(
        context,
        lambda connections: service.set_source(
            connections, agency, dataset, url, Mode(mode), minutes * 60, rules, operator()
        ),
    )
    emit({"dataset": name, "everyMinutes": minutes, "mode": mode})


@source.command(name="list")
@click.pass_obj
def list_(context: Context) -> None:
    """List all sources and how the last look went. Of an address the host is shown: paths may hold secrets."""
    emit(
        [
            {
                "dataset": one.name,
                "host": one.host,
                "everyMinutes": one.every_seconds // 60,
                "mode": one.mode.value,
                "checked": one.checked_at.isoformat(timespec="seconds") if one.checked_at else None,
                "job": one.job_id,
                "error": one.error,
            }
            for one in run(context, service.list_sources)
        ],
        ["dataset", "host", "everyMinutes", "mode", "checked", "job", "error"],
    )


@source.command()
@click.argument("name")
@click.pass_obj
def drop(context: Context, name: str) -> None:
    """Stop fetching the files of NAME."""
    agency, dataset = _parts(name)
    run(context, lambda connections: service.drop_source(connections, agency, dataset, operator()))
    emit({"dataset": name, "dropped": True})


def _parts(name: str) -> tuple[str, str]:
    agency, separator, dataset = name.partition("/")
    if not (agency and separator and dataset):
        raise InvalidRequest(f"{name} is not of the form agency/dataset.", hint="For example aviation/airports.")
    return agency, dataset
