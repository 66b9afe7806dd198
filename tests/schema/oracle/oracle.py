"""One operation answered twice, and every way in which the two answers may differ."""

import asyncio
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.model import Plan
from publicgsb.schema.planning.price import price, read, used
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.planning.weigh import Price, points_for
from publicgsb.schema.serving.answer import data_answer
from publicgsb.schema.serving.execute import Runner, run_static
from publicgsb.schema.serving.kept import Records
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.prepare import arguments, prepare, read_cursors
from publicgsb.schema.types.graft import graft, static_schema
from publicgsb.schema.types.static import StaticContext
from tests.schema.oracle import expected
from tests.schema.oracle.expected import Failure, Reading
from tests.schema.oracle.pages import CursorToken
from tests.schema.oracle.refusals import Inspector
from tests.schema.oracle.world import Facts

SECRET = b"0123456789abcdef"
OVER_LIMITS = "over limits"


class Difference(AssertionError):
    """Ready to paste: the operation, its variables, both answers and the SQL."""


@dataclass(slots=True)
class Got:
    """What the compiled path said."""

    refusal: GsbError | None = None
    data: Any = None
    failures: set[Failure] = field(default_factory=set)
    plan: Plan | None = None
    price: Price | None = None
    records: Records = field(default_factory=lambda: Records({}, {}))
    sql: str = ""


