"""The SQL that the service runs for a query, got from its own planner, so that others can run the very same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.database import Connection
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.serving.answer import data_answer
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.builder import build
from publicgsb.schema.sql.prepare import arguments, prepare, read_cursors
from publicgsb.schema.types.graft import graft, static_schema

_MARK = b"\0"


@dataclass(frozen=True, slots=True)
class Question:
    """One statement with its arguments; what it finds belongs between `before` and `behind`."""

    text: str
    arguments: tuple[Any, ...]
    before: bytes
    behind: bytes

    async def answer(self, connection: Connection) -> bytes:
        """The value of `data`, as the database makes it."""
        found: str | None = await connection.fetchval(self.text, *self.arguments)
        return self.before + (b"null" if found is None else found.encode()) + self.behind


class Planner:
    """Plans against one registry, as a worker would; `secret` is the worker's, so that cursors agree."""

    def __init__(self, registry: Registry, secret: bytes) -> None:
        self._registry = registry
        self._secret = secret
        self._plans = PlanCache(graft(registry, static_schema()).core)

    def question(self, document: str, given: Mapping[str, Any]) -> Question:
        """`document` has one root field, which is answered from records."""
        family = self._plans.family(document, None)
        variables = family.variables(given)
        plan, _ = family.plan(self._registry, variables)
        cursors = read_cursors(plan, variables, self._secret)
        prepared = prepare(plan, self._registry, variables, cursors)
        statement = build(plan, prepared.releases)  # a look-up for one key, as one would write it by hand
        assert len(statement.columns) == 1 and statement.columns[0][1] == 0
        bound = Bound(variables, cursors, prepared.releases, prepared.versions, self._secret)
        marked = data_answer(plan, {0: _MARK}, {}, [], b"{}")
        data = marked.removeprefix(b'{"data":').removesuffix(b',"extensions":{}}')
        before, _, behind = data.partition(_MARK)
        return Question(statement.text, tuple(arguments(statement, bound)), before, behind)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A query by hand: a statement, the arguments that never change, and the places of those that a request brings."""

    text: str
    constants: tuple[Any, ...]
    places: tuple[int, ...]
    before: bytes
    behind: bytes

    def values(self, question: Question) -> list[Any]:
        """What a request for this question has to bring."""
        return [question.arguments[place] for place in self.places]


def recipe(questions: Sequence[Question]) -> Recipe:
    """Of several questions of one case: what differs between them is what a request brings."""
    first = questions[0]
    assert {one.text for one in questions} == {first.text}
    columns = list(zip(*(one.arguments for one in questions), strict=True))
    places = tuple(i for i, column in enumerate(columns) if any(value != column[0] for value in column))
    return Recipe(first.text, first.arguments, places, first.before, first.behind)
