"""What the service says, read once at the edge: a result with its cost and receipt, or a typed error."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from publicgsb_sdk.errors import ApiError, ServerError, kind_of
from publicgsb_sdk.texts import tell
from publicgsb_sdk.wire import a_list, an_object, items, members

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str | None:
        """What to quote when asking the operator about this call."""
        return self.headers.get("x-request-id")


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation cost, in points: what was set aside for it, what it took, and what is left where it is known.

    >>> gsb.graphql("{ aviation { airports(first: 1) { totalCount } } }").cost
    Cost(requested=11, actual=1, remaining=9)
    """

    requested: int
    actual: int
    remaining: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which release of which dataset an answer came from, and how to name its source.

    `is_share_alike`: what you make of it may be passed on under the same licence only.

    >>> receipt = next(gsb.dataset("aviation.airports").select("icao").pages()).receipt[0]
    >>> receipt.dataset, receipt.release, receipt.attribution
    ('airports', 3, 'Civil Aviation Organization')
    """

    agency: str
    dataset: str
    release: int
    as_of: date | None
    sha256: str | None
    source: str
    licence: str
    attribution: str
    is_share_alike: bool


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms by name, or in words (`text`) where they have no name of their own.

    >>> gsb.graphql("{ aviation { airports(first: 1) { totalCount } } }").terms.licences[0].name
    'CC-BY-4.0'
    """

    name: str
    title: str
    url: str | None
    text: str | None
    is_share_alike: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What all datasets of an answer ask for together: each licence, and each name to give, once.

    `share_alike` names the licences that pass on to what you make of the answer; several of them cannot all be kept
    by one work without asking the agencies.

    >>> terms = gsb.graphql("{ aviation { airports(first: 1) { totalCount } } }").terms
    >>> terms.attributions, terms.is_share_alike
    (('Civil Aviation Organization',), False)
    """

    licences: tuple[Licence, ...]
    attributions: tuple[str, ...]
    share_alike: tuple[str, ...]

    @property
    def is_share_alike(self) -> bool:
        """Whether any licence passes on to what you make of the answer."""
        return bool(self.share_alike)


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a GraphQL operation.

    `errors` is empty unless a part of the answer is missing: then `data` is null at each error's `path`, and
    the rest is good. `complete()` refuses such an answer. `terms` is None unless several datasets are combined.

    >>> result = gsb.graphql("{ aviation { airports(first: 1) { totalCount } } }")
    >>> result.data["aviation"], result.errors
    ({'airports': {'totalCount': 2}}, ())
    """

    data: dict[str, Any]
    extensions: Mapping[str, Any]
    cost: Cost | None
    receipt: tuple[Receipt, ...]
    request_id: str | None
    errors: tuple[ApiError, ...] = ()
    terms: Terms | None = None

    def complete(self) -> "Result":
        """This result, or its first error raised when anything is missing.

        >>> gsb.graphql("{ aviation { airports(first: 1) { totalCount } } }").complete().cost.actual
        1

        Raises:
            ApiError: a part of the answer is missing; `path` says where.
        """
        if self.errors:
            raise self.errors[0]
        return self


def read_json(answer: Answer) -> Any:
    """The body as JSON; whatever else answered under this address is named as not being the service."""
    try:
        return json.loads(answer.body)
    except ValueError:
        raise ServerError(
            f"The answer (HTTP {answer.status}) is not JSON.",
            status=answer.status,
            request_id=answer.request_id,
            hint="Does base_url point to a Public GSB service, or does a proxy answer in its place?",
        ) from None


