"""uvicorn's HTTP protocol, which refuses requests to a full data endpoint before they are taken apart.

An overloaded worker refuses more requests than it answers, so what a refusal costs decides how many it still answers:
here neither parser nor task nor endpoint. Only whole plain requests between two others are refused here; anything else
goes the usual way, and the endpoint refuses it by the same rule.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from publicgsb.schema.serving.endpoint import GraphQLEndpoint

_POST = b"POST /graphql HTTP/1.1\r\n"
_HEAD_BYTES_MAX = 8_192
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
_UNUSUAL = frozenset((b"transfer-encoding", b"expect", b"upgrade"))


class Front(HttpToolsProtocol):
    """One per connection."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._endpoint: GraphQLEndpoint | None = getattr(self.app, "endpoint", None)

    def data_received(self, data: bytes) -> None:
        endpoint = self._endpoint
        if endpoint is not None and endpoint.is_full and data.startswith(_POST) and self._is_between():
            headers = whole_request(data)
            if headers is not None:
                self.transport.write(endpoint.refuse(headers, self.server_state.default_headers))
                self.on_response_complete()
                return
        super().data_received(data)

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


def whole_request(data: bytes) -> list[tuple[bytes, bytes]] | None:
    """The headers of a request when `data` is one and nothing else; None for all that asks for a second look."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    if len(head) > _HEAD_BYTES_MAX or not head.count(b"\n") == head.count(b"\r") == len(lines) - 1:
        return None
    headers: list[tuple[bytes, bytes]] = []
    lengths: list[bytes] = []
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip()
        if not name or not _PLAIN.issuperset(name) or name in _UNUSUAL:
            return None
        if name == b"content-length":
            lengths.append(value)
        elif name == b"connection" and value.lower() != b"keep-alive":
            return None
        headers.append((name, value))
    return headers if lengths == [b"%d" % len(body)] else None
