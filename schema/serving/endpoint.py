"""/graphql: key → plan → access → price and reserve → one SQL → bytes out → settle.

A bare ASGI instance on a Starlette Route: a function endpoint would make a Request and a Response each time. Each stage
may refuse; a refused request has touched no table.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from publicgsb.apikeys import credential
from publicgsb.apikeys.restrictions import refuse_elsewhere
from publicgsb.apikeys.verifying import looks_like_token
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import (
    GsbError,
    Internal,
    InvalidRequest,
    NotFound,
    NotPermitted,
    QueryTooCostly,
    TimedOut,
    Withheld,
)
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.ids import RequestIds
from publicgsb.quotas.prices import POINTS_PER_NEW_OPERATION, POINTS_PER_REQUEST
from publicgsb.quotas.units import Taken
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.explain import explain
from publicgsb.schema.planning.price import price, used
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.planning.weigh import weight
from publicgsb.schema.serving import conditional, cross_origin
from publicgsb.schema.serving.again import Again
from publicgsb.schema.serving.allowance import NEW_FREE_DOCUMENTS_MAX, Allowance
from publicgsb.schema.serving.answer import (
    Answer,
    cost_header,
    data_answer,
    extensions,
    lasting_extensions,
    refusal,
)
from publicgsb.schema.serving.ask import Ask, named_datasets, parse_ask, read_body
from publicgsb.schema.serving.ask_url import read_url
from publicgsb.schema.serving.cap import check_size
from publicgsb.schema.serving.deadlines import Deadlines
from publicgsb.schema.serving.encoding import compressed
from publicgsb.schema.serving.execute import Runner, run_static
from publicgsb.schema.serving.identity import entity_tag
from publicgsb.schema.serving.kept import Records
from publicgsb.schema.serving.method import is_reading, refuse_other_kinds
from publicgsb.schema.serving.negotiation import NO_WISHES, Wishes, read_wishes
from publicgsb.schema.serving.once import OnceAccount
from publicgsb.schema.serving.operations import register
from publicgsb.schema.serving.overload import Refusals
from publicgsb.schema.serving.parts import Parts
from publicgsb.schema.serving.planned import Planned, Planning
from publicgsb.schema.serving.seen import Seen, SeenBodies
from publicgsb.schema.serving.sending import Send, send_body
from publicgsb.schema.serving.signature import Signatures
from publicgsb.schema.serving.slices import Names
from publicgsb.schema.types.static import StaticContext

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

REFUSED_OPERATION = "refused"  # where an answered request has the hash of its operation

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Request:
    """What is known of one request so far; the answer and the log line are made from it."""

    id: str
    began: float
    wishes: Wishes = NO_WISHES
    is_reading: bool = False  # a GET or HEAD
    is_head: bool = False
    caller: Caller | None = None
    datasets: Names | None = None  # the slice that the caller wants to see
    ask: Ask | None = None
    is_shared: bool = False  # whether a page of another site may read the answer

    @property
    def ms(self) -> int:
        return round((time.perf_counter() - self.began) * 1000)


class GraphQLEndpoint:
    """The data endpoint; one instance per worker."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._planning = Planning(parts.worlds, parts.cursor_secret, parts.response_bytes_max)
        self._ids = RequestIds()
        self._deadlines = Deadlines(parts.request_seconds)
        self._seen = SeenBodies()
        self._refusals = Refusals(parts.profile)
        self._new_free_documents = Allowance("new free documents", NEW_FREE_DOCUMENTS_MAX)
        self.runner = Runner(parts.reader, parts.kept_bytes_max)
        self._again = Again(parts, self._seen, self.runner.kept, self._ids)
        self._signatures = Signatures(parts.signing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _Request(id=self._ids.next(), began=time.perf_counter())
        if scope["method"] == "OPTIONS" and cross_origin.is_preflight(scope["headers"]):
            await cross_origin.answer_preflight(send, request.id)
            return
        task = self._deadlines.enter()
        try:
            self._parts.admission.check(request.began)
            answer = await self._answer(request, scope, receive)
        except GsbError as error:
            request.is_shared = request.is_shared or cross_origin.may_read(scope["headers"])
            answer = self._refusal(request, error)
        except asyncio.CancelledError:
            if not self._deadlines.leave(task):
                raise
            answer = self._refusal(request, TimedOut("The request ran out of time.", reason="request"))
        except Exception:
            log.exception("request failed", extra={"request_id": request.id})
            answer = self._refusal(request, Internal("Something broke on our side."))
        finally:
            self._deadlines.leave(task)
        await self._send(request, answer, send)

    @property
    def is_full(self) -> bool:
        """Whether a request that comes now is refused, whatever it asks."""
        return self._parts.admission.full(time.perf_counter()) is not None

    def again(self, data: bytes, more: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        """The whole answer to a POST that was asked before, for a server that asks before it makes a request."""
        return self._again.whole(data, more)

    def refuse(self, data: bytes, more: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        """The whole answer to a POST that comes while it is full. None: not a whole plain request, so the usual way."""
        media = self._refusals.media(data)
        if media is None:
            return None
        admission = self._parts.admission
        number = admission.refuse(admission.full(time.perf_counter()) or "wait")
        self._parts.metrics(503, 0.0)
        return self._refusals.answer(number, media, self._ids.next(), more)

    def _refusal(self, request: _Request, error: GsbError) -> Answer:
        return refusal(error, request.id, request.wishes.media, self._parts.profile)

    async def _send(self, request: _Request, answer: Answer, send: Send) -> None:
        parts, body = self._parts, answer.body
        media = parts.profile.media(answer.status, request.wishes.media)
        headers = [(b"x-request-id", request.id.encode()), *answer.headers]
        if request.wishes.wants_signature and request.ask is not None and answer.status != 304:
            headers += await self._signatures.headers(request.ask, request.id, body)
        is_compressed = 0 < parts.gzip_bytes_min <= len(body) and request.wishes.takes_gzip
        if is_compressed:
            body = await compressed(body)
            headers.append((b"content-encoding", b"gzip"))
        if answer.status != 304:
            headers += [(b"content-type", media + b"; charset=utf-8"), (b"content-length", b"%d" % len(body))]
            if answer.entity is not None:
                headers += [(b"etag", conditional.tag_of(answer.entity, media, is_compressed)), conditional.KEPT]
            elif request.is_reading:
                headers.append(conditional.NOT_KEPT)
        if request.is_reading:
            headers.append(conditional.VARY)
        if request.is_shared:
            headers += cross_origin.SHARED
        caller = request.caller
        if caller is not None and caller.kind is not KeyKind.AGENCY:
            headers += parts.purses.headers(caller.account, caller.plan)
            headers += caller.notice
        parts.metrics(answer.status, time.perf_counter() - request.began)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send_body(send, b"" if request.is_head else body)

    async def _answer(self, request: _Request, scope: Scope, receive: Receive) -> Answer:
        headers, query_string = by_name(scope["headers"]), scope.get("query_string", b"")
        request.wishes = read_wishes(headers)
        request.is_reading = is_reading(scope["method"])
        request.is_head = scope["method"] == "HEAD"
        token = credential.read(headers, query_string)
        if b"origin" in headers:
            request.is_shared = looks_like_token(token)
        keys = self._parts.keys
        caller = keys.cached(token) or await keys.authenticate(token)
        if caller.networks is not None:
            refuse_elsewhere(caller, scope, self._parts.trusted_proxies)
        request.caller = caller
        request.datasets = named_datasets(headers)
        body = b"" if request.is_reading else await read_body(headers, receive)
        seen = self._seen.get(body, self._parts.worlds.current) if body and request.datasets is None else None
        if seen is not None:
            request.ask = seen.ask
        if seen is not None and (again := self._again.answer(caller, seen, request.id, request.ms)) is not None:
            return Answer(200, again)
        admission = self._parts.admission  # from here on: a caller that is slow to send takes nobody's place
        if (turn := admission.enter(time.perf_counter())) is not None:
            await admission.wait(turn)
        try:
            return await self._admitted(request, caller, body, query_string, seen)
        finally:
            admission.leave()

    async def _admitted(
        self, request: _Request, caller: Caller, body: bytes, query_string: bytes, seen: Seen | None
    ) -> Answer:
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

    async def _plan(self, request: _Request, caller: Caller, ask: Ask) -> Planned:
        try:
            planned = await self._planning.plan(caller, ask, request.datasets)
        except RefusedDocument:
            if request.is_reading:
                refuse_other_kinds(ask.query, ask.operation_name)
            raise
        if request.is_reading and not planned.family.is_query:
            refuse_other_kinds(ask.query, ask.operation_name)
        return planned

    async def _charge_refusal(self, request: _Request, caller: Caller) -> None:
        """A refused document costs a point and leaves a fact, so that facts and ledger have one sum."""
        if caller.kind is KeyKind.AGENCY:
            return
        (await self._take(caller, POINTS_PER_REQUEST)).settle(POINTS_PER_REQUEST)
        self._parts.facts.record_answer(
            caller.application_id,
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
        return purses.try_take(caller.account, caller.plan, points, touched) or await purses.take(
            caller.account, caller.plan, points, touched
        )

    # Running -----------------------------------------------------------------------------------------------

    async def _lasting(self, request: _Request, caller: Caller, ask: Ask, planned: Planned, entity: bytes) -> Answer:
        """An answer with a name: whoever keeps it pays a point to hear that it still stands, and no table is asked."""
        tag = conditional.kept_tag(request.wishes, entity)
        if tag is None:
            return (await self._charge_and_run(request, caller, ask, planned))._replace(entity=entity)
        (await self._take(caller, POINTS_PER_REQUEST)).settle(POINTS_PER_REQUEST)
        self._record(request, caller, planned, POINTS_PER_REQUEST, 0, 0)
        remaining = self._parts.purses.remaining(caller.account, caller.plan)
        cost = cost_header(POINTS_PER_REQUEST, POINTS_PER_REQUEST, remaining)
        return Answer(304, b"", ((b"etag", tag), conditional.KEPT, cost))

    async def _charge_and_run(self, request: _Request, caller: Caller, ask: Ask, planned: Planned) -> Answer:
        plan, family, parts = planned.plan, planned.family, self._parts
        is_unkept = parts.documents.is_new(caller.application_id, ask) and family.is_query
        if plan.is_free:
            return await self._run_free(request, caller, ask, planned, is_unkept)
        is_first = planned.is_new_plan or not family.is_registered
        surcharge = POINTS_PER_NEW_OPERATION if not family.is_registered else 0
        points = planned.price.points + surcharge
        taken = await self._take(caller, points, planned.prepared.touched)
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
                records = await self.runner.run(planned.prepared.statement, planned.arguments, reserved)
            static, errors = await self._static(caller, ask, planned)
            actual = used(plan, planned.price, records.counts) + surcharge
            taken.settle(actual)
        except BaseException as failure:
            taken.refund()
            self._record(request, caller, planned, 0, 0, 0 if isinstance(failure, asyncio.CancelledError) else 1)
            raise
        try:
            check_size(records, parts.response_bytes_max, actual)
        except QueryTooCostly:
            self._record(request, caller, planned, actual, 0, 1)
            raise
        answer = self._answered(request, caller, planned, records, static, errors, points, actual)
        self._record(request, caller, planned, actual, len(answer.body), 0)
        return answer

    async def _run_free(self, request: _Request, caller: Caller, ask: Ask, planned: Planned, is_unkept: bool) -> Answer:
        """Nothing is charged and no record is read; only keeping a document for later takes a point."""
        points = 0
        if planned.is_new_plan:
            self._new_free_documents.spend(caller.application_id)
        if is_unkept:
            points = POINTS_PER_REQUEST
            (await self._take(caller, points)).settle(points)
            await self._parts.documents.keep(caller.application_id, ask)
            self._record(request, caller, planned, points, 0, 0)
        static, errors = await self._static(caller, ask, planned)
        return self._answered(request, caller, planned, Records({}, {}), static, errors, points, points)

    async def _static(self, caller: Caller, ask: Ask, planned: Planned) -> tuple[Any, list[Any]]:
        if planned.plan.static is None:
            return {}, []
        plan = planned.plan
        if plan.introspection is not None:
            with self._parts.admission.outside():  # it takes as long as it takes, in a thread
                text = await planned.world.texts.introspection(plan.introspection)
            return {"__schema": text}, []
        cost = price(plan, planned.variables, is_dry_run=True) if plan.is_dry_run else planned.price
        registry = planned.world.registry
        context = StaticContext(
            *(caller, registry, OnceAccount(self._parts.account), cost.points, sum(cost.records)),
            levels=lambda: explain(plan, registry, cost),
            statements=int(planned.prepared.statement is not None),
        )
        return await run_static(planned.world.grafted.core, plan, ask.variables, context)

    def _answered(
        self,
        request: _Request,
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
            more = lasting_extensions(prepared.receipt)
            body = data_answer(planned.plan, records.roots, static, listed, more)
            return Answer(status, body, (cost_header(requested, actual, remaining),))
        more = extensions(requested, actual, remaining, prepared.receipt, request.id)
        return Answer(status, data_answer(planned.plan, records.roots, static, listed, more))

    def _record(self, request: _Request, caller: Caller, planned: Planned, points: int, size: int, errors: int) -> None:
        self._parts.facts.record_answer(
            caller.application_id,
            caller.key_id,
            planned.family.hash,
            planned.prepared.touched,
            points=points,
            bytes=size,
            errors=errors,
            ms=request.ms,
        )
