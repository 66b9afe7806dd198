"""The physical table of a release, from its contract: columns, keys, and the indexes that declared queries need."""

from publicgsb.datasets.contracts.hidden import HiddenKind, hidden_columns
from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract, FieldType, FilterOp, Shortcut
from publicgsb.datasets.releases.identifiers import quote, released
from publicgsb.datasets.releases.ordering import needs_descending_index, order_terms
from publicgsb.datasets.releases.place import point_sql

SQL_TYPES = {
    FieldType.STRING: 'text collate "C"',  # order by code point, whatever the server was built with
    FieldType.INTEGER: "integer",
    FieldType.BIGINT: "bigint",
    FieldType.NUMBER: "double precision",
    FieldType.DECIMAL: "numeric",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamptz",
    FieldType.YEAR: "integer",
}
PG_CASTS = {kind: words.partition(" collate")[0] for kind, words in SQL_TYPES.items()}
_INDEXED = frozenset(FilterOp) - {FilterOp.IS_NULL, FilterOp.CONTAINS}


def column_names(contract: Contract) -> tuple[str, ...]:
    """In the order of the copy file."""
    hidden = (column.name for column in hidden_columns(contract))
    return (*(field.name for field in contract.released_fields), ROW_COLUMN, *hidden)


def create_table(contract: Contract, table: str) -> str:
    return f"create table {released(table)} ({row_columns(contract)})"


def row_columns(contract: Contract) -> str:
    """The columns of a table of the contract's rows, as `create table` wants them."""
    columns = [
        f"{quote(field.name)} {SQL_TYPES[field.type]}{' not null' if field.required else ''}"
        for field in contract.released_fields
    ]
    columns.append(f"{quote(ROW_COLUMN)} bigint not null")
    columns += [
        f"{quote(column.name)} {SQL_TYPES[FieldType.STRING]}{' not null' if column.required else ''}"
        for column in hidden_columns(contract)
    ]
    return ", ".join(columns)


def row_index(table: str) -> str:
    """The source order is unique by construction; files and key-less datasets are read by it."""
    return f"create unique index on {released(table)} ({quote(ROW_COLUMN)})"


def key_index(table: str, columns: tuple[str, ...]) -> str:
    return f"create unique index on {released(table)} ({', '.join(map(quote, columns))})"


def other_indexes(contract: Contract, table: str) -> list[str]:
    """For orderings, links, shortcuts and filters; an index that begins another one is left out.

    Those of links and of equality end in the key, so that a page in key order is read off the index: else the first 5
    airports of each of 20 countries would be all their airports, sorted.
    """
    wanted: list[tuple[str, ...]] = []
    for ordering in contract.orderings:
        wanted.append(tuple(term.sql() for term in order_terms(contract, ordering, False)))
        if needs_descending_index(contract, ordering):
            wanted.append(tuple(term.sql() for term in order_terms(contract, ordering, True)))
    wanted += [_with_key(contract, link.fields) for link in contract.links]
    wanted += [_ties(contract, shortcut) for shortcut in contract.shortcuts]
    for field in contract.released_fields:
        if FilterOp.EQ in field.filters:
            wanted.append(_with_key(contract, (field.name,)))
        elif field.filters & _INDEXED:
            wanted.append((quote(field.name),))
    taken = [(quote(ROW_COLUMN),), *(tuple(map(quote, key.fields)) for key in contract.unique_keys)]
    kept: list[tuple[str, ...]] = []
    for columns in sorted(wanted, key=len, reverse=True):
        if not any(other[: len(columns)] == columns for other in (*taken, *kept)):
            kept.append(columns)
    indexes = [
        *(f"create index on {released(table)} ({', '.join(columns)})" for columns in kept),
        *(
            f"create index on {released(table)} using gin ({quote(column.name)} public.gin_trgm_ops)"
            for column in hidden_columns(contract)
            if column.kind is not HiddenKind.SORT
        ),
    ]
    if contract.coordinates is not None:
        indexes.append(f"create index on {released(table)} using gist ({point_sql(contract.coordinates)})")
    return indexes


def _ties(contract: Contract, shortcut: Shortcut) -> tuple[str, ...]:
    """What a record is tied to, beside what ties it: else many rows of the dataset are looked at for each record."""
    inward, outward = contract.link(shortcut.from_link), contract.link(shortcut.to_link)
    return tuple(map(quote, dict.fromkeys((*inward.fields, *outward.fields))))


def _with_key(contract: Contract, columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(quote, dict.fromkeys((*columns, *contract.key_columns))))
