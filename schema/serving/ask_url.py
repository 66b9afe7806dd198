"""What a GET asks, from its URL: ?query=&operationName=&variables=&extensions=&documentId=, the objects as JSON."""

from urllib.parse import parse_qsl

import orjson

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.limits import QUERY_STRING_BYTES_MAX
from publicgsb.schema.serving.ask import Ask, Malformed, ask_of

_TEXTS = frozenset({"query", "operationName", "documentId"})
_OBJECTS = frozenset({"variables", "extensions"})
_FIELDS_MAX = 20


def read_url(query_string: bytes) -> Ask:
    """Raises InvalidRequest (414, 400). A name that is given twice is refused; names of others are ignored."""
    if len(query_string) > QUERY_STRING_BYTES_MAX:
        raise InvalidRequest(
            f"The URL's query is longer than {QUERY_STRING_BYTES_MAX} bytes.",
            status=414,
            reason="too_large",
            hint="POST it, or name the document by `documentId`.",
        )
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict",
                          max_num_fields=_FIELDS_MAX)  # fmt: skip
    except ValueError:  # UnicodeDecodeError is one
        raise Malformed("The URL's query cannot be read.", is_unreadable=True) from None
    found: dict[str, object] = {}
    for name, text in pairs:
        if name not in _TEXTS and name not in _OBJECTS:
            continue
        if name in found:
            raise Malformed(f"`{name}` is in the URL twice.")
        found[name] = text if name in _TEXTS else _object(name, text)
    return ask_of({name: value for name, value in found.items() if value != ""})


def _object(name: str, text: str) -> object:
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        raise Malformed(f"`{name}` is not JSON.", is_unreadable=True) from None
