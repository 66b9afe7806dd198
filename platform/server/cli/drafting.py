"""`gsb dataset draft`: a contract is proposed for a file."""

from pathlib import Path

import click

from publicgsb.datasets.contracts.names import SLUG
from publicgsb.datasets.drafting.document import contract_yaml
from publicgsb.datasets.drafting.service import draft_file
from publicgsb.datasets.drafting.told import draft_json
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.cli.frame import Context, emit, note
from publicgsb.platform.server.cli.using import run


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="agency/dataset", show_default=True, help="What the dataset will be called.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the contract here; never over a file."
)
@click.pass_obj
def draft(context: Context, file: Path, name: str, output: Path | None) -> None:
    """Propose a contract for FILE: types, codes, keys, code lists, and links to what is released already."""
    agency, _, dataset = name.partition("/")
    if not (SLUG.fullmatch(agency) and SLUG.fullmatch(dataset)):
        raise InvalidRequest(f"{name} is not of the form agency/dataset.", hint="For example aviation/airports.")
    if output is not None and output.exists():
        raise InvalidRequest(f"{output} exists.", hint="Name another file, or move it away.")
    drafted = run(
        context,
        lambda connections: draft_file(connections, context.settings.state_dir, file, agency, dataset),
    )
    if context.as_json:
        emit(draft_json(drafted, agency, dataset))
        return
    text = contract_yaml(drafted, agency, dataset)
    if output is None:
        click.echo(text, nl=False)
    else:
        with output.open("x", encoding="utf-8") as out:
            out.write(text)
        note(f"Drafted {output} from {drafted.rows:,} rows.")
