"""The closed table of errors: one class per meaning, the same on REST and GraphQL (RFC 9457 and `extensions`).

Domain code raises these and never imports Starlette or Strawberry to do so. docs/errors.md is generated from this file.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from publicgsb.platform.kernel.masking import mask_all, mask_credentials

_ASK_AGAIN = "Ask again after Retry-After, and wait longer each time."


class GsbError(Exception):
    """What every part raises: a stable code, a sentence, a next step and details that name no secret.

    A key or token that came with what is quoted is masked here, because nobody who quotes can know.

    `details["reason"]` narrows a code (missing, malformed, expired, revoked, …).
    """

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    meaning: ClassVar[str] = "Something broke on our side; the points of the request are refunded."

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        reason: str | None = None,
        status: int | None = None,
        retry_after_seconds: int | None = None,
        headers: Mapping[str, str] | None = None,
        **details: Any,
    ) -> None:
        message = mask_credentials(message)
        super().__init__(message)
        self.message = message
        self.hint = None if hint is None else mask_credentials(hint)
        self.details: dict[str, Any] = ({"reason": reason} if reason else {}) | mask_all(details)
        self.http_status = status or self.status
        self.retry_after_seconds = retry_after_seconds
        self.headers = headers or {}  # that HTTP wants beside the body, such as Content-Range of a 416

    def as_problem(self, request_id: str) -> dict[str, Any]:
        """The body of an `application/problem+json` answer (RFC 9457)."""
        return {
            "type": f"urn:publicgsb:error:{self.code.lower().replace('_', '-')}",
            "title": self.meaning,
            "status": self.http_status,
            "detail": self.message,
            "code": self.code,
            **({"hint": self.hint} if self.hint else {}),
            **({"details": self.details} if self.details else {}),
            "requestId": request_id,
        }

    def as_graphql(
        self,
        request_id: str,
        path: tuple[str | int, ...] | None = None,
        locations: tuple[Mapping[str, int], ...] = (),
    ) -> dict[str, Any]:
        """One entry of the `errors` list of a GraphQL answer."""
        extensions: dict[str, Any] = {"code": self.code, "requestId": request_id}
        if self.hint:
            extensions["hint"] = self.hint
        if self.details:
            extensions["details"] = self.details
        error: dict[str, Any] = {"message": self.message}
        if locations:
            error["locations"] = [dict(location) for location in locations]
        if path is not None:
            error["path"] = list(path)
        error["extensions"] = extensions
        return error


class Unauthenticated(GsbError):
    code, status = "UNAUTHENTICATED", 401
    meaning = "We do not know who is asking: the key or token is missing, malformed, expired or revoked."


class NotPermitted(GsbError):
    code, status = "NOT_PERMITTED", 403
    meaning = "We know who is asking, and this right is not theirs."


class NotFound(GsbError):
    code, status = "NOT_FOUND", 404
    meaning = "There is no such thing, or it is not yours to know of."


class InvalidRequest(GsbError):
    """Also the refusals of HTTP itself: 405, 406, 412, 413, 414, 415, 416 and 428, by `status`."""

    code, status = "INVALID_REQUEST", 400
    meaning = "The request cannot be understood as it stands; repeating it will not help."


class Conflict(GsbError):
    code, status = "CONFLICT", 409
    meaning = "The request contradicts the present state."


class QueryTooCostly(GsbError):
    code, status = "QUERY_TOO_COSTLY", 400
    meaning = "The operation is larger than any single request may be."


class RateLimited(GsbError):
    code, status, retryable = "RATE_LIMITED", 429, True
    meaning = "Too much in a short time; try again after Retry-After."


class QuotaExhausted(GsbError):
    code, status = "QUOTA_EXHAUSTED", 429
    meaning = "The period's points are spent; retrying before it ends cannot succeed."


class ReleaseGone(GsbError):
    code, status = "RELEASE_GONE", 410
    meaning = "That release is past its retention."


class ReleaseRecalled(GsbError):
    code, status = "RELEASE_RECALLED", 410
    meaning = "That release was recalled and is not readable anywhere."


class DatasetWithdrawn(GsbError):
    code, status = "DATASET_WITHDRAWN", 410
    meaning = "The agency has withdrawn this dataset."


class Withheld(GsbError):
    code, status = "WITHHELD", 403
    meaning = "The agency does not release this, on a stated legal ground."


class Unavailable(GsbError):
    code, status, retryable = "UNAVAILABLE", 503, True
    meaning = "A part of the service is away; try again after Retry-After."

    def __init__(
        self, message: str, *, retry_after_seconds: int = 1, hint: str | None = _ASK_AGAIN, **more: Any
    ) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds, hint=hint, **more)


class TimedOut(GsbError):
    code, status, retryable = "TIMEOUT", 503, True
    meaning = "The request ran out of time; its points are refunded."

    def __init__(
        self, message: str, *, retry_after_seconds: int = 1, hint: str | None = _ASK_AGAIN, **more: Any
    ) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds, hint=hint, **more)


class Internal(GsbError):
    pass


ERRORS: tuple[type[GsbError], ...] = (
    Unauthenticated, NotPermitted, NotFound, InvalidRequest, Conflict, QueryTooCostly, RateLimited,
    QuotaExhausted, ReleaseGone, ReleaseRecalled, DatasetWithdrawn, Withheld, Unavailable, TimedOut, Internal,
)  # fmt: skip
