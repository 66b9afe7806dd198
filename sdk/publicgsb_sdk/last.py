"""`last_response`: of each thread and each task its own."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from publicgsb_sdk.answers import Answer


@dataclass(frozen=True, slots=True)
class Response:
    """The head of an HTTP answer. Header names are lower case; `request_id` is what an operator wants to hear.

    >>> account = gsb.whoami()
    >>> gsb.last_response.status, gsb.last_response.request_id
    (200, 'req_1')
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    request_id: str | None


_RESPONSES: ContextVar["WeakKeyDictionary[object, Response] | None"] = ContextVar("pgsb_last_response", default=None)


def note(owner: object, answer: Answer) -> None:
    """Keep the head of an answer for this thread or task. Contexts are copied shallow, so what they hold is never
    changed, only replaced.
    """
    known = WeakKeyDictionary(_RESPONSES.get() or {})
    known[owner] = Response(answer.status, answer.headers, answer.request_id)
    _RESPONSES.set(known)


def last(owner: object) -> Response | None:
    """What this thread or task was answered last, if anything."""
    known = _RESPONSES.get()
    return known.get(owner) if known is not None else None
