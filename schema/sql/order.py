"""Order and place: what a page is sorted by, where a cursor stands in it."""

from typing import TypeAlias

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.ordering import Term, TermKind, order_terms
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.tree.records import Connection
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.binding import PG_TYPES, Binder
from publicgsb.schema.sql.context import Context
from publicgsb.schema.sql.cursor import cursor_sql, fingerprint
from publicgsb.schema.sql.near import DistanceTerm, label_with_place
from publicgsb.schema.sql.search import search_terms

OrderTerm: TypeAlias = Term | DistanceTerm


def terms_of(context: Context, c: Connection) -> tuple[OrderTerm, ...]:
    """Raises InvalidRequest when the bound release is older than the ordering."""
    release = context.release(c.slot)
    if c.near is not None:
        if release.contract.coordinates != c.near.coordinates:
            raise _is_older(release, "near", "Filter an older release by its fields.")
        return DistanceTerm(context, c.near), *order_terms(release.contract, None, False)
    if c.search is not None:
        return search_terms(release.contract)
    if c.ordering == "key":
        return order_terms(release.contract, None, c.is_descending)
    for ordering in release.contract.orderings:
        if ordering.name == c.ordering:
            return order_terms(release.contract, ordering, c.is_descending)
    raise _is_older(release, f"order by {c.ordering}", "Order an older release by its key.")


def _is_older(release: ReleaseRef, what: str, hint: str) -> InvalidRequest:
    return InvalidRequest(
        f"Release {release.seq} of {release.contract.slug} has no {what}.", reason="release", hint=hint
    )


def order_by(c: Connection, terms: tuple[OrderTerm, ...], t: str) -> str:
    """The order in which the page is read: a backward page reads the same index from its other end."""
    direction = " desc" if c.is_descending is not c.is_backward else ""
    return ", ".join(f"{term.sql(t)}{direction}" for term in terms)


def keyset(context: Context, c: Connection, after: Leaf, terms: tuple[OrderTerm, ...], t: str, equal: str = "") -> str:
    """One row comparison, which the ordering's index serves at any depth; OR-chains are 47 times slower.

    `equal` is "=" when the cursor's own record belongs to what is read.
    """
    label, place = _label(context, c)
    values = [
        context.param(
            binding.cursor_part(after, label, i, len(terms), type_), PG_TYPES[type_], "cursor", after, i, place
        )
        for i, type_ in enumerate(map(_term_type, terms))
    ]
    columns = ", ".join(term.sql(t) for term in terms)
    operator = "<" if c.is_descending is not c.is_backward else ">"
    return f"({columns}) {operator}{equal} ({', '.join(values)})"


def cursor_payload(context: Context, c: Connection, values: list[str]) -> str:
    """SQL of what a record's cursor holds, before it is tagged and encoded; `values` are those of the order's terms."""
    name, identity = _label(context, c)
    label = context.param(name, "text", "fingerprint", identity)
    place = (context.root, context.side)
    version = context.param(binding.root_version(*place), "int8", "version", *place)
    texts = "".join(f", ({value})::text" for value in values)
    return f"json_build_array({label}, {version}{texts})::text"


def _label(context: Context, c: Connection) -> tuple[Binder, object]:
    """What a cursor of this list begins with, and what tells two such labels apart."""
    name = fingerprint(context.release(c.slot).contract, c.ordering, c.is_descending)
    if c.near is not None:
        return label_with_place(c.near, name), (name, c.near)
    return (lambda _: name), name


def cursor(context: Context, payload: str) -> str:
    return cursor_sql(payload, context.param(binding.cursor_secret, "bytea", "secret"))


def _term_type(term: OrderTerm) -> FieldType:
    return FieldType.BOOLEAN if term.kind is TermKind.NULL_FLAG else term.type
