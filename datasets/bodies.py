"""JSON bodies of the REST routes: one object, of bounded size, read once."""

from collections.abc import Collection
from typing import Any

import orjson
from starlette.requests import Request

from publicgsb.platform.kernel.errors import InvalidRequest


async def json_object(request: Request, bytes_max: int, members: Collection[str] | None = None) -> dict[str, Any]:
    """The object in the body, an empty one for an empty body; refused before more than `bytes_max` of it are kept.

    `members` are the only ones that it may have. Raises InvalidRequest (`body_bytes`, `body`, `members`). Brackets
    deeper than any object here needs are no JSON to orjson, where the standard library would run out of stack.
    """
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > bytes_max:
            raise InvalidRequest(f"The body is larger than {bytes_max} bytes.", reason="body_bytes", status=413)
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise InvalidRequest("The body is not a JSON object.", reason="body", hint="Send one: {…}.")
    if members is not None and (unknown := sorted(set(body) - set(members))):
        offered = sorted(members)
        raise InvalidRequest(f"The body has no member {unknown[0][:100]}.", reason="members", offered=offered)
    return body


def check_declared(request: Request) -> None:
    """Raises InvalidRequest (`media_type`) for a body that is not declared as JSON: a form of another page is not."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise InvalidRequest(
            "The body is not declared as JSON.", reason="media_type", status=415, hint="Content-Type: application/json"
        )
