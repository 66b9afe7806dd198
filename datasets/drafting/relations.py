"""What the rows say about each other and about what is released already: asked of the database, in exact counts.

The rows stand in a temporary table of texts, so that memory stays flat whatever the file holds.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

from publicgsb.datasets.contracts.codes import says_code
from publicgsb.datasets.contracts.model import AccessLevel, FieldType, Label
from publicgsb.datasets.drafting.model import ColumnDraft, LinkDraft
from publicgsb.datasets.privacy.linkage.joins import is_open
from publicgsb.datasets.registry import DatasetState, Registry, ReleaseRef
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.platform.kernel.database import Connection

ROWS_TABLE = "rows_to_draft"
KEY_COLUMNS_MAX = 3
_KEY_CANDIDATES_MAX = 12
_KEY_SAMPLE_ROWS = 10_000
_LINK_SAMPLE = 200
_LINK_RATE_MIN = 0.5
_LINK_LENGTH_MAX = 64
_LINKS_PER_COLUMN_MAX = 3
_WHOLE_KEY = {FieldType.INTEGER, FieldType.BIGINT}
_KEY_TYPES = {FieldType.STRING, *_WHOLE_KEY}
_ROWS = f"pg_temp.{quote(ROWS_TABLE)}"


def _column(at: int) -> str:
    return quote(f"c{at}")


async def load(connection: Connection, path: Path, width: int) -> None:
    """Inside a transaction: the table goes with it."""
    columns = ", ".join(f'{_column(at)} text collate "C"' for at in range(width))
    await connection.execute(f"create temporary table {quote(ROWS_TABLE)} (n bigint, {columns}) on commit drop")
    await connection.copy_to_table(ROWS_TABLE, source=path, schema_name="pg_temp", format="text")
    await connection.execute(f"analyze {_ROWS}")


async def distinct_counts(connection: Connection, width: int) -> tuple[int, ...]:
    # One by one: each sorts a column, and together they would sort all at once.
    return tuple(
        [await connection.fetchval(f"select count(distinct {_column(at)}) from {_ROWS}") for at in range(width)]  # noqa: S608
    )


async def find_keys(
    connection: Connection, columns: Sequence[ColumnDraft], distinct: Sequence[int], rows: int
) -> tuple[tuple[str, ...], ...]:
    """Single columns that are unique; without one, the first pair or triple that is."""
    whole = [at for at, column in enumerate(columns) if column.missing == 0 and column.type is not FieldType.NUMBER]
    singles = [at for at in whole if distinct[at] == rows]
    if singles:
        singles.sort(key=lambda at: (not _is_code(columns[at]), columns[at].length_max > _LINK_LENGTH_MAX, at))
        return tuple((columns[at].name,) for at in singles)
    # A column of many values first: it takes fewer others to make a key of it.
    many = sorted((at for at in whole if distinct[at] > 1), key=lambda at: -distinct[at])[:_KEY_CANDIDATES_MAX]
    for size in range(2, KEY_COLUMNS_MAX + 1):
        for chosen in combinations(sorted(many), size):
            product = 1
            for at in chosen:
                product *= distinct[at]
            if product >= rows and await _is_unique(connection, chosen):
                return (tuple(columns[at].name for at in chosen),)
    return ()


async def _is_unique(connection: Connection, chosen: Iterable[int]) -> bool:
    names = ", ".join(map(_column, chosen))
    for some in (f"limit {_KEY_SAMPLE_ROWS}", ""):  # most candidates fall by the first rows, which are read quickly
        rows = f"(select {names} from {_ROWS} {some}) as r"  # noqa: S608
        repeated = await connection.fetchval(
            f"select exists (select from {rows} group by {names} having count(*) > 1)"  # noqa: S608
        )
        if repeated:
            return False
    return True


def _is_code(column: ColumnDraft) -> bool:
    return column.why is not None or says_code(column.name, Label(column.label, column.label))


async def find_links(
    connection: Connection, columns: Sequence[ColumnDraft], registry: Registry, itself: tuple[str, str]
) -> tuple[LinkDraft, ...]:
    """Columns whose values are keys of released datasets, by a sample first and then by all distinct values.

    Of other agencies only open ones: who drafts would otherwise learn which values a closed table holds.
    """
    targets = list(_targets(registry, itself))
    found: list[LinkDraft] = []
    for at, column in enumerate(columns):
        if not _may_link(column):
            continue
        sample = await _sample(connection, at)
        links = [
            link
            for release, field, record in targets
            if (link := await _link(connection, at, column, sample, release, field, record)) is not None
        ]
        links.sort(key=lambda link: (-link.matched, link.pad is not None, link.agency, link.dataset))
        found += links[:_LINKS_PER_COLUMN_MAX]
    return tuple(found)


def _targets(registry: Registry, itself: tuple[str, str]) -> Iterable[tuple[ReleaseRef, str, str]]:
    for key, entry in sorted(registry.datasets.items()):
        current = entry.current
        if key == itself or current is None or entry.state is not DatasetState.ACTIVE:
            continue
        contract = current.contract
        if contract.is_aggregate_only or contract.access is AccessLevel.WITHHELD:
            continue
        for unique in contract.unique_keys:
            field = contract.field(unique.fields[0])
            is_shown = key[0] == itself[0] or is_open(contract, field)
            if len(unique.fields) == 1 and field.type in _KEY_TYPES and is_shown:
                yield current, unique.fields[0], contract.record_name


def _may_link(column: ColumnDraft) -> bool:
    if not 0 < column.length_max <= _LINK_LENGTH_MAX:
        return False
    if column.type is FieldType.STRING:
        return True
    return column.type in _WHOLE_KEY and (_is_code(column) or column.is_digits)


async def _sample(connection: Connection, at: int) -> list[str]:
    rows = await connection.fetch(
        f"select v from (select distinct {_column(at)} as v from {_ROWS}) as d"  # noqa: S608
        f" where v is not null order by md5(v) limit {_LINK_SAMPLE}"
    )
    return [row["v"] for row in rows]


async def _link(
    connection: Connection,
    at: int,
    column: ColumnDraft,
    sample: list[str],
    release: ReleaseRef,
    field: str,
    record: str,
) -> LinkDraft | None:
    """None when fewer than half of the values are keys there."""
    is_text = release.contract.field(field).type is FieldType.STRING
    if not sample or (not is_text and not column.is_digits):
        return None
    # A handful of small numbers is found among any numbers.
    if column.is_digits and len(sample) < 5 and not _is_code(column):
        return None
    target, key = released(release.table), quote(field)
    wanted = key if is_text else f"{key}::text"
    pad = await _width(connection, target, key) if is_text and column.is_digits else None
    if pad is not None and pad <= column.length_min:
        pad = None
    hits = await _hits(connection, target, key, is_text, sample)
    padded = await _hits(connection, target, key, is_text, [one.zfill(pad) for one in sample]) if pad else 0
    if max(hits, padded) < _LINK_RATE_MIN * len(sample):
        return None
    value = "v" if not pad or padded <= hits else f"lpad(v, greatest({pad}, length(v)), '0')"
    row = await connection.fetchrow(
        f"""
        with d as (select distinct {_column(at)} as v from {_ROWS} where {_column(at)} is not null)
        select count(*) as total, count(t.k) as matched,
          (select count(*) from d where exists (select from {target} where {wanted} = d.v)) as unpadded
        from d left join (select {wanted} as k from {target}) as t on t.k = {value}
        """  # noqa: S608 - names are quoted, the rest is ours
    )
    assert row is not None
    return LinkDraft(
        column=column.name,
        agency=release.contract.agency,
        dataset=release.contract.dataset,
        field=field,
        record=record,
        distinct=row["total"],
        matched=row["matched"],
        matched_unpadded=row["unpadded"],
        pad=pad if padded > hits else None,
    )


async def _hits(connection: Connection, target: str, key: str, is_text: bool, sample: list[str]) -> int:
    """By the key's own index."""
    if is_text:
        query, values = f"select count(*) from {target} where {key} = any($1::text[])", [*sample]  # noqa: S608
        return int(await connection.fetchval(query, values))
    whole = [int(one) for one in sample if len(one) < 19]
    query = f"select count(*) from {target} where {key} = any($1::bigint[])"  # noqa: S608
    return int(await connection.fetchval(query, whole))


async def _width(connection: Connection, target: str, key: str) -> int | None:
    """The one width of a key of digits; None when there are several, by its first rows."""
    row = await connection.fetchrow(
        f"""
        select min(length(k)) as least, max(length(k)) as most, bool_and(k ~ '^[0-9]+$') as is_digits
        from (select {key} as k from {target} limit 1000) as sampled
        """  # noqa: S608 - names are quoted, nothing else varies
    )
    if row is None or not row["is_digits"] or row["least"] != row["most"]:
        return None
    return int(row["least"])
