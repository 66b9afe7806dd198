"""How a command ends: one number for each thing that a script can act upon."""

from enum import IntEnum

from publicgsb_sdk.errors import (
    ApiError,
    Conflict,
    ConnectionFailed,
    DatasetWithdrawn,
    DeadlineExceeded,
    FileRefused,
    GsbError,
    IntegrityError,
    InvalidRequest,
    NotFound,
    NotPermitted,
    QueryTooCostly,
    QuotaExhausted,
    RateLimited,
    ReleaseGone,
    ReleaseRecalled,
    SchemaDrift,
    Unauthenticated,
    Unavailable,
    VerificationFailed,
    Withheld,
)

PRECONDITION_FAILED = 412


class Exit(IntEnum):
    """docs/pgsb.md has the same table; a test holds them equal."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    REFUSED = 3
    UNAUTHENTICATED = 4
    NOT_FOUND = 5
    UNREACHABLE = 6
    LIMITED = 7
    ALTERED = 8
    DRIFTED = 9
    CONFLICT = 10
    INTERRUPTED = 130
    PIPE_CLOSED = 141


_EXITS: tuple[tuple[Exit, tuple[type[GsbError], ...]], ...] = (
    (Exit.USAGE, (InvalidRequest, QueryTooCostly)),
    (Exit.REFUSED, (NotPermitted, Withheld, FileRefused)),
    (Exit.UNAUTHENTICATED, (Unauthenticated,)),
    (Exit.NOT_FOUND, (NotFound, ReleaseGone, ReleaseRecalled, DatasetWithdrawn)),
    (Exit.UNREACHABLE, (ConnectionFailed, DeadlineExceeded, Unavailable)),
    (Exit.LIMITED, (RateLimited, QuotaExhausted)),
    (Exit.ALTERED, (VerificationFailed, IntegrityError)),
    (Exit.DRIFTED, (SchemaDrift,)),
    (Exit.CONFLICT, (Conflict,)),
)


def exit_of(error: GsbError) -> Exit:
    """The number of an error of the SDK."""
    if isinstance(error, ApiError) and error.status == PRECONDITION_FAILED:
        return Exit.CONFLICT  # somebody was faster
    return next((number for number, kinds in _EXITS if isinstance(error, kinds)), Exit.ERROR)


def as_problem(error: GsbError) -> dict[str, object]:
    """An error as one JSON object, in the words of the service."""
    told: dict[str, object] = {"code": code_of(error), "message": error.message}
    if error.hint:
        told["hint"] = error.hint
    if error.said:
        told["said"] = error.said
    if isinstance(error, ApiError):
        given = {
            "status": error.status,
            "requestId": error.request_id,
            "retryAfter": error.retry_after,
            "path": list(error.path) or None,
            "details": dict(error.details) or None,
        }
        told |= {name: value for name, value in given.items() if value is not None}
    return told | {"exit": int(exit_of(error))}


def code_of(error: GsbError) -> str:
    """The service's code; where the service had no word in it, one of the same form: CONNECTION_FAILED."""
    if isinstance(error, ApiError):
        return error.code
    name = type(error).__name__
    return "".join(f"_{sign}" if sign.isupper() and index else sign for index, sign in enumerate(name)).upper()
