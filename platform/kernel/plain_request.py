"""A request of HTTP/1.1 that is there as a whole and has nothing unusual: read without a parser, or not at all."""

from publicgsb.platform.kernel.headers import RawHeaders

HEAD_END = b"\r\n\r\n"
_HEAD_BYTES_MAX = 8_192
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
_UNUSUAL = frozenset((b"transfer-encoding", b"expect", b"upgrade"))


def whole_request(data: bytes) -> RawHeaders | None:
    """The headers of a request when `data` is one and nothing else; None for all that asks for a second look."""
    head, end, body = data.partition(HEAD_END)
    lines = head.split(b"\r\n")
    if not end or len(head) > _HEAD_BYTES_MAX or not head.count(b"\n") == head.count(b"\r") == len(lines) - 1:
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
