"""What an ordering sorts by: one definition for the index that is built and for the query that must meet it.

All terms run in one direction. A nullable column is two terms, so that nulls come last both ways and a row comparison
`(terms) > (cursor)` never meets a null. An alphabet orders by the hidden column that was made for it.
"""

from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets.contracts.hidden import sort_column
from publicgsb.datasets.contracts.model import ROW_COLUMN, Contract, Field, FieldType, Ordering
from publicgsb.datasets.releases.identifiers import quote


class TermKind(StrEnum):
    COLUMN = "column"
    NULL_FLAG = "null_flag"
    COALESCED = "coalesced"


# What a null is replaced by; any value will do, since the flag before it has already decided.
ZEROS = {
    FieldType.STRING: "''",
    FieldType.INTEGER: "0",
    FieldType.BIGINT: "0",
    FieldType.NUMBER: "'0'::float8",
    FieldType.DECIMAL: "0::numeric",
    FieldType.BOOLEAN: "false",
    FieldType.DATE: "'0001-01-01'::date",
    FieldType.DATETIME: "'0001-01-01 00:00:00+00'::timestamptz",
    FieldType.YEAR: "0",
}


@dataclass(frozen=True, slots=True)
class Term:
    column: str
    kind: TermKind
    type: FieldType
    descending: bool

    def sql(self, alias: str = "") -> str:
        """The expression, of the table that `alias` names; without one, as an index wants it."""
        column = f"{alias}.{quote(self.column)}" if alias else quote(self.column)
        if self.kind is TermKind.NULL_FLAG:
            return f"({column} is not null)" if self.descending else f"({column} is null)"
        if self.kind is TermKind.COALESCED:
            return f"coalesce({column}, {ZEROS[self.type]})"
        return column


def order_terms(contract: Contract, ordering: Ordering | None, descending: bool) -> tuple[Term, ...]:
    """The ordering's columns, then the key's, each once; without an ordering the key alone."""
    terms: list[Term] = []
    for column in ordering.fields if ordering else ():
        field = contract.field(column)
        is_spelt = ordering is not None and ordering.alphabet is not None and field.type is FieldType.STRING
        terms += _terms(sort_column(column) if is_spelt else column, field, descending)
    for column in contract.key_columns:
        if column == ROW_COLUMN:
            terms.append(Term(column, TermKind.COLUMN, FieldType.BIGINT, descending))
        else:
            terms += _terms(column, contract.field(column), descending)
    return tuple(dict.fromkeys(terms))


def _terms(column: str, field: Field, descending: bool) -> list[Term]:
    if field.required:
        return [Term(column, TermKind.COLUMN, field.type, descending)]
    return [Term(column, kind, field.type, descending) for kind in (TermKind.NULL_FLAG, TermKind.COALESCED)]


def needs_descending_index(contract: Contract, ordering: Ordering) -> bool:
    """Without nullable columns the ascending index, scanned backward, gives the descending order."""
    return any(term.kind is TermKind.NULL_FLAG for term in order_terms(contract, ordering, True))
