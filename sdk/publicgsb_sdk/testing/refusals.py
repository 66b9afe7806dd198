"""What the mock refuses, in the service's own table of codes, so that code under test meets the errors it will meet."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from publicgsb_sdk.errors import GsbError

STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "UNAUTHENTICATED": 401,
        "NOT_PERMITTED": 403,
        "NOT_FOUND": 404,
        "INVALID_REQUEST": 400,
        "CONFLICT": 409,
        "QUERY_TOO_COSTLY": 400,
        "RATE_LIMITED": 429,
        "QUOTA_EXHAUSTED": 429,
        "RELEASE_GONE": 410,
        "RELEASE_RECALLED": 410,
        "DATASET_WITHDRAWN": 410,
        "WITHHELD": 403,
        "UNAVAILABLE": 503,
        "TIMEOUT": 503,
        "INTERNAL": 500,
    }
)


class MockSetup(GsbError):
    """The test itself is wrong: a contract that cannot be read, a row that the contract does not allow.

    >>> try:
    ...     service.rows("aviation.airport")
    ... except MockSetup as error:
    ...     print(error.message, error.hint)
    The mock has no contract of aviation.airport. It has aviation.airports.
    """


class Refusal(Exception):
    """One error of the service. `is_of_field`: the answer is null there, and the rest of it stands."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        reason: str | None = None,
        hint: str | None = None,
        retry_after: int | None = None,
        is_of_field: bool = False,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.retry_after = retry_after
        self.is_of_field = is_of_field
        self.details: dict[str, Any] = ({"reason": reason} if reason else {}) | details

    @property
    def status(self) -> int:
        """Of the HTTP answer, where nothing else answers."""
        return STATUSES[self.code]

    def as_problem(self, request_id: str) -> dict[str, Any]:
        """As REST tells it."""
        return {
            "type": f"urn:publicgsb:error:{self.code.lower().replace('_', '-')}",
            "title": self.code,
            "status": self.status,
            "detail": self.message,
            **self._about(request_id),
        }

    def as_graphql(self, request_id: str, path: list[str | int] | None = None) -> dict[str, Any]:
        """As an entry of `errors`."""
        where = {} if path is None else {"path": path}
        return {"message": self.message, **where, "extensions": self._about(request_id)}

    def _about(self, request_id: str) -> dict[str, Any]:
        return {
            "code": self.code,
            **({"hint": self.hint} if self.hint else {}),
            **({"details": self.details} if self.details else {}),
            "requestId": request_id,
        }


def invalid(message: str, reason: str, hint: str | None = None) -> Refusal:
    """A request that cannot be understood as it stands."""
    return Refusal("INVALID_REQUEST", message, reason=reason, hint=hint)
