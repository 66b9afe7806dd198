"""/graphql: key → plan → access → price and reserve → one SQL → bytes out → settle.

A bare ASGI instance on a Starlette Route: a function endpoint would make a Request and a Response each time. Each stage
may refuse; a refused request has touched no table.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
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
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.serving import conditional, cross_origin
from publicgsb.schema.serving.again import Again
from publicgsb.schema.serving.answer import (
    Answer,
    refusal,
)
from publicgsb.schema.serving.ask import Ask, named_datasets, parse_ask, read_body
from publicgsb.schema.serving.ask_url import read_url
from publicgsb.schema.serving.charged import Charged
from publicgsb.schema.serving.deadlines import Deadlines
from publicgsb.schema.serving.encoding import compressed
from publicgsb.schema.serving.execute import Runner
from publicgsb.schema.serving.identity import entity_tag
from publicgsb.schema.serving.method import is_reading, refuse_other_kinds
from publicgsb.schema.serving.negotiation import read_wishes
from publicgsb.schema.serving.overload import Refusals
from publicgsb.schema.serving.parts import Parts
from publicgsb.schema.serving.planned import Planned, Planning
from publicgsb.schema.serving.request import Request
from publicgsb.schema.serving.seen import Seen, SeenBodies
from publicgsb.schema.serving.sending import Send, send_body
from publicgsb.schema.serving.signature import Signatures

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

log = logging.getLogger(__name__)


class GraphQLEndpoint:
    """The data endpoint; one instance per worker."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._planning = Planning(parts.worlds, parts.cursor_secret, parts.response_bytes_max)
        self._ids = RequestIds()
        self._deadlines = Deadlines(parts.request_seconds)
        self._seen = SeenBodies()
        self._refusals = Refusals(parts.profile)
        self.runner = Runner(parts.reader, parts.kept_bytes_max)
        self._charged = Charged(parts, self.runner)
        self._again = Again(parts, self._seen, self.runner.kept, self._ids)
        self._signatures = Signatures(parts.signing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(id=self._ids.next(), began=time.perf_counter())
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

    def _refusal(self, request: Request, error: GsbError) -> Answer:
        return refusal(error, request.id, request.wishes.media, self._parts.profile)

    async def _send(self, request: Request, answer: Answer, send: Send) -> None:
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

    async def _answer(self, request: Request, scope: Scope, receive: Receive) -> Answer:
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
        self, request: Request, caller: Caller, body: bytes, query_string: bytes, seen: Seen | None
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
            await self._charged.refused(request, caller)
            raise
        if body and not seen and request.datasets is None:
            self._seen.keep(body, ask, planned)
        if request.is_reading and (named := planned.identity) is not None:
            return await self._charged.lasting(request, caller, ask, planned, entity_tag(named, self._parts.tag_secret))
        return await self._charged.answer(request, caller, ask, planned)

    async def _plan(self, request: Request, caller: Caller, ask: Ask) -> Planned:
        try:
            planned = await self._planning.plan(caller, ask, request.datasets)
        except RefusedDocument:
            if request.is_reading:
                refuse_other_kinds(ask.query, ask.operation_name)
            raise
        if request.is_reading and not planned.family.is_query:
            refuse_other_kinds(ask.query, ask.operation_name)
        return planned
