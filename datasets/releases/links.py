"""How often links find their target: counted over all rows when either side is released, published, never enforced.

A link that never finds anything is a mistake (lost zeros, wrong column), so that refuses the release.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract, Label, Link, LinkSeverity
from publicgsb.datasets.ingest.links import LinkFound, fix_of, warning
from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.registry import DatasetEntry, LinkRate, Registry
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.platform.kernel.database import Connection


@dataclass(frozen=True, slots=True)
class Side:
    """A release as one side of a link; the one being loaded has no id yet, and 0 stands for it."""

    release_id: int
    table: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A link between two releases that will both be current after the swap."""

    owner: str  # agency/dataset that declares the link
    link: Link
    source: Side
    target: Side
    was_matching: bool  # it matched something before this release
    is_way_in: bool = False  # a shortcut comes in by it: what one record's rows come to is part of the shortcut's price

    @property
    def key(self) -> tuple[int, str, int]:
        return (self.source.release_id, self.link.name, self.target.release_id)


def pairs(registry: Registry, loading: DatasetEntry, contract: Contract, new: Side) -> Iterator[Pair]:
    """The links of the release being loaded, and those of other datasets that lead to it."""
    itself = (loading.agency.slug, loading.slug)
    for link in contract.links:
        target = new if link.target == itself else side_of(registry.datasets.get(link.target))
        if target is not None:
            yield Pair(loading.name, link, new, target, was_matching=False, is_way_in=_is_way_in(contract, link))
    for key, entry in registry.datasets.items():
        source = side_of(entry)
        if key == itself or source is None or entry.current is None:
            continue
        for link in entry.current.contract.links:
            if link.target == itself:
                rate = entry.link_rates.get(link.name)
                was_matching = rate is not None and rate.matched > 0
                yield Pair(entry.name, link, source, new, was_matching, _is_way_in(entry.contract, link))


def _is_way_in(contract: Contract, link: Link) -> bool:
    return any(shortcut.from_link == link.name for shortcut in contract.shortcuts)


def side_of(entry: DatasetEntry | None) -> Side | None:
    """Its current release; None where there is none."""
    if entry is None or entry.current is None:
        return None
    return Side(entry.current.id, entry.current.table, entry.current.columns)


async def count(connection: Connection, pair: Pair) -> LinkRate | None:
    """None when a side lacks the columns, as a release under an older contract may."""
    link = pair.link
    if not (set(link.fields) <= pair.source.columns and set(link.to_fields) <= pair.target.columns):
        return None
    whole = " and ".join(f"s.{quote(column)} is not null" for column in link.fields)
    same = " and ".join(
        f"t.{quote(there)} = s.{quote(here)}" for here, there in zip(link.fields, link.to_fields, strict=True)
    )
    row = await connection.fetchrow(
        f"""
        select count(*) as rows, count(t.{quote(ROW_COLUMN)}) as matched
        from {released(pair.source.table)} as s
        left join {released(pair.target.table)} as t on {same}
        where {whole}
        """  # noqa: S608 - names are quoted, nothing else varies
    )
    assert row is not None
    return LinkRate(row["rows"], row["matched"], await _most(connection, pair, whole) if pair.is_way_in else None)


async def _most(connection: Connection, pair: Pair, whole: str) -> int:
    """How many rows lead to the record that most of them lead to, whether it is there or not."""
    columns = ", ".join(f"s.{quote(column)}" for column in pair.link.fields)
    of_one = f"select count(*) as n from {released(pair.source.table)} as s where {whole} group by {columns}"  # noqa: S608
    most: int = await connection.fetchval(f"select coalesce(max(n), 0) from ({of_one}) of_one")  # noqa: S608
    return most


def objection(pair: Pair, rate: LinkRate, loading: str, found: LinkFound | None) -> RowError | None:
    """Why this rate refuses the release; None when it does not.

    `found` is what is told of a link of the release itself: its contract may say that finding too little is an error.
    """
    if found is not None and found.severity is LinkSeverity.ERROR and (warned := warning(found)) is not None:
        return RowError(None, warned.field, ErrorCode.FOREIGN_KEY, None, warned.message, warned.fix)
    if rate.rows == 0 or rate.matched > 0:
        return None
    if pair.owner != loading and not pair.was_matching:
        return None  # it never matched: nothing that this release breaks
    goal = f"{pair.link.to_agency}/{pair.link.to_dataset}"
    columns = ", ".join(pair.link.fields)
    return RowError(
        row=None,
        field=columns if pair.owner == loading else ", ".join(pair.link.to_fields),
        code=ErrorCode.FOREIGN_KEY,
        shape=None,
        message=Label(
            f"پیوند «{pair.link.name}» از {pair.owner} به {goal}: هیچ‌یک از {rate.rows:,} ردیف جفتی نیافت.",
            f"The link {pair.link.name} of {pair.owner} to {goal}: none of {rate.rows:,} rows found its record.",
        ),
        fix=fix_of(found)
        if found is not None and found.padded is not None
        else Label(
            "ببینید صفرهای آغاز کد از دست نرفته و ستون درست نام برده شده باشد.",
            "See whether codes lost their leading zeros, and whether the right columns are named.",
        ),
    )
