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
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.price import price
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.serving.answer import data_answer
from publicgsb.schema.serving.execute import Runner, run_static
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.prepare import arguments, prepare, read_cursors
from publicgsb.schema.types.graft import graft, static_schema
from publicgsb.schema.types.static import StaticContext
from tests.schema.oracle import expected
from tests.schema.oracle.account import LIVE, OneAccount
from tests.schema.oracle.differences import Difference, Got, priced_honestly, report, same_failures
from tests.schema.oracle.expected import Failure
from tests.schema.oracle.facts import Facts
from tests.schema.oracle.pages import CursorToken
from tests.schema.oracle.reading import Reading
from tests.schema.oracle.refusals import Inspector
from tests.schema.oracle.selected import Selected

SECRET = b"0123456789abcdef"
OVER_LIMITS = "over limits"


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
    answered: Got | None = None  # what the compiled path said last that was right and no refusal
    _rounded: set[tuple[str | int, ...]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.schema = graft(self.registry, static_schema()).core
        self.plans = PlanCache(self.schema)
        self.statements = Runner(self.connections)

    def check(self, source: str, variables: Mapping[str, Any] | None = None, caller: Caller = LIVE) -> str:
        """How the operation ended: "answered", "refused" or OVER_LIMITS. Raises Difference."""
        given = dict(variables or {})
        got = self.compiled(source, given, caller)
        if _is_too_large(got.refusal):
            return OVER_LIMITS
        # Validation takes as long as all the rest; what was answered is validated again one time in four.
        is_validated = got.refusal is not None or zlib.crc32(source.encode()) % 4 == 0
        wanted = self._wanted(source, given, caller, is_validated=is_validated)
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
            same_failures(got, wanted)
            priced_honestly(got)
        except Difference as difference:
            raise Difference(report(str(difference), source, given, got, wanted)) from None
        self.tokens |= learned
        self.texts |= {token: text for text, token in learned.items()}
        self.answered = got
        return "answered"

    # The two answers -------------------------------------------------------------------------------------------

    def compiled(self, source: str, variables: Mapping[str, Any], caller: Caller = LIVE) -> Got:
        """As the endpoint answers; anything but a GsbError passes through and fails the test."""
        got = Got()
        try:
            self._compile(source, variables, caller, got)
        except GsbError as refusal:
            got.refusal = refusal
        return got

    def _compile(self, source: str, variables: Mapping[str, Any], caller: Caller, got: Got) -> None:
        family = self.plans.family(source, None)
        coerced = family.variables(variables)
        got.plan, _ = family.plan(self.registry, coerced)
        check_access(got.plan, self.registry, caller)
        got.price = price(got.plan, coerced, self.registry)
        cursors = read_cursors(got.plan, coerced, SECRET)
        prepared = prepare(got.plan, self.registry, coerced, cursors)
        if prepared.statement is not None:
            got.sql = prepared.statement.text
            bound = Bound(coerced, cursors, prepared.releases, prepared.versions, SECRET)
            args = arguments(prepared.statement, bound)
        if prepared.statement is not None and not got.plan.is_free:
            got.records = self.runner.run(self.statements.run(prepared.statement, args, sum(got.price.records)))
        static: Mapping[str, Any] = {}
        if got.plan.static is not None:
            told = price(got.plan, coerced, self.registry, is_dry_run=True) if got.plan.is_dry_run else got.price
            context = StaticContext(
                *(caller, self.registry, OneAccount(), told.points, sum(told.records)),
                statements=int(prepared.statement is not None),
            )
            static, failures = self.runner.run(run_static(self.schema, got.plan, variables, context))
            assert not failures
        body = json.loads(data_answer(got.plan, got.records.roots, static, [], b"{}"))
        got.data = body["data"]
        got.failures = {Failure(tuple(map(str, one.path)), one.error.code) for one in prepared.errors}

    def _wanted(
        self, source: str, variables: Mapping[str, Any], caller: Caller, *, is_validated: bool
    ) -> expected.Answer | set[str]:
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
        selected = Selected(self.schema, document, operation, coerced)
        inspector = Inspector(selected, self.registry, self.facts, self.tokens, caller)
        inspector.inspect()
        if inspector.bill.refusals:
            return inspector.bill.refusals
        reading = Reading(
            *(self.facts, self.registry, self.tokens, inspector.versions, caller, OneAccount()),
            *inspector.cost,
            statements=int(inspector.has_statement),
            is_dry_run=inspector.is_dry_run,
        )
        return self.runner.run(expected.answer(self.schema, document, variables, reading))

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
