"""Running a prepared operation: one statement for all record fields, Strawberry for the rest."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, Internal, InvalidRequest
from publicgsb.schema.planning.model import FieldError, Plan
from publicgsb.schema.serving.coalesce import Coalescer
from publicgsb.schema.serving.kept import Kept, Records, key_of
from publicgsb.schema.serving.spending import Measured, Spend, nobodys
from publicgsb.schema.sql.builder import Statement
from publicgsb.schema.types.static import StaticContext

_IN_PLACE_MAX = 500  # values of the catalogue


class Runner:
    """Runs statements on held connections, each once as long as its answer is kept; one per worker."""

    def __init__(self, reader: Connections, kept_bytes_max: int = 0) -> None:
        self._reader = reader
        self.coalescer = Coalescer(reader)
        self.kept = Kept(kept_bytes_max)

    async def run(
        self, statement: Statement, arguments: Sequence[Any], records: int, spend: Spend = nobodys
    ) -> Records:
        """From memory, else by one statement and one round trip; a look-up shares it with others.

        `records` is what was reserved. `spend` hears for how many microseconds the database worked for it, also where
        nothing came of it. Raises Unavailable or TimedOut.
        """
        key = key_of(statement, arguments)
        found = self.kept.get(key)
        if found is None:
            found = await self._ask(statement, arguments, records, spend)
            self.kept.keep(key, found)
        return found

    async def _ask(self, statement: Statement, arguments: Sequence[Any], records: int, spend: Spend) -> Records:
        row: Any
        if statement.key_count:
            row = await self.coalescer.join(statement, arguments, records, spend)
        else:
            async with self._reader.use() as connection:
                with Measured((spend,)):  # a connection that is waited for is used by others meanwhile
                    row = await connection.fetchrow(statement.text, *arguments)
        if row is None:  # a look-up that found nothing
            return Records({}, {})
        roots = {index: row[column].encode() for index, column in statement.columns if row[column] is not None}
        counts = {level: row[column] or 0 for level, column in statement.counts}
        size = sum(map(len, roots.values())) if statement.size is None else row[statement.size]
        return Records(roots, counts, size)


async def run_static(
    schema: GraphQLSchema, plan: Plan, variables: Mapping[str, Any], context: StaticContext
) -> tuple[Mapping[str, Any], list[FieldError]]:
    """The fields that Strawberry resolves, by graphql-core's own executor."""
    assert plan.static is not None
    values = dict(variables)
    # What takes long is done in a thread, so that other requests get their turns in between.
    if plan.introspected or plan.catalogued > _IN_PLACE_MAX:
        answering = await asyncio.to_thread(execute, schema, plan.static, context_value=context, variable_values=values)
    else:
        answering = execute(schema, plan.static, context_value=context, variable_values=values)
    result = answering if isinstance(answering, ExecutionResult) else await answering
    errors = [_field_error(error) for error in result.errors or ()]
    return result.data or {}, errors


def _field_error(error: GraphQLError) -> FieldError:
    original = error.original_error
    if isinstance(original, GsbError):
        return FieldError(tuple(error.path or ()), original)
    if original is None:  # graphql-core's own word on an argument
        word = InvalidRequest(error.message, reason="coercion", hint="Compare the arguments with /schema.graphql.")
        return FieldError(tuple(error.path or ()), word)
    return FieldError(tuple(error.path or ()), Internal("This field could not be answered."))
