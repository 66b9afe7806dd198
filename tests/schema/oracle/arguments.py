"""The arguments of one field: pages that go on from earlier answers, releases, groups, and what narrows a list down."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLEnumType, GraphQLField, get_named_type

from publicgsb.datasets.contracts.groupings import groupings
from publicgsb.datasets.contracts.model import ROW_COLUMN
from publicgsb.schema.types.marks import (
    AggregateMark,
    ChangesMark,
    ListMark,
    PartMark,
    RecordMark,
    ThroughMark,
    ToManyMark,
    mark_of,
)
from tests.schema.oracle import around
from tests.schema.oracle.conditions import Conditions
from tests.schema.oracle.doors import Doors
from tests.schema.oracle.facts import DatasetKey
from tests.schema.oracle.orders import search_label
from tests.schema.oracle.pages import FEED, CursorToken
from tests.schema.oracle.pen import Pen, Word
from tests.schema.oracle.places import CENTRES, OFF
from tests.schema.oracle.values import Values

ROOTS = (ListMark, RecordMark, AggregateMark, ChangesMark)


class Arguments:
    """Knows what binds the fields below one root field together: the state of their cursors, what is grouped by."""

    def __init__(self, pen: Pen, values: Values, tokens: Mapping[str, CursorToken], doors: Doors) -> None:
        self._pen = pen
        self._values = values
        self._conditions = Conditions(pen, values, doors)
        self._doors = doors
        self._tokens = tokens
        self._shelf: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for text, token in tokens.items():
            self._shelf[token.key, token.ordering, token.is_descending].append(text)
        self._version: int | None = None  # of the cursors under this root field
        self.grouped: list[str] = []  # what the aggregate that is being written may show as its key
        self.is_in_change = False

    def begin(self, root: GraphQLField) -> None:
        self._version, self.grouped = None, []
        self.is_in_change = isinstance(mark_of(root), ChangesMark)

    def written(self, one: GraphQLField, *, is_root: bool) -> str:
        mark = mark_of(one)
        if isinstance(mark, RecordMark):
            given: dict[str, Any] = {"by": self._conditions.by(mark.dataset)}
        elif isinstance(mark, AggregateMark):
            given = self._aggregate(one, mark.dataset)
        elif isinstance(mark, ChangesMark):
            given = self._changes(mark.dataset)
        elif isinstance(mark, (ListMark, ToManyMark, ThroughMark)):
            given = self._page(one, mark.dataset if isinstance(mark, ListMark) else mark.target, is_root=is_root)
        elif isinstance(mark, PartMark) and one.args and self._pen.chance(0.4):
            given = {name: self._pen.dice.choice((True, False, None)) for name in one.args}
        else:
            return ""
        is_free = is_root and not {"after", "before"} & set(given)
        if is_free and isinstance(mark, ROOTS) and self._pen.chance(0.3):
            given["release"] = self._release(mark.dataset)
        items = list(given.items())
        self._pen.dice.shuffle(items)
        texts = [f"{name}: {self._pen.render(value, one.args[name].type)}" for name, value in items]
        return f"({', '.join(texts)})" if texts else ""

    def _release(self, key: DatasetKey) -> Any:
        facts = self._values.facts
        seqs = [seq for known, seq in facts.rows if known == key]
        days = [step.day.isoformat() for step in facts.steps]
        if self._pen.chance(0.4):
            return self._pen.dice.choice((*days, "2025-12-31", "2026-01-02", "2999-01-01"))
        if self._pen.chance(0.8):
            return self._pen.dice.choice((*seqs, str(seqs[-1]), seqs[-1]))
        return self._pen.dice.choice(("latest", 99, "2", None))

    def _aggregate(self, one: GraphQLField, key: DatasetKey) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if self._pen.chance(0.75):
            contract = self._values.registry.datasets[key].contract
            declared = [one for one in groupings(contract) if self._doors.lets(key, one.field.name)]
            count = self._pen.dice.choice((1, 1, 1, 2, 2, 3)) if self._pen.chance(0.99) else 4
            chosen = self._pen.dice.sample(declared, min(count, len(declared)))
            if self._pen.chance(0.005):
                chosen += chosen[:1]
            if chosen:
                given["groupBy"] = [Word(grouping.name) for grouping in chosen]
                self.grouped = [grouping.api_name for grouping in chosen]
        if self._pen.chance(0.6):
            enum = get_named_type(one.args["orderBy"].type)
            assert isinstance(enum, GraphQLEnumType)
            columns = {name: choice.value[1] or ROW_COLUMN for name, choice in enum.values.items()}
            open_ = [name for name, column in columns.items() if self._doors.lets(key, column)]
            given["orderBy"] = Word(self._pen.dice.choice(open_ or list(columns)))
        if self._pen.chance(0.4):
            given["where"] = self._conditions.where(key, 1)
        if self._pen.chance(0.7):
            given["first"] = self._pen.dice.choice((0, 1, 2, 3, 5, 10, 100, 1000, None))
        elif self._pen.chance(0.03):
            given["first"] = self._pen.dice.choice((1001, -1))
        return given

    def _changes(self, key: DatasetKey) -> dict[str, Any]:
        since = self._release(key)
        given: dict[str, Any] = {"since": "latest" if since is None else since}
        if self._pen.chance(0.3):
            given["where"] = self._conditions.where(key, 1)
        size, cursor = ("last", "before") if self._pen.chance(0.3) else ("first", "after")
        if self._pen.chance(0.9):
            given[size] = self._pen.dice.choice((0, 1, 1, 2, 2, 3, 5, 8, 30))
        texts = self._shelf[key, FEED, False]
        if texts and self._pen.chance(0.4) and (size in given or cursor == "after"):
            given[cursor] = self._pen.dice.choice(texts)
            between = self._tokens[given[cursor]].between
            step = self._values.facts.at(between[1]) if between else None
            if step is not None and self._pen.chance(0.8):
                given["since"] = step.current.get(key) or "latest"
        elif self._pen.chance(0.02):
            given[cursor] = self._pen.dice.choice(("", None, *list(self._tokens)[:1]))
        return given

    def _page(self, one: GraphQLField, key: DatasetKey, *, is_root: bool) -> dict[str, Any]:
        given: dict[str, Any] = {}
        ordering, is_descending = "key", False
        if "near" in one.args and self._pen.chance(0.35):
            lat, lon, within = self._pen.dice.choice(OFF if self._pen.chance(0.03) else CENTRES)
            given["near"] = {"lat": lat, "lon": lon, "withinKm": within}
            ordering = around.label(given["near"])
        elif "search" in one.args and self._pen.chance(0.4) and self._doors.lets(key, *self._searched(key)):
            given["search"] = self._conditions.words(key)
            ordering = search_label(given["search"])
        if self._pen.chance(0.02 if given else 0.6):
            enum = get_named_type(one.args["orderBy"].type)
            assert isinstance(enum, GraphQLEnumType)
            open_ = [
                item for item in enum.values.items() if self._doors.lets(key, *self._columns(key, item[1].value[0]))
            ]
            if open_:
                name, value = self._pen.dice.choice(open_)
                ordering, is_descending = value.value
                given["orderBy"] = Word(name)
        if self._pen.chance(0.5):
            given["where"] = self._conditions.where(key, 2)
        size, cursor = ("last", "before") if self._pen.chance(0.3) else ("first", "after")
        if self._pen.chance(0.8 if is_root else 0.9):
            given[size] = self._pen.dice.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 10))
        elif self._pen.chance(0.1):
            given[size] = self._pen.dice.choice((None, 40, 200, 1000, 1001, -1))
        takes_cursor = not self.is_in_change or self._pen.chance(0.02)
        if takes_cursor and self._pen.chance(0.3 if is_root else 0.12) and (size in given or cursor == "after"):
            given |= self._cursor(cursor, key, ordering, is_descending)
        if self._pen.chance(0.02):  # both ways at once, or null for the way that is not meant
            given[self._pen.dice.choice(("first", "last", "after", "before"))] = self._pen.dice.choice((None, None, 1))
        return given

    def _searched(self, key: DatasetKey) -> tuple[str, ...]:
        return self._values.registry.datasets[key].contract.search

    def _columns(self, key: DatasetKey, ordering: str) -> tuple[str, ...]:
        declared = self._values.registry.datasets[key].contract.orderings
        return next((one.fields for one in declared if one.name == ordering), ())

    def _cursor(self, name: str, key: DatasetKey, ordering: str, is_descending: bool) -> dict[str, Any]:
        if self._pen.chance(0.03):
            return {name: self._pen.dice.choice(("", "x", None, *list(self._tokens)[:1]))}
        texts = self._shelf[key, ordering, is_descending]
        if self._version is not None and self._pen.chance(0.95):
            texts = [text for text in texts if self._tokens[text].version == self._version]
        if not texts:
            return {}
        text = self._pen.dice.choice(texts)
        self._version = self._tokens[text].version
        return {name: text}
