"""uvicorn's HTTP protocol, which asks the data endpoint first: a plain request needs no parser, scope and middleware.

Three things are tried on a whole plain POST between two others. A full worker refuses it at once: it refuses more
requests than it answers, so that what a refusal costs decides how many it still answers. What was asked before and is
kept is answered at once (schema/serving/again.py). And when its head was read before (schema/serving/known.py) it is
answered in a task of its own, from its body alone. Anything else goes the usual way, and comes to the same.
"""

import logging
from collections.abc import Coroutine, MutableMapping
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from publicgsb.schema.serving.answer import Answer
from publicgsb.schema.serving.endpoint import GraphQLEndpoint
from publicgsb.schema.serving.sending import PIECE_BYTES, send_body

_POST = b"POST /graphql HTTP/1.1\r\n"

log = logging.getLogger(__name__)


class Front(HttpToolsProtocol):
    """One per connection."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._endpoint: GraphQLEndpoint | None = getattr(self.app, "endpoint", None)
        self._is_asking = False  # a request of this connection is being answered in a task of ours
        self._held = b""  # what came meanwhile
        self._is_ending = False  # the connection ends with the answer
        self._idle_since = 0.0

    def data_received(self, data: bytes) -> None:
        if self._is_asking:
            self._hold(data)
        elif not data.startswith(_POST) or not self._is_between() or not self._begin(data):
            super().data_received(data)

    def _begin(self, data: bytes) -> bool:
        """Whether the request is in our hands."""
        endpoint = self._endpoint
        if endpoint is None:
            return False
        if (reason := endpoint.full()) is not None:
            refusal = endpoint.refuse(data, reason, self.server_state.default_headers)
            if refusal is None:
                return False
            self.transport.write(refusal)
            self._end()
            return True
        answer = endpoint.again(data)
        if answer is not None:
            self.transport.write(self._head(answer) + answer.body)
            self._end()
            return True
        answering = endpoint.ask(data)
        if answering is None:
            return False
        self._is_asking = True
        task = self.loop.create_task(self._answer(answering))
        self.tasks.add(task)  # a server that stops waits for them
        task.add_done_callback(self.tasks.discard)
        return True

    def _end(self) -> None:
        """Of a request of ours. The timer of an idle connection goes on: to set it anew costs (decision 15)."""
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None or self.transport.is_closing():
            self.on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.flow.resume_reading()

    def timeout_keep_alive_handler(self) -> None:
        """The timer is over; the connection may not have been idle for so long."""
        idle_seconds = 0.0 if self._is_asking else self.loop.time() - self._idle_since
        if idle_seconds < self.timeout_keep_alive:
            left = self.timeout_keep_alive - idle_seconds
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _hold(self, data: bytes) -> None:
        """Requests of one connection are answered one after the other."""
        self._held += data
        if len(self._held) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    async def _answer(self, answering: Coroutine[Any, Any, Answer]) -> None:
        is_whole = False
        try:
            is_whole = await self._write(await answering)
        except Exception:
            log.exception("an answer could not be written")
        finally:
            self._is_asking = False
            if self._is_ending or not is_whole:
                self.transport.close()
            self._end()
        held, self._held = self._held, b""
        if held and not self.transport.is_closing():
            self.data_received(held)

    async def _write(self, answer: Answer) -> bool:
        """Whether all of it went out; a large one goes in pieces, as fast as it is read."""
        head = self._head(answer)
        if len(answer.body) <= PIECE_BYTES:
            self._write_piece(head + answer.body)
            return True
        self._write_piece(head)
        return await send_body(self._send, answer.body)

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        await self.flow.drain()
        self._write_piece(message["body"])

    def _write_piece(self, piece: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(piece)

    def _head(self, answer: Answer) -> bytes:
        lines = [b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *answer.headers)]
        return b"".join((STATUS_LINE[answer.status], *lines, b"\r\n"))

    def _is_between(self) -> bool:
        """Whether the parser stands between two requests: the last is read and answered, of the next nothing came.

        And whoever sent the last ones reads what they were told; answers that nobody reads would pile up.
        """
        cycle = self.cycle
        if cycle is None:
            is_between = self.scope is None
        else:
            is_between = cycle.response_complete and not cycle.more_body and self.scope is cycle.scope
        return is_between and not self.pipeline and not self.flow.write_paused

    def shutdown(self) -> None:
        """The server stops: what is being answered is answered first."""
        if self._is_asking:
            self._is_ending = True
        else:
            super().shutdown()
