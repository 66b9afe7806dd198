"""`gsb agency add | set | list | key | people | remove`: who may release, and who reviews."""

from typing import Any

import click

from publicgsb.apikeys.model import KEY_LIFETIME, Role
from publicgsb.apikeys.people.model import Person, Removal
from publicgsb.apikeys.restricting import RestrictionChange
from publicgsb.datasets.agencies import service
from publicgsb.datasets.agencies.reviewing import reviews_of, set_review
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.reviews.model import Review
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.server.cli.frame import Context, emit, note
from publicgsb.platform.server.cli.held import change_of, held_options
from publicgsb.platform.server.cli.org import keys_of, people_of
from publicgsb.platform.server.cli.using import acting, effective, operator, run


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

    async def work(connections: Connections) -> list[dict[str, Any]]:
        reviews = await reviews_of(connections)
        return [
            {
                "agency": one.slug,
                "nameFa": one.name.fa,
                "nameEn": one.name.en,
                "sample": one.is_sample,
                "review": reviews[one.slug][0].value,
                "deputy": reviews[one.slug][1],
            }
            for one in await service.list_agencies(connections)
        ]

    emit(run(context, work), ["agency", "nameFa", "nameEn", "sample", "review", "deputy"])


@agency.command(name="set")
@click.argument("slug")
@click.option("--review", type=click.Choice([one.value for one in Review]), required=True, help="Of what it releases.")
@click.option("--deputy", type=int, help="One of its people (a number), who decides when the reviewers have not.")
@click.pass_obj
def set_(context: Context, slug: str, review: str, deputy: int | None) -> None:
    """Say whether somebody else looks at what an agency hands in before it is published."""
    run(
        context,
        lambda connections: set_review(connections, slug, Review(review), operator(), deputy_id=deputy),
    )
    emit({"agency": slug, "review": review, "deputy": deputy})


@agency.command()
@click.argument("slug")
@click.option("--person", required=True, help="Who will release with it.")
@click.option("--email", required=True, help="That person's address.")
@click.option("--role", type=click.Choice(["publisher", "reviewer"]), default="publisher", show_default=True)
@held_options
@click.pass_obj
def key(
    context: Context,
    slug: str,
    person: str,
    email: str,
    role: str,
    datasets: tuple[str, ...],
    levels: tuple[str, ...],
    addresses: tuple[str, ...],
    expires_in_days: int | None,
) -> None:
    """Make a key (gsba_…) with which one named person acts for the agency; it is shown once.

    A publisher hands in files; a reviewer does not, so that nobody reviews their own.
    """
    is_held = bool(datasets or levels or addresses or expires_in_days is not None)
    held = change_of(datasets, levels, addresses, expires_in_days) if is_held else RestrictionChange()

    async def make(connections: Connections) -> dict[str, str]:
        agency_id = await agency_id_of(connections, slug)
        issued = await keys_of(context, connections).create_agency_key(
            agency_id,
            person,
            email,
            acting(),
            role=Role(role),
            lifetime=held.lifetime or KEY_LIFETIME,
            restrictions=held.to,
        )
        return {"agency": slug, "id": issued.key.id, "role": role, "key": issued.secret}

    emit(run(context, make))
    note("The key is not shown again.")


@agency.command()
@click.argument("slug")
@click.pass_obj
def people(context: Context, slug: str) -> None:
    """List the publishers and reviewers of an agency."""

    async def work(connections: Connections) -> tuple[Person, ...]:
        return await people_of(context, connections).list_agency_people(await agency_id_of(connections, slug))

    rows = [
        {
            "id": one.id,
            "name": one.name,
            "email": one.email,
            "role": one.role.value,
            "since": one.created_at.isoformat(timespec="seconds"),
        }
        for one in run(context, work)
    ]
    emit(rows, ["id", "name", "email", "role", "since"])


@agency.command()
@click.argument("slug")
@click.argument("person", type=int)
@click.option("--reason", required=True, help="Kept in the audit and with the keys.")
@click.pass_obj
def remove(context: Context, slug: str, person: int, reason: str) -> None:
    """Remove PERSON (its number) from an agency, and revoke every key that names them."""

    async def work(connections: Connections) -> Removal:
        agency_id = await agency_id_of(connections, slug)
        removing = people_of(context, connections)
        return await removing.remove_agency_person(agency_id, person, reason, acting())

    done = run(context, work)
    emit(
        {
            "agency": slug,
            "person": done.person.name,
            "revokedKeys": list(done.revoked),
            "effective": effective(done.spread),
        }
    )


async def agency_id_of(connections: Connections, slug: str) -> int:
    ids = {one.slug: one.id for one in await service.list_agencies(connections)}
    if slug not in ids:
        raise NotFound(f"There is no agency {slug}.", hint="`gsb agency list` shows them.")
    return ids[slug]