@dataclass(slots=True)
class Oracle:
    runner: asyncio.Runner
    connections: Connections
    registry: Registry
    facts: Facts
    tokens: dict[str, CursorToken] = field(default_factory=dict)  # by the text that the compiled path answered
    texts: dict[CursorToken, str] = field(default_factory=dict)
    schema: GraphQLSchema = field(init=False)
    plans: PlanCache = field(init=False)
    statements: Runner = field(init=False)
    _rounded: set[tuple[str | int, ...]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.schema = graft(self.registry, static_schema()).core
        self.plans = PlanCache(self.schema)
        self.statements = Runner(self.connections)

    def check(self, source: str, variables: Mapping[str, Any] | None = None) -> str:
        """How the operation ended: "answered", "refused" or OVER_LIMITS. Raises Difference."""
        given = dict(variables or {})
        got = self.compiled(source, given)
        if _is_too_large(got.refusal):
            return OVER_LIMITS
        # Validation takes as long as all the rest; what was answered is validated again one time in four.
        is_validated = got.refusal is not None or zlib.crc32(source.encode()) % 4 == 0
        wanted = self._wanted(source, given, is_validated=is_validated)
        try:
            if isinstance(wanted, set):
                if got.refusal is None or got.refusal.code not in wanted:
                    raise Difference(f"should be refused: {wanted}")
                return "refused"
            if got.refusal is not None:
                raise Difference(f"refused: {got.refusal!r} {got.refusal.details}")
            learned: dict[str, CursorToken] = {}
            self._rounded = wanted.rounded
            self._same(got.data, wanted.data, (), learned)
            _same_failures(got, wanted)
            _priced_honestly(got)
        except Difference as difference:
            raise Difference(_report(str(difference), source, given, got, wanted)) from None
        self.tokens |= learned
        self.texts |= {token: text for text, token in learned.items()}
        return "answered"

    # The two answers -------------------------------------------------------------------------------------------

    def compiled(self, source: str, variables: Mapping[str, Any]) -> Got:
        """As the endpoint answers; anything but a GsbError passes through and fails the test."""
        got = Got()
        try:
            self._compile(source, variables, got)
        except GsbError as refusal:
            got.refusal = refusal
        return got

    def _compile(self, source: str, variables: Mapping[str, Any], got: Got) -> None:
        family = self.plans.family(source, None)
        coerced = family.variables(variables)
        got.plan, _ = family.plan(self.registry, coerced)
        got.price = price(got.plan, coerced)
        cursors = read_cursors(got.plan, coerced, SECRET)
        prepared = prepare(got.plan, self.registry, coerced, cursors)
        if prepared.statement is not None:
            got.sql = prepared.statement.text
            bound = Bound(coerced, cursors, prepared.releases, prepared.versions, SECRET)
            args = arguments(prepared.statement, bound)
            got.records = self.runner.run(self.statements.run(prepared.statement, args, sum(got.price.records)))
        static: Mapping[str, Any] = {}
        if got.plan.static is not None:
            static, failures = self.runner.run(run_static(self.schema, got.plan, variables, self._static()))
            assert not failures
        body = json.loads(data_answer(got.plan, got.records.roots, static, [], b"{}"))
        got.data = body["data"]
        got.failures = {Failure(tuple(map(str, one.path)), one.error.code) for one in prepared.errors}

    def _static(self) -> StaticContext:
        """What is generated beside records asks for the catalogue only, and neither account nor price."""
        nobody: Any = None
        return StaticContext(caller=nobody, registry=self.registry, account=nobody, points=0, records=0)

    def _wanted(self, source: str, variables: Mapping[str, Any], *, is_validated: bool) -> expected.Answer | set[str]:
        """The answer of graphql-core over the lists, or the codes of which one must refuse the whole."""
        try:
            document = parse(source)
        except GraphQLError:
            return {InvalidRequest.code}
        operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        if is_validated and validate(self.schema, document):
            return {InvalidRequest.code}
        coerced = get_variable_values(self.schema, operation.variable_definitions or (), dict(variables))
        if isinstance(coerced, list):
            return {InvalidRequest.code}
        inspector = Inspector(self.schema, document, operation, coerced, self.registry, self.facts, self.tokens)
        inspector.inspect()
        if inspector.refusals:
            return inspector.refusals
        reading = Reading(self.facts, self.registry, self.tokens, inspector.versions)
        return expected.answer(self.schema, document, variables, reading)

    # How they compare ------------------------------------------------------------------------------------------

    def _same(self, got: Any, wanted: Any, path: tuple[Any, ...], learned: dict[str, CursorToken]) -> None:
        """Byte for byte after parsing, the order of keys included; 1 and 1.0 are one JSON number."""
        if isinstance(wanted, CursorToken):
            self._same_cursor(got, wanted, path, learned)
        elif isinstance(wanted, float) and path in self._rounded:
            if not isinstance(got, (int, float)) or not math.isclose(got, wanted, rel_tol=2**-52):
                raise Difference(f"at {path}: {got!r} instead of {wanted!r} or a number beside it")
        elif isinstance(wanted, Mapping):
            if not isinstance(got, dict) or list(got) != list(wanted):
                raise Difference(f"at {path}: {got!r:.300} instead of {wanted!r:.300}")
            for name, inner in wanted.items():
                self._same(got[name], inner, (*path, name), learned)
        elif isinstance(wanted, list):
            if not isinstance(got, list) or len(got) != len(wanted):
                raise Difference(f"at {path}: {got!r:.300} instead of {wanted!r:.300}")
            for at, (one, other) in enumerate(zip(got, wanted, strict=True)):
                self._same(one, other, (*path, at), learned)
        elif got != wanted or isinstance(got, bool) is not isinstance(wanted, bool):
            raise Difference(f"at {path}: {got!r} instead of {wanted!r}")

    def _same_cursor(
        self, got: Any, wanted: CursorToken, path: tuple[Any, ...], learned: dict[str, CursorToken]
    ) -> None:
        """One meaning, one text: a cursor names its order, version and row, whatever question it came from."""
        if not isinstance(got, str):
            raise Difference(f"at {path}: {got!r} instead of a cursor of {wanted}")
        known = self.tokens.get(got, learned.get(got, wanted))
        if known != wanted or self.texts.get(wanted, got) != got:
            raise Difference(f"at {path}: a cursor of {known} instead of {wanted}")
        learned[got] = wanted


def _is_too_large(refusal: GsbError | None) -> bool:
    """The bounds on a document's size have tests of their own; the generator seldom meets them."""
    return isinstance(refusal, RefusedDocument) and (
        refusal.details["reason"] == "limits" or "more than 1000 tokens" in refusal.message
    )


def _same_failures(got: Got, wanted: expected.Answer) -> None:
    """Each error that graphql-core found, and no other except where the answer has no parent to find it at."""
    for missing in wanted.failures - got.failures:
        raise Difference(f"no error {missing}")
    for more in got.failures - wanted.failures:
        if _has_parent(got.data, more.path):
            raise Difference(f"an error too many: {more}")


def _has_parent(data: Any, path: tuple[str, ...]) -> bool:
    if isinstance(data, list):
        return any(_has_parent(one, path) for one in data)
    if data is None:
        return False
    return len(path) == 1 or _has_parent(data.get(path[0]), path[1:])


def _priced_honestly(got: Got) -> None:
    """Nothing may read more records at a level than were reserved there, nor come to more points."""
    assert got.plan is not None
    assert got.price is not None
    records = read(got.plan, got.records.counts)
    if any(count > reserved for count, reserved in zip(records, got.price.records, strict=True)):
        raise Difference(f"{records} records read of {got.price.records} reserved")
    points = points_for(got.plan, records, got.records.counts) + got.price.introspected // 100
    if points > got.price.points or used(got.plan, got.price, got.records.counts) != points:
        raise Difference(f"{points} points used of {got.price.points} reserved")


def _report(what: str, source: str, variables: Mapping[str, Any], got: Got, wanted: Any) -> str:
    right = wanted if isinstance(wanted, set) else {"data": wanted.data, "errors": sorted(wanted.failures)}
    return (
        f"{what}\n\n{source}\n\nvariables: {json.dumps(variables, ensure_ascii=False, default=str)}"
        f"\n\ncompiled: {json.dumps(got.data, ensure_ascii=False)} {sorted(got.failures)} {got.refusal!r}"
        f"\n\ngraphql-core: {right}\n\nSQL: {got.sql}"
    )
