"""Random operations over the schema, with values drawn from the rows so that conditions hit.

Everything a document may do that data depends on: fragments of every kind, aliases, @skip and @include, variables for
any argument or part of one, defaults, merged fields, links both ways, pages that go on from earlier answers.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
)

from publicgsb.platform.kernel.caller import Caller
from publicgsb.schema.types.marks import (
    AgencyMark,
    ColumnMark,
    mark_of,
)
from tests.schema.oracle.account import GRANTED, LIVE, TEST
from tests.schema.oracle.arguments import ROOTS, Arguments
from tests.schema.oracle.doors import Doors
from tests.schema.oracle.expected import is_known
from tests.schema.oracle.pages import CursorToken
from tests.schema.oracle.pen import Pen
from tests.schema.oracle.touched import columns_of
from tests.schema.oracle.values import Values

FIELDS = 24  # at most, before fragments are opened
DEPTH = 11


@dataclass(frozen=True, slots=True)
class Operation:
    source: str
    variables: Mapping[str, Any]
    caller: Caller = LIVE


class Generator:
    """Draws from `dice` alone; `tokens` grows with each answer and lends its cursors."""

    def __init__(
        self, dice: random.Random, schema: GraphQLSchema, values: Values, tokens: Mapping[str, CursorToken]
    ) -> None:
        self._dice = dice
        self._schema = schema
        self._values = values
        self._tokens = tokens

    def operation(self) -> Operation:
        return _Draft(self._dice, self._schema, self._values, self._tokens).operation()


class _Draft:
    def __init__(
        self, dice: random.Random, schema: GraphQLSchema, values: Values, tokens: Mapping[str, CursorToken]
    ) -> None:
        self._schema = schema
        self._pen = Pen(dice)
        self._caller = self._pen.dice.choices((LIVE, GRANTED, TEST), (55, 30, 15))[0]
        self._doors = Doors(values.registry, self._caller, dice)
        self._arguments = Arguments(self._pen, values, tokens, self._doors)
        self._fragments: dict[str, tuple[str, str]] = {}  # name → (type, text)
        self._left = FIELDS
        self._bare: set[str] = set()

    def operation(self) -> Operation:
        query = self._schema.query_type
        assert query is not None
        agencies = [name for name, one in query.fields.items() if isinstance(mark_of(one), AgencyMark)]
        roots = []
        for _ in range(self._pen.dice.choice((1, 1, 1, 2, 3))):
            name = self._pen.dice.choice(agencies)
            agency = get_named_type(query.fields[name].type)
            assert isinstance(agency, GraphQLObjectType)
            roots.append(f"{self._pen.alias(name, 0.3)} {self._below(agency, 1)}")
        if self._pen.chance(0.1):
            roots.append("__typename")
        if self._pen.chance(0.12):
            roots.insert(self._pen.dice.randrange(len(roots) + 1), self._static())
        elif self._pen.chance(0.1):
            roots = self._with_account(roots)
        header = ", ".join(f"${name}: {rest}" for name, rest in self._pen.definitions.items())
        fragments = "".join(f" fragment {name} on {type_} {text}" for name, (type_, text) in self._fragments.items())
        source = f"query{f'({header})' if header else ''} {{ {' '.join(roots)} }}{fragments}"
        return Operation(source, self._pen.variables, self._caller)

    def _static(self) -> str:
        """Something of the catalogue or of the schema beside the records."""
        slug = self._pen.dice.choice(("geo", "edu", "none"))
        text = self._pen.dice.choice(
            (
                "agencies { slug name { fa } datasets { id } }",
                f"agency(slug: {self._pen.render(slug, GraphQLNonNull(GraphQLString))}) {{ slug isSample }}",
                'dataset(id: "geo/places") { state current { seq rows } releases { seq } links { name matchRate } }',
                "datasets { id fields { apiName filters } coordinates { lat } }",
                "datasets { id shortcuts { on } search aggregates { groupings { name } measures minCell } }",
                "__schema { queryType { name } directives { name } }",
                '__type(name: "PageInfo") { fields { name type { kind } } }',
            )
        )
        text = f"{self._pen.fresh('s')}: {text}"
        return f"...{self._pen.directives()} {{ {text} }}" if self._pen.chance(0.2) else text

    def _with_account(self, roots: list[str]) -> list[str]:
        """What the caller asks of its own account, beside records, alone, or in the place of them."""
        policy = "{ policy unit limit remaining windowSeconds resetSeconds resetsAt }"
        standing = f"quota {policy} usage {{ dataset requests bytes }}"
        month = "cost records statements limit remaining resetsAt"
        own = [
            f"{self._pen.fresh('s')}: me {{ organisation application key plan {standing} }}",
            f"{self._pen.fresh('s')}: rateLimit {{ {month} policies {policy} }}",
        ]
        if self._pen.chance(0.3):
            is_dry = self._pen.render(self._pen.chance(0.7), GraphQLNonNull(GraphQLBoolean))
            own[1] = f"{self._pen.fresh('s')}: rateLimit(dryRun: {is_dry}) {{ records cost statements }}"
        chosen = self._pen.dice.sample(own, self._pen.dice.choice((1, 1, 2)))
        if self._pen.chance(0.1):
            self._pen.definitions.clear()
            self._pen.variables.clear()
            self._fragments.clear()
            return [one for one in chosen if "$" not in one] or ["__typename"]
        return [*roots, *chosen] if self._pen.chance(0.5) else [*chosen, *roots]

    def _below(self, type_: GraphQLObjectType, depth: int) -> str:
        count = self._pen.dice.choice((1, 2, 2, 3, 3, 4, 6))
        return "{ " + " ".join(self._selection(type_, depth) for _ in range(count)) + " }"

    def _selection(self, type_: GraphQLObjectType, depth: int) -> str:
        if depth > 1 and self._pen.chance(0.12):
            condition = f" on {type_.name}" if self._pen.chance(0.6) else ""
            return f"...{condition}{self._pen.directives()} {self._below(type_, depth)}"
        if depth > 1 and self._pen.chance(0.12):
            return f"...{self._fragment(type_, depth)}{self._pen.directives()}"
        return self._field(type_, depth)

    def _fragment(self, type_: GraphQLObjectType, depth: int) -> str:
        known = [name for name, (on, _) in self._fragments.items() if on == type_.name]
        # Of another aggregate it may show a key that is not grouped by, of another place a cursor inside a change.
        is_bound = "Aggregate" in type_.name or self._arguments.is_in_change
        if known and self._pen.chance(0.02 if is_bound else 0.5):
            return self._pen.dice.choice(known)
        text = self._below(type_, depth)
        name = self._pen.fresh("F")
        self._fragments[name] = (type_.name, text)
        return name

    def _field(self, type_: GraphQLObjectType, depth: int) -> str:
        self._left -= 1
        name = self._choose(type_, depth)
        if name == "__typename":
            return self._pen.alias(name, 0.3) + self._pen.directives()
        one = type_.fields[name]
        inner = get_named_type(one.type)
        is_root = isinstance(mark_of(one), ROOTS)
        if is_root:
            self._arguments.begin(one)
        args = self._arguments.written(one, is_root=is_root)
        must_alias = bool(one.args) and name in self._bare
        header = self._pen.alias(name, 1.0 if must_alias else 0.25)
        if one.args and header == name:
            self._bare.add(name)
        header += args
        if not isinstance(inner, GraphQLObjectType):
            return header + self._pen.directives()
        texts = [f"{header}{self._pen.directives()} {self._below(inner, depth + 1)}"]
        if self._pen.chance(0.08):  # the same field again, to be merged
            texts.append(f"{header} {self._below(inner, depth + 1)}")
        return " ".join(texts)

    def _choose(self, type_: GraphQLObjectType, depth: int) -> str:
        leaves: list[str] = ["__typename"]
        inner: list[str] = []
        for name, one in type_.fields.items():
            if not is_known(type_, name) or not (self._can_show(type_, name) or self._pen.chance(0.002)):
                continue
            if not all(self._doors.lets(key, column) for key, column in columns_of(mark_of(one))):
                continue
            if isinstance(get_named_type(one.type), GraphQLObjectType):
                inner.append(name)
            else:
                leaves.append(name)
        is_record = any(isinstance(mark_of(one), ColumnMark) for one in type_.fields.values())
        room = self._left > 0 and depth + (4 if is_record else 1) < DEPTH
        wants = self._pen.chance(0.3 if is_record else 0.85)
        if inner and room and (wants or len(leaves) == 1):
            return self._pen.dice.choice(inner)
        return self._pen.dice.choice(leaves[1:] if len(leaves) > 1 and self._pen.chance(0.93) else leaves)

    def _can_show(self, type_: GraphQLObjectType, name: str) -> bool:
        if type_.name.endswith("AggregateKey"):
            return name in self._arguments.grouped
        return bool(self._arguments.grouped) or name != "key" or not type_.name.endswith("AggregateGroup")
