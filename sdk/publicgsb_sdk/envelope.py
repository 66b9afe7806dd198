"""How a GraphQL document is sent: whole, or by its hash where that is shorter."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from publicgsb_sdk.answers import Answer
from publicgsb_sdk.call import Call

ACCEPT = "application/graphql-response+json, application/json;q=0.9"
SIGNATURE = "gsb-signature"  # the preference that asks for one, and the header that brings it
BY_HASH_BYTES = 512  # from here on; a shorter text is sent sooner than a hash is asked for
UNKNOWN_DOCUMENT = b"persisted_query_not_found"
IGNORED = re.compile(r'#[^\n\r]*|"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n])*"')
CHANGING = re.compile(r"(?:^|})[\s,\ufeff]*(?:mutation|subscription)\b")


def graphql_call(
    document: str | None,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    prefer: str | None = None,
    sha256: str | None = None,
) -> Call:
    """The request for an operation of the document; without the document, by its hash. Only queries are sent again."""
    body: dict[str, Any] = {} if document is None else {"query": document}
    if variables:
        body["variables"] = variables
    if operation_name:
        body["operationName"] = operation_name
    if sha256:
        body["extensions"] = {"persistedQuery": {"version": 1, "sha256Hash": sha256}}
    text = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    safe = document is None or is_safe(document)
    return Call("POST", "/graphql", text, accept=ACCEPT, is_safe=safe, prefer=prefer)


def sha256_of(document: str) -> str | None:
    """The hash to send in its place, or None for a text that is no longer than what a hash needs."""
    text = document.encode()
    return hashlib.sha256(text).hexdigest() if len(text) >= BY_HASH_BYTES else None


def is_unknown_document(answer: Answer) -> bool:
    """Whether the service wants the text of a hash."""
    return len(answer.body) < 4096 and UNKNOWN_DOCUMENT in answer.body and b'"data"' not in answer.body


def is_safe(document: str) -> bool:
    """Whether a document holds queries only, so that sending it twice does no harm."""
    return not CHANGING.search(IGNORED.sub(" ", document))
