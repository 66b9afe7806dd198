"""/graphql: key → plan → access → price and reserve → one SQL → bytes out → settle.

A bare ASGI instance on a Starlette Route: a function endpoint would make a Request and a Response each time. Each stage
may refuse; a refused request has touched no table.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping, Sequence
from typing import Any, TypeAlias

from publicgsb.apikeys import credential
from publicgsb.apikeys.restrictions import refuse_elsewhere
from publicgsb.apikeys.verifying import looks_like_token
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import GsbError, Internal, TimedOut
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.ids import RequestIds
from publicgsb.platform.kernel.plain_request import HEAD_END
from publicgsb.schema.serving import conditional, cross_origin
from publicgsb.schema.serving.again import Again
from publicgsb.schema.serving.answer import Answer, refusal
from publicgsb.schema.serving.answering import Answering
from publicgsb.schema.serving.ask import named_datasets, read_body
from publicgsb.schema.serving.deadlines import Deadlines
from publicgsb.schema.serving.encoding import compressed
from publicgsb.schema.serving.execute import Runner
from publicgsb.schema.serving.known import Head, KnownHeads
from publicgsb.schema.serving.method import is_reading
from publicgsb.schema.serving.negotiation import read_wishes
from publicgsb.schema.serving.overload import Refusals
from publicgsb.schema.serving.parts import Parts
from publicgsb.schema.serving.request import Request
from publicgsb.schema.serving.seen import SeenBodies
from publicgsb.schema.serving.sending import Send, send_body
from publicgsb.schema.serving.signature import Signatures

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

_NOTICE = frozenset({b"deprecation", b"sunset", b"link"})  # of which an answer has one set

log = logging.getLogger(__name__)


class GraphQLEndpoint:
    """The data endpoint; one instance per worker."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.demand = parts.demand
        self._ids = RequestIds()
        self._deadlines = Deadlines(parts.request_seconds)
        self._seen = SeenBodies()
        self._refusals = Refusals(parts.profile)
        self.runner = Runner(parts.reader, parts.kept_bytes_max)
        self._answering = Answering(parts, self._seen, self.runner)
        self._heads = KnownHeads(parts.keys)
        self._again = Again(parts, self._seen, self.runner.kept, self._ids, self._heads)
        self._signatures = Signatures(parts.signing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(id=self._ids.next(), began=time.perf_counter())
        if scope["method"] == "OPTIONS" and cross_origin.is_preflight(scope["headers"]):
            await cross_origin.answer_preflight(send, request.id)
            return
        answer = await self._in_time(request, self._answer(request, scope, receive))
        if answer.status >= 400 and not request.is_shared:
            request.is_shared = cross_origin.may_read(scope["headers"])
        answer = await self._complete(request, answer)
        await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
        await send_body(send, b"" if request.is_head else answer.body)

    def full(self) -> str | None:
        """Why a request that comes now is refused, whatever it asks; None when there is room."""
        return self._parts.admission.full(time.perf_counter())

    def again(self, data: bytes) -> Answer | None:
        """The answer to a plain POST that was asked before, for a server that asks before it makes a request."""
        return self._again.whole(data)

    def ask(self, data: bytes) -> Coroutine[Any, Any, Answer] | None:
        """The answer to a plain POST whose head was read before, for such a server. None: the usual way."""
        head, end, body = data.partition(HEAD_END)
        if not end:  # more of the head may come, even where it reads like a whole one that has no body
            return None
        known = self._heads.find(head, data)
        return self._ask(known, body) if known is not None and known.body_bytes == len(body) else None

    def refuse(self, data: bytes, reason: str, more: Sequence[tuple[bytes, bytes]]) -> bytes | None:
        """The whole answer to a POST that comes while it is full. None: not a whole plain request, so the usual way."""
        media = self._refusals.media(data)
        if media is None:
            return None
        number = self._parts.admission.refuse(reason)
        self._parts.metrics(503, 0.0)
        return self._refusals.answer(number, media, self._ids.next(), more)

    async def _ask(self, head: Head, body: bytes) -> Answer:
        caller = head.record.caller
        request = Request(id=self._ids.next(), began=time.perf_counter(), wishes=head.wishes, caller=caller)
        answer = await self._in_time(request, self._answer_body(request, caller, body, b""))
        return await self._complete(request, answer)

    async def _in_time(self, request: Request, answering: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer, or what is said instead of it; nothing is raised but the end of the task."""
        task = self._deadlines.enter()
        try:
            return await answering
        except GsbError as error:
            return self._refusal(request, error)
        except asyncio.CancelledError:
            if not self._deadlines.leave(task):
                raise
            return self._refusal(
                request,
                TimedOut(
                    "The request ran out of time.",
                    reason="request",
                    hint="Ask again after Retry-After; if it goes on, ask for fewer records, counts or groups.",
                ),
            )
        except Exception:
            log.exception("request failed", extra={"request_id": request.id})
            return self._refusal(request, Internal("Something broke on our side."))
        finally:
            self._deadlines.leave(task)

    def _refusal(self, request: Request, error: GsbError) -> Answer:
        return refusal(error, request.id, request.wishes.media, self._parts.profile)

    async def _complete(self, request: Request, answer: Answer) -> Answer:
        """With all headers, signed and compressed as the caller wishes."""
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
            headers += parts.purses.headers(caller.account, caller.plan, caller.key_id)
            if caller.notice:  # the key's own end is nearer than that of a dataset
                headers = [header for header in headers if header[0] not in _NOTICE]
                headers += caller.notice
        parts.metrics(answer.status, time.perf_counter() - request.began)
        return Answer(answer.status, body, tuple(headers))

    async def _answer(self, request: Request, scope: Scope, receive: Receive) -> Answer:
        self._parts.admission.check(request.began)
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
        return await self._answer_body(request, caller, body, query_string)

    async def _answer_body(self, request: Request, caller: Caller, body: bytes, query_string: bytes) -> Answer:
        seen = self._seen.get(body, self._parts.worlds.current) if body and request.datasets is None else None
        if seen is not None:
            request.ask = seen.ask
        if seen is not None and (again := self._again.answer(caller, seen, request.id, request.ms)) is not None:
            return Answer(200, again, seen.planned.prepared.notice)
        admission = self._parts.admission  # from here on: a caller that is slow to send takes nobody's place
        if (turn := admission.enter(time.perf_counter())) is not None:
            await admission.wait(turn)
        try:
            return await self._answering.answer(request, caller, body, query_string, seen)
        finally:
            admission.leave()
