"""From an admitted request to its answer: plan → access → price and reserve → one SQL → settle, and a fact of it."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import (
    InvalidRequest,
    NotFound,
    NotPermitted,
    QueryTooCostly,
    RateLimited,
    Unavailable,
    Withheld,
)
from publicgsb.quotas.allowance import looks, new_free_documents
from publicgsb.quotas.prices import POINTS_PER_NEW_OPERATION, POINTS_PER_REQUEST
from publicgsb.quotas.units import Taken
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.explain import explain
from publicgsb.schema.planning.price import price, used
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.planning.weigh import weight
from publicgsb.schema.serving import conditional
from publicgsb.schema.serving.answer import Answer, cost_header, data_answer, extensions, lasting_extensions
from publicgsb.schema.serving.ask import Ask, parse_ask
from publicgsb.schema.serving.ask_url import read_url
from publicgsb.schema.serving.cap import check_size
from publicgsb.schema.serving.execute import Runner, run_static
from publicgsb.schema.serving.identity import entity_tag
from publicgsb.schema.serving.kept import Records
from publicgsb.schema.serving.method import refuse_other_kinds
from publicgsb.schema.serving.once import OnceAccount
from publicgsb.schema.serving.operations import register
from publicgsb.schema.serving.parts import Parts
from publicgsb.schema.serving.planned import Planned, Planning
from publicgsb.schema.serving.request import Request
from publicgsb.schema.serving.seen import Seen, SeenBodies
from publicgsb.schema.serving.taken_away import is_taken_away
from publicgsb.schema.types.static import StaticContext

REFUSED_OPERATION = "refused"  # where an answered request has the hash of its operation


class Answering:
    """One per worker. Whatever is refused is raised."""

    def __init__(self, parts: Parts, seen: SeenBodies, runner: Runner) -> None:
        self._parts = parts
        self._seen = seen
        self._runner = runner
        self.planning = Planning(parts.worlds, parts.cursor_secret, parts.response_bytes_max)
        self._new_free_documents = new_free_documents()
        self._looks = looks()

    async def answer(
        self, request: Request, caller: Caller, body: bytes, query_string: bytes, seen: Seen | None
    ) -> Answer:
        """`seen` is what is known of these bytes. Raises GsbError, having charged for what was looked at."""
        ask = seen.ask if seen else read_url(query_string) if request.is_reading else parse_ask(body)
        request.ask = ask
        try:
            if seen:
                planned = seen.planned
                check_access(planned.plan, planned.world.registry, caller)
            else:
                if ask.sha256 is not None:
                    ask = await self._parts.documents.resolve(caller.application_id, ask)
                planned = await self._plan(request, caller, ask)
        except (InvalidRequest, NotFound, NotPermitted, QueryTooCostly, Withheld):
            await self._charge_refusal(request, caller)
            raise
        if body and not seen and request.datasets is None:
            self._seen.keep(body, ask, planned)
        if request.is_reading and (named := planned.identity) is not None:
            return await self._lasting(request, caller, ask, planned, entity_tag(named, self._parts.tag_secret))
        return await self._charge_and_run(request, caller, ask, planned)

    async def _plan(self, request: Request, caller: Caller, ask: Ask) -> Planned:
        try:
            planned = await self.planning.plan(caller, ask, request.datasets)
        except RefusedDocument:
            if request.is_reading:
                refuse_other_kinds(ask.query, ask.operation_name)
            raise
        if request.is_reading and not planned.family.is_query:
            refuse_other_kinds(ask.query, ask.operation_name)
        return planned

    async def _charge_refusal(self, request: Request, caller: Caller) -> None:
        """A refused document costs a point and leaves a fact, so that facts and ledger have one sum."""
        if caller.kind is KeyKind.AGENCY:
            return
        (await self._take(caller, POINTS_PER_REQUEST)).settle(POINTS_PER_REQUEST)
        self._parts.facts.record_answer(
            caller.account[1],
            caller.key_id,
            REFUSED_OPERATION,
            (),
            points=POINTS_PER_REQUEST,
            bytes=0,
            errors=1,
            ms=request.ms,
        )

    async def _take(self, caller: Caller, points: int, touched: tuple[tuple[int, int], ...] = ()) -> Taken:
        purses = self._parts.purses
        account, plan, key_id = caller.account, caller.plan, caller.key_id
        taken = purses.try_take(account, plan, points, touched, key_id=key_id)
        return taken or await purses.take(account, plan, points, touched, key_id=key_id)

    async def _lasting(self, request: Request, caller: Caller, ask: Ask, planned: Planned, entity: bytes) -> Answer:
        """An answer with a name: whoever keeps it pays a point to hear that it still stands, and no table is asked."""
        tag = conditional.kept_tag(request.wishes, entity)
        if tag is None:
            return (await self._charge_and_run(request, caller, ask, planned))._replace(entity=entity)
        (await self._take(caller, POINTS_PER_REQUEST)).settle(POINTS_PER_REQUEST)
        self._record(request, caller, planned, POINTS_PER_REQUEST, 0, 0)
        remaining = self._parts.purses.remaining(caller.account, caller.plan)
        cost = cost_header(POINTS_PER_REQUEST, POINTS_PER_REQUEST, remaining)
        return Answer(304, b"", ((b"etag", tag), conditional.KEPT, cost, *planned.prepared.notice))

    async def _charge_and_run(self, request: Request, caller: Caller, ask: Ask, planned: Planned) -> Answer:
        plan, family, parts = planned.plan, planned.family, self._parts
        is_unkept = parts.documents.is_new(caller.application_id, ask) and family.is_query
        if plan.is_free:
            return await self._run_free(request, caller, ask, planned, is_unkept)
        is_first = planned.is_new_plan or not family.is_registered
        surcharge = POINTS_PER_NEW_OPERATION if not family.is_registered else 0
        points = planned.price.points + surcharge
        taken = await self._take(caller, points, planned.prepared.touched)
        spending = parts.purses.spending(caller.account, caller.key_id)
        if plan.missed:
            datasets = planned.world.registry.datasets
            missed = [(datasets[dataset].id, column) for dataset, column in plan.missed]
            parts.demand.note(caller.organisation_id, missed)
        try:
            if is_first:
                was_known = family.is_registered
                is_novel = await register(parts.control, planned.world.registry, family, plan)
                surcharge = surcharge if is_novel and not was_known else 0
            if is_unkept:
                await parts.documents.keep(caller.application_id, ask)
            records = Records({}, {})
            if planned.prepared.statement is not None:
                reserved = weight(planned.price)
                try:
                    records = await self._runner.run(
                        planned.prepared.statement, planned.arguments, reserved, spending.add
                    )
                except Exception as failure:
                    if is_taken_away(failure, planned.prepared, parts.worlds.current.registry):
                        raise Unavailable(
                            "What this asks for was taken away while it was read.",
                            reason="recalled",
                            hint="Ask again: the answer says what became of it.",
                        ) from None
                    raise
            actual = used(plan, planned.price, records.counts) + surcharge
            if plan.static is not None:
                taken.trim(actual)  # what is told of the account is what it has left after this
            static, errors = await self._static(caller, ask, planned)
            taken.settle(actual)
        except BaseException as failure:
            taken.refund()
            broken = 0 if isinstance(failure, asyncio.CancelledError) else 1
            self._record(request, caller, planned, 0, 0, broken, spending.us)
            raise
        try:
            check_size(records, parts.response_bytes_max, actual)
        except QueryTooCostly:
            self._record(request, caller, planned, actual, 0, 1, spending.us)
            raise
        answer = self._answered(request, caller, planned, records, static, errors, points, actual)
        self._record(request, caller, planned, actual, len(answer.body), 0, spending.us)
        return answer

    async def _run_free(self, request: Request, caller: Caller, ask: Ask, planned: Planned, is_unkept: bool) -> Answer:
        """Nothing is charged and no record is read; only keeping a document for later takes a point."""
        points = 0
        if planned.is_new_plan:
            self._new_free_documents.spend(caller.application_id)
        if is_unkept:
            points = POINTS_PER_REQUEST
            (await self._take(caller, points)).settle(points)
            await self._parts.documents.keep(caller.application_id, ask)
            self._record(request, caller, planned, points, 0, 0)
        look = partial(self._looks.spend, caller.application_id)  # one that is paid for is bounded by its points
        static, errors = await self._static(caller, ask, planned, look)
        for error in errors:
            if isinstance(error.error, RateLimited):
                raise error.error
        return self._answered(request, caller, planned, Records({}, {}), static, errors, points, points)

    async def _static(
        self, caller: Caller, ask: Ask, planned: Planned, look: Callable[[], None] | None = None
    ) -> tuple[Any, list[Any]]:
        """`look` is asked before the caller's account is, and may refuse it."""
        if planned.plan.static is None:
            return {}, []
        plan = planned.plan
        if plan.introspection is not None:
            with self._parts.admission.outside():  # it takes as long as it takes, in a thread
                text = await planned.world.texts.introspection(plan.introspection)
            return {"__schema": text}, []
        registry = planned.world.registry
        cost = price(plan, planned.variables, registry, is_dry_run=True) if plan.is_dry_run else planned.price
        context = StaticContext(
            *(caller, registry, OnceAccount(self._parts.account, look), cost.points, sum(cost.records)),
            levels=lambda: explain(plan, registry, cost),
            statements=int(planned.prepared.statement is not None),
        )
        return await run_static(planned.world.grafted.core, plan, ask.variables, context)

    def _answered(
        self,
        request: Request,
        caller: Caller,
        planned: Planned,
        records: Records,
        static: Any,
        errors: list[Any],
        requested: int,
        actual: int,
    ) -> Answer:
        """By POST what it cost stands in the body; by GET in a header, so that the same answer is the same bytes."""
        prepared = planned.prepared
        listed = [error.error.as_graphql(request.id, error.path) for error in (*prepared.errors, *errors)]
        remaining = self._parts.purses.remaining(caller.account, caller.plan)
        status = self._parts.profile.answered(bool(listed))
        if request.is_reading:
            more = lasting_extensions(prepared.receipt, prepared.terms)
            body = data_answer(planned.plan, records.roots, static, listed, more)
            return Answer(status, body, (cost_header(requested, actual, remaining), *prepared.notice))
        more = extensions(requested, actual, remaining, prepared.receipt, prepared.terms, request.id)
        return Answer(status, data_answer(planned.plan, records.roots, static, listed, more), prepared.notice)

    def _record(
        self,
        request: Request,
        caller: Caller,
        planned: Planned,
        points: int,
        size: int,
        errors: int,
        database_us: int = 0,
    ) -> None:
        self._parts.facts.record_answer(
            caller.account[1],
            caller.key_id,
            planned.family.hash,
            planned.prepared.touched,
            points=points,
            bytes=size,
            errors=errors,
            ms=request.ms,
            database_us=database_us,
        )
