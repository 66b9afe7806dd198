"""`gsb agency add | list | key`: who may release."""

import click

from publicgsb.apikeys.model import Actor
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.datasets.agencies import service
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.server.cli.frame import Context, emit, note
from publicgsb.platform.server.cli.using import operator, run
from publicgsb.platform.server.secrets import load_secrets


@click.group()
def agency() -> None:
    """Agencies, which release datasets."""


@agency.command()
@click.argument("slug")
@click.option("--name-fa", required=True, help="Its name in Persian.")
@click.option("--name-en", required=True, help="Its name in English.")
@click.option("--contact", default="", help="An address for questions.")
@click.option("--sample", is_flag=True, help="It shows real data of another source; its name says so.")
@click.pass_obj
def add(context: Context, slug: str, name_fa: str, name_en: str, contact: str, sample: bool) -> None:
    """Add an agency."""
    made = run(
        context,
        lambda connections: service.add_agency(
            connections, slug, Label(name_fa, name_en), operator(), is_sample=sample, contact=contact
        ),
    )
    emit({"agency": made.slug, "nameFa": made.name.fa, "nameEn": made.name.en})


@agency.command(name="list")
@click.pass_obj
def list_(context: Context) -> None:
    """List all agencies."""
    rows = [
        {"agency": one.slug, "nameFa": one.name.fa, "nameEn": one.name.en, "sample": one.is_sample}
        for one in run(context, service.list_agencies)
    ]
    emit(rows, ["agency", "nameFa", "nameEn", "sample"])


@agency.command()
@click.argument("slug")
@click.option("--person", required=True, help="Who will release with it.")
@click.option("--email", required=True, help="That person's address.")
@click.pass_obj
def key(context: Context, slug: str, person: str, email: str) -> None:
    """Make a key (gsba_…) with which one named person releases; it is shown once."""
    secrets = load_secrets(context.settings)

    async def make(connections: Connections) -> dict[str, str]:
        ids = {one.slug: one.id for one in await service.list_agencies(connections)}
        if slug not in ids:
            raise NotFound(f"There is no agency {slug}.", hint="`gsb agency list` shows them.")
        keys = ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.peppers)
        issued = await keys.create_agency_key(ids[slug], person, email, Actor(operator(), None))
        return {"agency": slug, "id": issued.key.id, "key": issued.secret}

    emit(run(context, make))
    note("The key is not shown again.")
