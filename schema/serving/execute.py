"""Running a prepared operation: one statement for all record fields, Strawberry for the rest."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, Internal
from publicgsb.schema.planning.model import FieldError, Plan
from publicgsb.schema.serving.coalesce import Coalescer
from publicgsb.schema.sql.builder import Statement
from publicgsb.schema.types.static import StaticContext


class Records(NamedTuple):
    """`roots` holds JSON bytes by root field, `counts` records read by level."""

    roots: Mapping[int, bytes]
    counts: Mapping[int, int]


class Runner:
    """Runs statements on held connections; one per worker."""

    def __init__(self, reader: Connections) -> None:
        self._reader = reader
        self.coalescer = Coalescer(reader)

    async def run(self, statement: Statement, arguments: Sequence[Any], records: int) -> Records:
        """One statement, one round trip; a look-up shares it with others. `records` is what was reserved.

        Raises Unavailable or TimedOut.
        """
        row: Any
        if statement.key_count:
            row = await self.coalescer.join(statement, arguments, records)
        else:
            async with self._reader.use() as connection:
                row = await connection.fetchrow(statement.text, *arguments)
        if row is None:  # a look-up that found nothing
            return Records({}, {})
        roots = {index: row[column].encode() for index, column in statement.columns if row[column] is not None}
        return Records(roots, {level: row[column] or 0 for level, column in statement.counts})


async def run_static(
    schema: GraphQLSchema, plan: Plan, variables: Mapping[str, Any], context: StaticContext
) -> tuple[Mapping[str, Any], list[FieldError]]:
    """The fields that Strawberry resolves, by graphql-core's own executor."""
    assert plan.static is not None
    answering = execute(schema, plan.static, context_value=context, variable_values=dict(variables))
    result = answering if isinstance(answering, ExecutionResult) else await answering
    errors = [_field_error(error) for error in result.errors or ()]
    return result.data or {}, errors


def _field_error(error: GraphQLError) -> FieldError:
    original = error.original_error
    if isinstance(original, GsbError):
        return FieldError(tuple(error.path or ()), original)
    return FieldError(tuple(error.path or ()), Internal("This field could not be answered."))
