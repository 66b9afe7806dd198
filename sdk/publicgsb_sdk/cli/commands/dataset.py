"""`pgsb dataset`: what there is, what it means, and what became of it."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from publicgsb_sdk.cli import listing
from publicgsb_sdk.cli.columns import exact, fields_of
from publicgsb_sdk.cli.frame import Commands, Frame, dry_run_option, pass_frame
from publicgsb_sdk.cli.library import dataset_id, dataset_path
from publicgsb_sdk.cli.output import Column, Format, counted, note
from publicgsb_sdk.cli.releases import HELP
from publicgsb_sdk.errors import NotFound
from publicgsb_sdk.persian import matches

LIST = [
    *map(Column, ("name", "title.fa", "title.en")),
    Column("rows", is_number=True),
    Column("release", is_number=True),
    *map(Column, ("asOf", "access", "state", "licence.name")),
]
FIELDS = [
    *map(Column, ("name", "type", "required", "access", "filters", "unit", "label.fa", "label.en", "description.en")),
]
RELEASES = [
    Column("seq", is_number=True),
    Column("asOf"),
    Column("publishedAt"),
    Column("rows", is_number=True),
    Column("contract"),
    Column("sha256"),
    Column("notes.fa"),
    Column("notes.en"),
]
RELEASES_OF = (
    "query Releases($id: ID!) { dataset(id: $id)"
    " { releases { seq asOf publishedAt rows contract sha256 notes { fa en } } } }"
)
SAMPLE_MAX = 100
SHORT = ("fields", "links", "shortcuts", "orderings", "aggregates", "search", "sdk", "slug")


@click.group(cls=Commands)
def dataset() -> None:
    """Find datasets, and see what they hold."""


@dataset.command("list")
@click.option("--agency", help="Only those of one agency.")
@pass_frame
def list_(frame: Frame, agency: str | None) -> None:
    """Every dataset, whatever its access. Needs no key."""
    found = list(_catalogue(frame))
    agencies = sorted({one["agency"] for one in found})
    if agency is not None and agency not in agencies:
        raise NotFound(f"There is no agency {agency} with datasets.", hint=f"There is {', '.join(agencies)}.")
    frame.writer.rows(LIST, (one for one in found if agency in (None, one["agency"])))


@dataset.command()
@click.argument("words", nargs=-1, required=True)
@pass_frame
def search(frame: Frame, words: tuple[str, ...]) -> None:
    """Datasets in whose names, titles, descriptions or fields every word occurs, in any spelling. Needs no key."""
    wanted = " ".join(words)
    frame.writer.rows(LIST, (one for one in _catalogue(frame) if matches(wanted, *_texts(one))))


@dataset.command()
@click.argument("name", metavar="DATASET")
@click.option("--sample", type=click.IntRange(1, SAMPLE_MAX), help="Show so many of its rows too; they cost points.")
@dry_run_option
@pass_frame
def info(frame: Frame, name: str, sample: int | None, dry_run: bool) -> None:
    """All that the catalogue says of one: rows, freshness, licence, source, quality, files.

    Needs no key but for --sample.
    """
    wanted = dataset_id(name)
    found = next((one for one in _catalogue(frame) if one["id"] == wanted), None)
    if found is None:
        raise NotFound(f"There is no dataset {name}.", hint="pgsb dataset search finds it.")
    if dry_run:
        points = frame.client().dataset(name).limit(sample).price() if sample else 0
        frame.writer.one({"dataset": wanted, "points": points})
        return
    if frame.shown is Format.TABLE:
        note(f"pgsb dataset schema {name} lists its {len(found['fields'])} fields.")
        found = {member: value for member, value in found.items() if member not in SHORT}
    frame.writer.one(found | ({"sample": _sample(frame, name, sample)} if sample else {}))


@dataset.command()
@click.argument("name", metavar="DATASET")
@pass_frame
def schema(frame: Frame, name: str) -> None:
    """Its fields with types, units and filters; with -o json the whole contract. Needs no key."""
    document = frame.remote_open().get(dataset_path(name))
    if frame.shown is Format.JSON:
        frame.writer.one(document)
        return
    frame.writer.rows(FIELDS, document["contract"]["fields"])


@dataset.command()
@click.argument("name", metavar="DATASET")
@dry_run_option
@pass_frame
def releases(frame: Frame, name: str, dry_run: bool) -> None:
    """Every release that can still be read, newest first."""
    client, asked = frame.client(), {"id": dataset_id(name)}
    if dry_run:
        frame.writer.one({"dataset": asked["id"], "points": client.price(RELEASES_OF, asked)})
        return
    found = client.graphql(RELEASES_OF, asked).complete().data["dataset"]
    if found is None:
        raise NotFound(f"There is no dataset {name}.", hint="pgsb dataset search finds it.")
    frame.writer.rows(RELEASES, found["releases"])


@dataset.command()
@click.argument("name", metavar="DATASET")
@click.option("--since", required=True, help=f"The release to compare with: {HELP}.")
@click.option("--release", help="What is compared with it; the current one without.")
@click.option("--where", "-w", multiple=True, help="Only records that match before or after, as in row list.")
@click.option("--limit", "-n", type=click.IntRange(0), help="At most so many changes; all without it.")
@dry_run_option
@pass_frame
def changes(
    frame: Frame, name: str, since: str, release: str | None, where: tuple[str, ...], limit: int | None, dry_run: bool
) -> None:
    """Records that were added, removed and changed between two releases, to the end.

    A table shows what differs in a line, everything else both records whole. --dry-run says what the first page costs.
    """
    asked = listing.asked(frame, name, since=since, release=release, where=where, limit=limit)
    if dry_run:
        frame.writer.one(asked.price())
    elif frame.shown is Format.TABLE:
        frame.writer.rows(listing.DIFFERENCES, map(listing.difference, asked.changes()))
    else:
        frame.writer.rows(listing.CHANGES, asked.changes())
    asked.tell()


def _sample(frame: Frame, name: str, rows: int) -> list[dict[str, Any]]:
    """The first rows as anybody gets them, and on stderr what they cost."""
    query = frame.client().dataset(name)
    fields = fields_of((), query.contract, lambda _: query.contract)
    page = next(query.limit(rows).pages())
    if page.cost is not None:
        note(f"{counted(page.cost.actual, 'point')}.")
    return list(exact(fields, page.rows))


def _catalogue(frame: Frame) -> Iterator[dict[str, Any]]:
    for agency in frame.remote_open().get("/catalog.json")["agencies"]:
        about = {member: value for member, value in agency.items() if member != "datasets"}
        for one in agency["datasets"]:
            yield {"name": one["sdk"], "agency": agency["slug"], **one, "publisher": about}


def _texts(one: Mapping[str, Any]) -> Iterator[str]:
    labels = [one["publisher"]["name"], one["title"], one["description"], *(field["label"] for field in one["fields"])]
    yield one["name"].replace(".", " ")
    yield from (field["name"] for field in one["fields"])
    yield from (label[language] or "" for label in labels if label for language in ("fa", "en"))