def understood(what: str, read: Callable[[Any], Value], document: Any) -> Value:
    """Read a document, or say that this version of the SDK cannot."""
    try:
        return read(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ServerError(
            f"The service sent {what} that this version of the SDK cannot read.",
            hint="Update it with: pip install -U publicgsb-sdk",
        ) from error


def read_result(answer: Answer, locale: str = "en") -> Result:
    """A result when there is data, even partial; otherwise the first error is raised. Errors speak that language."""
    body = an_object(read_json(answer))
    if body is None:
        raise ServerError("The answer is not a GraphQL answer.", status=answer.status, request_id=answer.request_id)
    errors = tuple(tell(_graphql_error(item, answer), locale) for item in items(body.get("errors")))
    data = an_object(body.get("data"))
    if data is None:
        raise (
            errors[0]
            if errors
            else ServerError(
                "The answer holds neither data nor errors.",
                status=answer.status,
                request_id=answer.request_id,
            )
        )
    return understood("a result", lambda found: _result(found, data, answer, errors), members(body.get("extensions")))


def read_error(answer: Answer) -> ApiError:
    """The typed error in an answer with an error status, whoever wrote it."""
    try:
        body = an_object(json.loads(answer.body)) or {}
    except ValueError:
        body = {}
    if errors := a_list(body.get("errors")):
        return _graphql_error(errors[0], answer)
    if isinstance(body.get("code"), str):
        return _error(answer, body.get("detail") or body.get("title"), body, ())
    return _foreign_error(answer)


def retry_after_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """`Retry-After` in its two forms, seconds or a date; None when absent or unreadable."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        return None
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def read_date(text: str | None) -> date | None:
    """An ISO date, or None for none."""
    return date.fromisoformat(text) if text else None


def read_named(value: Any) -> str:
    """A source or licence: its name, or an object that has one."""
    if (named := an_object(value)) is not None:
        return str(named.get("name") or named.get("title") or "")
    return str(value or "")


def _result(
    extensions: Mapping[str, Any], data: dict[str, Any], answer: Answer, errors: tuple[ApiError, ...]
) -> Result:
    cost = extensions.get("cost")
    return Result(
        data=data,
        extensions=extensions,
        cost=Cost(cost["requested"], cost["actual"], cost.get("remaining")) if cost else None,
        receipt=tuple(_receipt(item) for item in items(extensions.get("receipt"))),
        request_id=extensions.get("requestId") or answer.request_id,
        errors=errors,
        terms=_terms(extensions["terms"]) if extensions.get("terms") else None,
    )


def _terms(found: Mapping[str, Any]) -> Terms:
    return Terms(
        licences=tuple(
            Licence(one["name"], one["title"], one.get("url"), one.get("text"), bool(one["isShareAlike"]))
            for one in found["licences"]
        ),
        attributions=tuple(found["attributions"]),
        share_alike=tuple(found["shareAlike"]),
    )


def _receipt(item: Mapping[str, Any]) -> Receipt:
    return Receipt(
        agency=item["agency"],
        dataset=item["dataset"].rpartition("/")[2],
        release=item["release"],
        as_of=read_date(item.get("asOf")),
        sha256=item.get("sha256"),
        source=read_named(item.get("source")),
        licence=read_named(item.get("licence")),
        attribution=item.get("attribution") or "",
        is_share_alike=bool(item.get("isShareAlike")),
    )


def _graphql_error(item: Any, answer: Answer) -> ApiError:
    entry = an_object(item) or {}
    return _error(answer, entry.get("message"), members(entry.get("extensions")), tuple(items(entry.get("path"))))


def _error(answer: Answer, message: Any, about: Mapping[str, Any], path: tuple[str | int, ...]) -> ApiError:
    code = about.get("code")
    return kind_of(code, answer.status)(
        str(message or f"The service answered with HTTP {answer.status}."),
        status=answer.status,
        code=code,
        request_id=about.get("requestId") or answer.request_id,
        hint=about.get("hint"),
        details=members(about.get("details")),
        retry_after=retry_after_seconds(answer.headers),
        path=path,
    )


def _foreign_error(answer: Answer) -> ApiError:
    """No code of ours: a proxy, a load balancer, or an address that is not the service's."""
    return kind_of(None, answer.status)(
        f"HTTP {answer.status} without an explanation.",
        status=answer.status,
        request_id=answer.request_id,
        hint="Does base_url point to a Public GSB service, or does a proxy answer in its place?",
        retry_after=retry_after_seconds(answer.headers),
    )
