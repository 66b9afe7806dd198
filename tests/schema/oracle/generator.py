"""Random operations over the schema, with values drawn from the rows so that conditions hit.

Everything a document may do that data depends on: fragments of every kind, aliases, @skip and @include, variables for
any argument or part of one, defaults, merged fields, links both ways, pages that go on from earlier answers.
"""

import json
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
    get_nullable_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

from publicgsb.datasets.contracts.groupings import groupings
from publicgsb.datasets.contracts.model import Field as Column
from publicgsb.datasets.contracts.model import FieldType, FilterOp
from publicgsb.datasets.registry import Registry
from publicgsb.schema.types.marks import (
    AgencyMark,
    AggregateMark,
    ChangesMark,
    ColumnMark,
    ListMark,
    PartMark,
    RecordMark,
    ThroughMark,
    ToManyMark,
    mark_of,
)
from tests.schema.oracle import around
from tests.schema.oracle.expected import is_known, search_label
from tests.schema.oracle.pages import FEED, CursorToken
from tests.schema.oracle.places import CENTRES, OFF
from tests.schema.oracle.world import DatasetKey, Facts

FIELDS = 24  # at most, before fragments are opened
DEPTH = 11
ROOTS = (ListMark, RecordMark, AggregateMark, ChangesMark)


