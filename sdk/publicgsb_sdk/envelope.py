"""How a GraphQL document is sent."""

import json
import re
from collections.abc import Mapping
from typing import Any

from publicgsb_sdk.call import Call

ACCEPT = "application/graphql-response+json, application/json;q=0.9"
IGNORED = re.compile(r'#[^\n\r]*|"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n])*"')
CHANGING = re.compile(r"(?:^|})[\s,\ufeff]*(?:mutation|subscription)\b")


def graphql_call(
    document: str, variables: Mapping[str, Any] | None, operation_name: str | None, prefer: str | None
) -> Call:
    """The request for an operation of the document. Only one of queries may be sent again."""
    body: dict[str, Any] = {"query": document}
    if variables:
        body["variables"] = variables
    if operation_name:
        body["operationName"] = operation_name
    text = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    return Call("POST", "/graphql", text, accept=ACCEPT, is_safe=is_safe(document), prefer=prefer)


def is_safe(document: str) -> bool:
    """Whether a document holds queries only, so that sending it twice does no harm."""
    return not CHANGING.search(IGNORED.sub(" ", document))
