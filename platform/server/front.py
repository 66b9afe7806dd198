"""uvicorn's HTTP protocol, which asks the data endpoint first: some answers are there before a request is taken apart.

One is the refusal of a full worker, which refuses more requests than it answers, so that what a refusal costs decides
how many it still answers. The other is an answer that was given before and is kept (schema/serving/again.py). Both
take neither parser nor task. Only whole plain requests between two others are answered here; anything else goes the
usual way, and comes to the same.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from publicgsb.schema.serving.endpoint import GraphQLEndpoint

_POST = b"POST /graphql HTTP/1.1\r\n"


class Front(HttpToolsProtocol):
    """One per connection."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._endpoint: GraphQLEndpoint | None = getattr(self.app, "endpoint", None)

    def data_received(self, data: bytes) -> None:
        if self._endpoint is not None and data.startswith(_POST) and self._is_between():
            answer = self._at_once(self._endpoint, data)
            if answer is not None:
                self.transport.write(answer)
                self.on_response_complete()
                return
        super().data_received(data)

    def _at_once(self, endpoint: GraphQLEndpoint, data: bytes) -> bytes | None:
        ask = endpoint.refuse if endpoint.is_full else endpoint.again
        return ask(data, self.server_state.default_headers)

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