class Word(str):
    """An enum value: bare in a document, a string in JSON."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Operation:
    source: str
    variables: Mapping[str, Any]


@dataclass(slots=True)
class Values:
    """What the columns hold, as JSON writes it."""

    registry: Registry
    facts: Facts
    pools: dict[tuple[DatasetKey, str], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for (key, _), rows in self.facts.rows.items():
            for column in self.registry.datasets[key].contract.fields:
                found = {external(row[column.name]) for row in rows if row.get(column.name) is not None}
                pool = self.pools[key, column.name]
                pool += sorted(found - set(pool), key=str)

    def draw(self, dice: random.Random, key: DatasetKey, column: Column) -> Any:
        pool = self.pools[key, column.name]
        if not pool or dice.random() < 0.05:
            return _ANY[column.type]
        return dice.choice(pool)

    def row(self, dice: random.Random, key: DatasetKey) -> Mapping[str, Any]:
        (_, rows) = dice.choice([item for item in self.facts.rows.items() if item[0][0] == key])
        return dice.choice(rows)


_ANY: Mapping[FieldType, Any] = {
    FieldType.STRING: "هیچ",
    FieldType.INTEGER: 3,
    FieldType.BIGINT: "12",
    FieldType.YEAR: 2000,
    FieldType.NUMBER: 2.75,
    FieldType.DECIMAL: "1.5",
    FieldType.BOOLEAN: True,
    FieldType.DATE: "2026-03-20",
    FieldType.DATETIME: "2026-01-02T08:00:00+03:30",
}


def external(value: Any) -> Any:
    """A stored value as a caller writes it."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return (
        str(value)
        if isinstance(value, int) and not isinstance(value, bool) and not -(2**31) <= value < 2**31
        else value
    )


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
        self._dice = dice
        self._schema = schema
        self._values = values
        self._shelf: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for text, token in tokens.items():
            self._shelf[token.key, token.ordering, token.is_descending].append(text)
        self._tokens = tokens
        self._fragments: dict[str, tuple[str, str]] = {}  # name → (type, text)
        self._definitions: dict[str, str] = {}  # variable → its definition after the name
        self._variables: dict[str, Any] = {}
        self._left = FIELDS
        self._names = 0
        self._bare: set[str] = set()
        self._version: int | None = None  # of the cursors under this root field
        self._grouped: list[str] = []  # what the aggregate that is being written may show as its key
        self._is_in_change = False

    def operation(self) -> Operation:
        query = self._schema.query_type
        assert query is not None
        agencies = [name for name, one in query.fields.items() if isinstance(mark_of(one), AgencyMark)]
        roots = []
        for _ in range(self._dice.choice((1, 1, 1, 2, 3))):
            name = self._dice.choice(agencies)
            agency = get_named_type(query.fields[name].type)
            assert isinstance(agency, GraphQLObjectType)
            roots.append(f"{self._alias(name, 0.3)} {self._below(agency, 1)}")
        if self._chance(0.1):
            roots.append("__typename")
        if self._chance(0.12):
            roots.insert(self._dice.randrange(len(roots) + 1), self._static())
        header = ", ".join(f"${name}: {rest}" for name, rest in self._definitions.items())
        fragments = "".join(f" fragment {name} on {type_} {text}" for name, (type_, text) in self._fragments.items())
        source = f"query{f'({header})' if header else ''} {{ {' '.join(roots)} }}{fragments}"
        return Operation(source, self._variables)

    def _static(self) -> str:
        """Something of the catalogue or of the schema beside the records."""
        slug = self._dice.choice(("geo", "edu", "none"))
        text = self._dice.choice(
            (
                "agencies { slug name { fa } datasets { id } }",
                f"agency(slug: {self._render(slug, GraphQLNonNull(GraphQLString))}) {{ slug isSample }}",
                'dataset(id: "geo/places") { state current { seq rows } releases { seq } links { name matchRate } }',
                "datasets { id fields { apiName filters } coordinates { lat } }",
                "__schema { queryType { name } directives { name } }",
                '__type(name: "PageInfo") { fields { name type { kind } } }',
            )
        )
        text = f"{self._fresh('s')}: {text}"
        return f"...{self._directives()} {{ {text} }}" if self._chance(0.2) else text

    # Selections ------------------------------------------------------------------------------------------------

    def _below(self, type_: GraphQLObjectType, depth: int) -> str:
        count = self._dice.choice((1, 2, 2, 3, 3, 4, 6))
        return "{ " + " ".join(self._selection(type_, depth) for _ in range(count)) + " }"

    def _selection(self, type_: GraphQLObjectType, depth: int) -> str:
        if depth > 1 and self._chance(0.12):
            condition = f" on {type_.name}" if self._chance(0.6) else ""
            return f"...{condition}{self._directives()} {self._below(type_, depth)}"
        if depth > 1 and self._chance(0.12):
            return f"...{self._fragment(type_, depth)}{self._directives()}"
        return self._field(type_, depth)

    def _fragment(self, type_: GraphQLObjectType, depth: int) -> str:
        known = [name for name, (on, _) in self._fragments.items() if on == type_.name]
        # Of another aggregate it may show a key that is not grouped by, of another place a cursor inside a change.
        is_bound = "Aggregate" in type_.name or self._is_in_change
        if known and self._chance(0.02 if is_bound else 0.5):
            return self._dice.choice(known)
        text = self._below(type_, depth)
        name = self._fresh("F")
        self._fragments[name] = (type_.name, text)
        return name

    def _field(self, type_: GraphQLObjectType, depth: int) -> str:
        self._left -= 1
        name = self._choose(type_, depth)
        if name == "__typename":
            return self._alias(name, 0.3) + self._directives()
        one = type_.fields[name]
        inner = get_named_type(one.type)
        is_root = isinstance(mark_of(one), ROOTS)
        if is_root:
            self._version, self._grouped = None, []
            self._is_in_change = isinstance(mark_of(one), ChangesMark)
        args = self._arguments(one, is_root=is_root)
        must_alias = bool(one.args) and name in self._bare
        header = self._alias(name, 1.0 if must_alias else 0.25)
        if one.args and header == name:
            self._bare.add(name)
        header += args
        if not isinstance(inner, GraphQLObjectType):
            return header + self._directives()
        texts = [f"{header}{self._directives()} {self._below(inner, depth + 1)}"]
        if self._chance(0.08):  # the same field again, to be merged
            texts.append(f"{header} {self._below(inner, depth + 1)}")
        return " ".join(texts)

    def _choose(self, type_: GraphQLObjectType, depth: int) -> str:
        leaves: list[str] = ["__typename"]
        inner: list[str] = []
        for name, one in type_.fields.items():
            if not is_known(type_, name) or not (self._can_show(type_, name) or self._chance(0.002)):
                continue
            if isinstance(get_named_type(one.type), GraphQLObjectType):
                inner.append(name)
            else:
                leaves.append(name)
        is_record = any(isinstance(mark_of(one), ColumnMark) for one in type_.fields.values())
        room = self._left > 0 and depth + (4 if is_record else 1) < DEPTH
        wants = self._chance(0.3 if is_record else 0.85)
        if inner and room and (wants or len(leaves) == 1):
            return self._dice.choice(inner)
        return self._dice.choice(leaves[1:] if len(leaves) > 1 and self._chance(0.93) else leaves)

    def _can_show(self, type_: GraphQLObjectType, name: str) -> bool:
        if type_.name.endswith("AggregateKey"):
            return name in self._grouped
        return bool(self._grouped) or name != "key" or not type_.name.endswith("AggregateGroup")

    def _alias(self, name: str, chance: float) -> str:
        return f"{self._fresh('a')}: {name}" if self._chance(chance) else name

    def _directives(self) -> str:
        if not self._chance(0.1):
            return ""
        found = []
        for name in self._dice.sample(("skip", "include"), self._dice.choice((1, 1, 2))):
            wanted = self._chance(0.75) == (name == "include")
            value = self._variable("Boolean!", wanted, json.dumps(wanted)) if self._chance(0.6) else json.dumps(wanted)
            found.append(f" @{name}(if: {value})")
        return "".join(found)

    # Arguments -------------------------------------------------------------------------------------------------

    def _arguments(self, one: GraphQLField, *, is_root: bool) -> str:
        mark = mark_of(one)
        if isinstance(mark, RecordMark):
            given: dict[str, Any] = {"by": self._by(mark.dataset)}
        elif isinstance(mark, AggregateMark):
            given = self._aggregate(one, mark.dataset)
        elif isinstance(mark, ChangesMark):
            given = self._changes(mark.dataset)
        elif isinstance(mark, (ListMark, ToManyMark, ThroughMark)):
            given = self._page(one, mark.dataset if isinstance(mark, ListMark) else mark.target, is_root=is_root)
        elif isinstance(mark, PartMark) and one.args and self._chance(0.4):
            given = {name: self._dice.choice((True, False, None)) for name in one.args}
        else:
            return ""
        is_free = is_root and not {"after", "before"} & set(given)
        if is_free and isinstance(mark, ROOTS) and self._chance(0.3):
            given["release"] = self._release(mark.dataset)
        items = list(given.items())
        self._dice.shuffle(items)
        texts = [f"{name}: {self._render(value, one.args[name].type)}" for name, value in items]
        return f"({', '.join(texts)})" if texts else ""

    def _release(self, key: DatasetKey) -> Any:
        facts = self._values.facts
        seqs = [seq for known, seq in facts.rows if known == key]
        days = [step.day.isoformat() for step in facts.steps]
        if self._chance(0.4):
            return self._dice.choice((*days, "2025-12-31", "2026-01-02", "2999-01-01"))
        if self._chance(0.8):
            return self._dice.choice((*seqs, str(seqs[-1]), seqs[-1]))
        return self._dice.choice(("latest", 99, "2", None))

    def _aggregate(self, one: GraphQLField, key: DatasetKey) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if self._chance(0.75):
            contract = self._values.registry.datasets[key].contract
            declared = list(groupings(contract))
            count = self._dice.choice((1, 1, 1, 2, 2, 3)) if self._chance(0.99) else 4
            chosen = self._dice.sample(declared, min(count, len(declared)))
            if self._chance(0.005):
                chosen += chosen[:1]
            given["groupBy"] = [Word(grouping.name) for grouping in chosen]
            self._grouped = [grouping.api_name for grouping in chosen]
        if self._chance(0.6):
            enum = get_named_type(one.args["orderBy"].type)
            assert isinstance(enum, GraphQLEnumType)
            given["orderBy"] = Word(self._dice.choice(list(enum.values)))
        if self._chance(0.4):
            given["where"] = self._where(key, 1)
        if self._chance(0.7):
            given["first"] = self._dice.choice((0, 1, 2, 3, 5, 10, 100, 1000, None))
        elif self._chance(0.03):
            given["first"] = self._dice.choice((1001, -1))
        return given

    def _changes(self, key: DatasetKey) -> dict[str, Any]:
        since = self._release(key)
        given: dict[str, Any] = {"since": "latest" if since is None else since}
        if self._chance(0.3):
            given["where"] = self._where(key, 1)
        if self._chance(0.8):
            given["first"] = self._dice.choice((0, 1, 1, 2, 2, 3, 5, 8, 30))
        texts = self._shelf[key, FEED, False]
        if texts and self._chance(0.4):
            given["after"] = self._dice.choice(texts)
            between = self._tokens[given["after"]].between
            step = self._values.facts.at(between[1]) if between else None
            if step is not None and self._chance(0.8):
                given["since"] = step.current.get(key) or "latest"
        elif self._chance(0.02):
            given["after"] = self._dice.choice(("", None, *list(self._tokens)[:1]))
        return given

    def _page(self, one: GraphQLField, key: DatasetKey, *, is_root: bool) -> dict[str, Any]:
        given: dict[str, Any] = {}
        ordering, is_descending = "key", False
        if "near" in one.args and self._chance(0.35):
            lat, lon, within = self._dice.choice(OFF if self._chance(0.03) else CENTRES)
            given["near"] = {"lat": lat, "lon": lon, "withinKm": within}
            ordering = around.label(given["near"])
        elif "search" in one.args and self._chance(0.4):
            given["search"] = self._words(key)
            ordering = search_label(given["search"])
        if self._chance(0.02 if given else 0.6):
            enum = get_named_type(one.args["orderBy"].type)
            assert isinstance(enum, GraphQLEnumType)
            name, value = self._dice.choice(list(enum.values.items()))
            ordering, is_descending = value.value
            given["orderBy"] = Word(name)
        if self._chance(0.5):
            given["where"] = self._where(key, 2)
        size, cursor = ("last", "before") if self._chance(0.3) else ("first", "after")
        if self._chance(0.8 if is_root else 0.9):
            given[size] = self._dice.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 10))
        elif self._chance(0.1):
            given[size] = self._dice.choice((None, 40, 200, 1000, 1001, -1))
        takes_cursor = not self._is_in_change or self._chance(0.02)
        if takes_cursor and self._chance(0.3 if is_root else 0.12) and (size in given or cursor == "after"):
            given |= self._cursor(cursor, key, ordering, is_descending)
        if self._chance(0.02):  # both ways at once, or null for the way that is not meant
            given[self._dice.choice(("first", "last", "after", "before"))] = self._dice.choice((None, None, 1))
        return given

    def _cursor(self, name: str, key: DatasetKey, ordering: str, is_descending: bool) -> dict[str, Any]:
        if self._chance(0.03):
            return {name: self._dice.choice(("", "x", None, *list(self._tokens)[:1]))}
        texts = self._shelf[key, ordering, is_descending]
        if self._version is not None and self._chance(0.95):
            texts = [text for text in texts if self._tokens[text].version == self._version]
        if not texts:
            return {}
        text = self._dice.choice(texts)
        self._version = self._tokens[text].version
        return {name: text}

    def _words(self, key: DatasetKey) -> str:
        """Words of the rows, as somebody types them: some of them, cut off, with a slip, in another spelling."""
        contract = self._values.registry.datasets[key].contract
        columns = [column for column in contract.search if self._values.pools[key, column]]
        text = str(self._dice.choice(self._values.pools[key, self._dice.choice(columns)]))
        words = text.split()
        if len(words) > 1 and self._chance(0.3):
            words = self._dice.sample(words, self._dice.choice((1, len(words))))
        text = self._dice.choice(("", "", "", " ")).join(words) if self._chance(0.1) else " ".join(words)
        at = self._dice.randrange(max(1, len(text) - 1))
        match self._dice.choice(("as it is", "as it is", "cut off", "lost", "swapped", "wrong", "more")):
            case "cut off":
                text = text[: max(2, at)]
            case "lost":
                text = text[:at] + text[at + 1 :]
            case "swapped":
                text = text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
            case "wrong":
                text = text[:at] + self._dice.choice("بxن ") + text[at + 1 :]
            case "more":
                text += self._dice.choice((" آباد", " تهران", " هیچ", "ا"))
        return self._respelt(text)

    def _respelt(self, text: str) -> str:
        """The same word for a reader."""
        if not self._chance(0.3):
            return text
        old, new = self._dice.choice(
            (
                ("ی", "ي"),
                ("ک", "ك"),
                ("آ", "ا"),
                (" ", "\u200c"),
                ("ه", "ه\u0640"),
                ("ر", "ر\u064e"),
                ("2", "۲"),
                ("z", "Z"),
            )
        )
        return text.replace(old, new)

    def _by(self, key: DatasetKey) -> dict[str, Any]:
        contract = self._values.registry.datasets[key].contract
        chosen = self._dice.choice(contract.unique_keys)
        row = self._values.row(self._dice, key)
        members = {}
        for column in map(contract.field, chosen.fields):
            value = row.get(column.name)
            is_lost = value is None or self._chance(0.1)
            members[column.api_name] = self._values.draw(self._dice, key, column) if is_lost else external(value)
        return {chosen.name: next(iter(members.values())) if len(members) == 1 else members}

    def _where(self, key: DatasetKey, depth: int) -> dict[str, Any]:
        contract = self._values.registry.datasets[key].contract
        filtered = [column for column in contract.fields if column.filters]
        where: dict[str, Any] = {}
        for column in self._dice.sample(filtered, min(len(filtered), self._dice.choice((1, 1, 1, 2, 3)))):
            where[column.api_name] = self._conditions(key, column)
        if depth and self._chance(0.35):
            for word in self._dice.sample(("and", "or", "not"), self._dice.choice((1, 1, 2))):
                if word == "not":
                    where["not"] = self._where(key, depth - 1)
                else:
                    where[word] = [self._where(key, depth - 1) for _ in range(self._dice.choice((1, 2, 2, 3)))]
            if self._chance(0.5):
                where = {name: inner for name, inner in where.items() if name in ("and", "or", "not")}
        return {} if self._chance(0.005) else where

    def _conditions(self, key: DatasetKey, column: Column) -> dict[str, Any]:
        ops = sorted(column.filters)
        chosen = self._dice.sample(ops, min(len(ops), self._dice.choice((1, 1, 1, 2))))
        return {op.value: self._operand(key, column, op) for op in chosen}

    def _operand(self, key: DatasetKey, column: Column, op: FilterOp) -> Any:
        if self._chance(0.005):
            return None
        if op is FilterOp.IS_NULL:
            return self._chance(0.5)
        if op is FilterOp.IN:
            return [self._values.draw(self._dice, key, column) for _ in range(self._dice.choice((1, 2, 3, 3)))]
        value: Any = self._values.draw(self._dice, key, column)
        if op is FilterOp.CONTAINS:
            part = value[self._dice.choice((0, 0, 1)) :][:3] if len(value) > 3 else value + "ه" * (len(value) < 2)
            return self._respelt(part)
        return value[: self._dice.choice((1, 1, 2, 3))] if op is FilterOp.STARTS_WITH else value

    # Literals and variables ------------------------------------------------------------------------------------

    def _render(self, value: Any, type_: Any, *, is_one_of: bool = False) -> str:
        """The value as a literal, or a variable in its place, or in the place of a part of it."""
        if self._chance(0.3):
            if is_one_of:
                return self._variable(f"{get_nullable_type(type_)}!", value, None)
            declared = str(type_)
            if not is_non_null_type(type_) and value is not None and self._chance(0.3):
                declared += "!"
            return self._variable(declared, value, self._literal(value, type_))
        return self._literal(value, type_, may_vary=True)

    def _literal(self, value: Any, type_: Any, *, may_vary: bool = False) -> str:
        bare: Any = get_nullable_type(type_)
        if isinstance(value, Word):
            return str(value)
        if isinstance(value, list) and is_list_type(bare):
            parts = [self._part(one, bare.of_type, may_vary=may_vary) for one in value]
            is_bare = len(parts) == 1 and not parts[0].startswith("$") and self._chance(0.3)
            return parts[0] if is_bare else f"[{', '.join(parts)}]"
        if isinstance(value, dict) and is_input_object_type(bare):
            members = [
                f"{name}: {self._part(inner, bare.fields[name].type, may_vary=may_vary, parent=bare)}"
                for name, inner in value.items()
            ]
            return "{" + ", ".join(members) + "}"
        return json.dumps(value, ensure_ascii=False)

    def _part(self, value: Any, type_: Any, *, may_vary: bool, parent: GraphQLInputObjectType | None = None) -> str:
        if not may_vary:
            return self._literal(value, type_)
        return self._render(value, type_, is_one_of=parent is not None and parent.is_one_of)

    def _variable(self, declared: str, value: Any, default: str | None) -> str:
        """A new variable, now and then one that is there already; `default` None: it must be given."""
        fitting = [
            name for name, rest in self._definitions.items() if rest == declared and declared.rstrip("!") in _SHARED
        ]
        if fitting and self._chance(0.3):
            return f"${self._dice.choice(fitting)}"
        name = self._fresh("v")
        definition = declared
        is_omitted = is_null = False
        if default is not None and self._chance(0.3):
            definition = declared.rstrip("!") if self._chance(0.6) else declared
            definition += f" = {default}"
            is_omitted = self._chance(0.5)
            is_null = self._chance(0.05)
        elif not declared.endswith("!"):
            is_omitted, is_null = self._chance(0.06), self._chance(0.03)
        if definition.endswith("= null") and declared.endswith("!"):
            definition, is_omitted = declared, False
        self._definitions[name] = definition
        if not is_omitted:
            self._variables[name] = None if is_null else value
        return f"${name}"

    def _fresh(self, kind: str) -> str:
        self._names += 1
        return f"{kind}{self._names}"

    def _chance(self, chance: float) -> bool:
        return self._dice.random() < chance


_SHARED = frozenset({"Boolean", "Int", "String"})
