"""Kernel errors to HTTP answers: problem details (RFC 9457), the same members for every route."""

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from publicgsb.platform.kernel.errors import GsbError, InvalidRequest, NotFound
from publicgsb.platform.server.logs import request_id


def problem(error: GsbError) -> Response:
    """`application/problem+json` with the code, the next step and the request id."""
    headers = {"cache-control": "no-store", **error.headers}
    if error.retry_after_seconds is not None:
        headers["retry-after"] = str(error.retry_after_seconds)
    if error.http_status == 401:
        headers["www-authenticate"] = 'Bearer realm="publicgsb"'
    return Response(
        orjson.dumps(error.as_problem(request_id.get() or ""), default=str),
        error.http_status,
        headers,
        media_type="application/problem+json",
    )


async def _gsb_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, GsbError)
    return problem(error)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return problem(NotFound(f"There is nothing at {request.url.path}.", hint="/ shows what is here."))
    answer = problem(
        InvalidRequest(
            f"{request.method} is not answered at {request.url.path}." if error.status_code == 405 else error.detail,
            status=error.status_code,
            reason="method" if error.status_code == 405 else "http",
        )
    )
    if error.headers:
        answer.headers.update(error.headers)
    return answer


HANDLERS: dict[int | type[Exception], ExceptionHandler] = {
    GsbError: _gsb_error,
    HTTPException: _http_error,
}
