"""Conditions as SQL: the columns of the bound release against bind parameters."""

from publicgsb.datasets.contracts.model import Field, FieldType, FilterOp
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.releases.identifiers import quote
from publicgsb.schema.planning.tree.conditions import All, Compare, Condition, IsNull, Not, Some
from publicgsb.schema.planning.tree.records import Connection
from publicgsb.schema.planning.values import Leaf
from publicgsb.schema.sql import binding
from publicgsb.schema.sql.binding import PG_TYPES
from publicgsb.schema.sql.context import Context
from publicgsb.schema.sql.near import near_sql
from publicgsb.schema.sql.search import contains

_OPERATORS = {FilterOp.EQ: "=", FilterOp.GT: ">", FilterOp.GTE: ">=", FilterOp.LT: "<", FilterOp.LTE: "<="}


def restrictions(context: Context, c: Connection, t: str, join: str | None) -> list[str]:
    """What makes a record belong to the list, whatever the page; {t} in `join` stands for the child's alias."""
    found = [join.format(t=t)] if join else []
    if c.condition is not None:
        context.is_tied = join is not None
        found.append(condition_sql(context, c.condition, t, context.release(c.slot)))
        context.is_tied = False
    if c.near is not None:
        found.append(near_sql(context, c.near, t))
    return found


def condition_sql(context: Context, condition: Condition, t: str, release: ReleaseRef) -> str:
    """`t` is the alias of the release's table."""
    match condition:
        case All(of):
            return "(" + " and ".join(condition_sql(context, part, t, release) for part in of) + ")"
        case Some(of):
            return "(" + " or ".join(condition_sql(context, part, t, release) for part in of) + ")"
        case Not(of):
            return f"({condition_sql(context, of, t, release)} is not true)"
        case IsNull(column, wanted):
            return f"{stored(t, column, release)} is {'' if wanted else 'not '}null"
        case Compare(column, FilterOp.CONTAINS, leaf):
            return contains(context, t, column, leaf, release)
        case Compare(column, op, leaf):
            return compare(context, stored(t, column, release), column, op, leaf)


def compare(context: Context, sql: str, column: Field, op: FilterOp, leaf: Leaf) -> str:
    type_ = PG_TYPES[column.type]
    if op is FilterOp.IN:
        return f"{sql} = any({context.param(binding.operand_list(leaf, column), f'{type_}[]', op, leaf, column)})"
    if op is FilterOp.STARTS_WITH:
        lower, upper = binding.prefix_bounds(leaf, column)
        low = context.param(lower, type_, op, leaf, column)
        return f"({sql} >= {low} and {sql} < {context.param(upper, type_, 'end', leaf, column)})"
    return f"{sql} {_OPERATORS[op]} {context.param(binding.operand(leaf, column), type_, leaf, column)}"


def stored(t: str, column: Field, release: ReleaseRef) -> str:
    """The column, or null where the bound release lacks it."""
    if column.name not in release.columns:
        return f"null::{PG_TYPES[column.type]}"
    return f"{t}.{quote(column.name)}"


def output(t: str, column: Field, release: ReleaseRef) -> str:
    return output_of(stored(t, column, release), column)


def output_of(sql: str, column: Field) -> str:
    """As it leaves: 64-bit and exact numbers as strings, so that no JSON reader rounds them."""
    return f"{sql}::text" if column.type in (FieldType.BIGINT, FieldType.DECIMAL) else sql
