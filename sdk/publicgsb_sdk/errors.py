"""Everything the SDK raises. Catch `GsbError` for all of it, or the one meaning you can act upon.

The codes are the server's closed table, the same for GraphQL and REST. No exception of the transport below
leaks.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from publicgsb_sdk.publishing.told import Report

NO_DETAILS: Mapping[str, Any] = MappingProxyType({})


class GsbError(Exception):
    """The root of the tree: one sentence, and a next step where there is one, in the language of the client's `locale`.

    `said` is None in English; else it is what was said in English, with names and figures.

    >>> try:
    ...     gsb.dataset("aviation").rows()
    ... except GsbError as error:
    ...     print(error.hint)
    Write agency.dataset, as in "aviation.airports"; client.datasets.search(…) finds it.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.said: str | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.message, self.hint, self.said and f"[{self.said}]")))


class ConnectionFailed(GsbError):
    """No answer came, or it broke off: name resolution, connection, TLS, proxy, a cut line.

    >>> try:
    ...     Client(key, "http://127.0.0.1:9", max_retries=0).whoami()
    ... except ConnectionFailed as error:
    ...     print(type(error).__name__)
    ConnectionFailed
    """


class DeadlineExceeded(GsbError):
    """The call, with all its retries, took longer than `deadline` seconds.

    >>> try:
    ...     gsb.with_options(deadline=0.001).whoami()
    ... except DeadlineExceeded as error:
    ...     print(type(error).__name__)
    DeadlineExceeded
    """


class OverBudget(GsbError):
    """The next request could cost more than is left of `client.budget(points=…)`; it was not sent.

    >>> try:
    ...     gsb.budget(points=5).dataset("aviation.airports").first()
    ... except OverBudget as error:
    ...     print(error.message)
    The next request may cost 16 points, and 5 of 5 are left.
    """


class MissingExtra(GsbError, ImportError):
    """An optional package is not installed; the message is the command that installs it.

    >>> try:
    ...     gsb.dataset("aviation.airports").to_polars()
    ... except MissingExtra as error:
    ...     print(error.hint)
    Run: pip install publicgsb-sdk[polars]
    """


class VerificationFailed(GsbError):
    """An answer is not to be relied on: it cannot be shown that the service gave it, now, to this question.

    >>> try:
    ...     verify(answer + b' ', signature, **question, jwks=key_set)
    ... except VerificationFailed as error:
    ...     print(type(error).__name__)
    AnswerAltered
    """


class SignatureMissing(VerificationFailed):
    """The answer was not signed.

    >>> try:
    ...     verify(answer, None, **question, jwks=key_set)
    ... except SignatureMissing as error:
    ...     print(error.message)
    The answer carries no GSB-Signature.
    """


class SignatureMalformed(VerificationFailed):
    """What came is no signature of an answer, or the key set is none: another algorithm, another form.

    >>> try:
    ...     verify(answer, "abc", **question, jwks=key_set)
    ... except SignatureMalformed as error:
    ...     print(error.message)
    The signature's header is not JSON.
    """


class UnknownSigner(VerificationFailed):
    """The key set does not hold the key that the signature names.

    >>> try:
    ...     verify(answer, signature, **question, jwks={"keys": []})
    ... except UnknownSigner as error:
    ...     print(error.message)
    The key set has no key '1W6S-Oo8U5pxRU4G'.
    """


class AnswerAltered(VerificationFailed):
    """The bytes are not those that were signed.

    >>> try:
    ...     verify(answer + b' ', signature, **question, jwks=key_set)
    ... except AnswerAltered as error:
    ...     print(error.message)
    The body, or what the signature says of it, is not what that key signed.
    """


class AnotherQuestion(VerificationFailed):
    """The answer is genuine, and belongs to another document, other variables or another operation.

    >>> try:
    ...     verify(answer, signature, document="{ me { plan } }", jwks=key_set)
    ... except AnotherQuestion as error:
    ...     print(error.message)
    The answer is genuine, and was given to another question.
    """


class StaleAnswer(VerificationFailed):
    """The answer is older than you allow, or from the future.

    >>> try:
    ...     verify(answer, signature, **question, jwks=key_set, max_age=60)
    ... except StaleAnswer as error:
    ...     print(type(error).__name__)
    StaleAnswer
    """


class IntegrityError(GsbError):
    """The bytes that came are not those that the service listed, and were thrown away.

    >>> try:
    ...     gsb.dataset("aviation.airports").download(folder / "airports.parquet")
    ... except IntegrityError as error:
    ...     print(error.part)
    part-00001.parquet
    """

    def __init__(self, part: str, expected: str, got: str) -> None:
        super().__init__(
            f"{part} came twice with other bytes than the service lists ({got[:12]}… instead of {expected[:12]}…).",
            hint="Does something on the way change what it passes on?",
        )
        self.part = part
        self.expected = expected
        self.got = got


class FileRefused(GsbError):
    """The file cannot be released as it stands, and nothing was changed; `report` says why, row by row.

    >>> try:
    ...     done = agency.release("signs.csv", "roads.signs")
    ... except FileRefused as refused:
    ...     for error in refused.report.errors:
    ...         print(error.row, error.column, error.message)
    2 height Not a number.
    """

    def __init__(self, message: str, report: "Report", *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.report = report


class SchemaDrift(GsbError):
    """The service has another contract than the one that generated types were made from.

    >>> try:
    ...     airports.dataset(gsb, strict=True).first()
    ... except SchemaDrift as error:
    ...     print(error.hint)
    Generate them anew, and let a type checker read your program.
    """


class SchemaDriftWarning(UserWarning):
    """The same, as a warning: once per typed dataset, unless it was made with `strict=True`.

    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     found = airports.dataset(gsb).select("icao").first()
    >>> [one.category.__name__ for one in seen]
    ['SchemaDriftWarning']
    """


class ApiError(GsbError):
    """The service refused, or the SDK foresaw that it would (then `status` and `request_id` are None).

    >>> try:
    ...     gsb.whoami()
    ... except ApiError as error:
    ...     print(error.code, error.status, error.request_id)
    INTERNAL 500 req_1
    """

    code: str = "INTERNAL"
    is_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        hint: str | None = None,
        details: Mapping[str, Any] = NO_DETAILS,
        retry_after: float | None = None,
        path: tuple[str | int, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code or type(self).code
        self.request_id = request_id
        self.details = details
        self.retry_after = retry_after
        self.path = path

    @property
    def reason(self) -> str | None:
        """Narrows the code: `missing`, `malformed`, `truncated`, `expired`, `revoked`, …"""
        reason = self.details.get("reason")
        return reason if isinstance(reason, str) else None

    def __str__(self) -> str:
        asked = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.code}: {super().__str__()}{asked}"


class InvalidRequest(ApiError):
    """The request cannot be understood as it stands; repeating it will not help.

    >>> try:
    ...     gsb.dataset("aviation.airports").where(icoa="OIIE").first()
    ... except InvalidRequest as error:
    ...     print(error.hint)
    There is icao, code.
    """

    code = "INVALID_REQUEST"


class Unauthenticated(ApiError):
    """The key is missing, malformed, truncated, unknown, expired or revoked: `reason` says which.

    >>> try:
    ...     Client("gsbl_wrong", "https://gsb.example")
    ... except Unauthenticated as error:
    ...     print(error.reason)
    truncated
    """

    code = "UNAUTHENTICATED"


class NotPermitted(ApiError):
    """The key is good, and this right is not its owner's.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except NotPermitted as error:
    ...     print(error.code, error.hint)
    NOT_PERMITTED What to do next.
    """

    code = "NOT_PERMITTED"


class NotFound(ApiError):
    """There is no such thing, or it is not yours to know of.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except NotFound as error:
    ...     print(error.code, error.hint)
    NOT_FOUND What to do next.
    """

    code = "NOT_FOUND"


class Conflict(ApiError):
    """The request contradicts the present state.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except Conflict as error:
    ...     print(error.code, error.hint)
    CONFLICT What to do next.
    """

    code = "CONFLICT"


class RateLimited(ApiError):
    """Too much in a short time: `retry_after` seconds later the same call can succeed.

    >>> try:
    ...     gsb.whoami()
    ... except RateLimited as error:
    ...     print(error.retry_after)
    2.0
    """

    code = "RATE_LIMITED"
    is_retryable = True


class QuotaExhausted(ApiError):
    """The period's points are spent. It is never retried: nothing changes before `resets_at`.

    >>> try:
    ...     gsb.whoami()
    ... except QuotaExhausted as error:
    ...     print(error.resets_at)
    2026-12-01 00:00:00+00:00
    """

    code = "QUOTA_EXHAUSTED"

    @property
    def resets_at(self) -> datetime | None:
        """When the period ends, if the service said so."""
        try:
            return datetime.fromisoformat(str(self.details.get("resetsAt")))
        except ValueError:
            return None


class QueryTooCostly(ApiError):
    """The operation is larger than any single request may be.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except QueryTooCostly as error:
    ...     print(error.code, error.hint)
    QUERY_TOO_COSTLY What to do next.
    """

    code = "QUERY_TOO_COSTLY"


class ReleaseGone(ApiError):
    """That release is past its retention; a walk that began in it has to begin again.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except ReleaseGone as error:
    ...     print(error.code, error.hint)
    RELEASE_GONE What to do next.
    """

    code = "RELEASE_GONE"


class ReleaseRecalled(ApiError):
    """That release was recalled and is not readable anywhere: delete what you took from it.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except ReleaseRecalled as error:
    ...     print(error.code, error.hint)
    RELEASE_RECALLED What to do next.
    """

    code = "RELEASE_RECALLED"


class DatasetDeprecated(FutureWarning):
    """A warning, once per client and dataset: it is answered until a day, and no longer.

    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     found = gsb.dataset("aviation.airports").select("icao").first()
    >>> [one.category.__name__ for one in seen]
    ['DatasetDeprecated']
    """


class DatasetWithdrawn(ApiError):
    """The agency has withdrawn this dataset.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except DatasetWithdrawn as error:
    ...     print(error.code, error.hint)
    DATASET_WITHDRAWN What to do next.
    """

    code = "DATASET_WITHDRAWN"


class Withheld(ApiError):
    """The agency does not release this, on a stated legal ground.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except Withheld as error:
    ...     print(error.code, error.hint)
    WITHHELD What to do next.
    """

    code = "WITHHELD"


class Unavailable(ApiError):
    """A part of the service is away, or the request ran out of the server's time.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except Unavailable as error:
    ...     print(error.code, error.hint)
    UNAVAILABLE What to do next.
    """

    code = "UNAVAILABLE"
    is_retryable = True


class ServerError(ApiError):
    """Something broke on the other side, or what answered is not Public GSB.

    >>> try:
    ...     gsb.dataset("aviation.airports").first()
    ... except ServerError as error:
    ...     print(error.code, error.hint)
    INTERNAL What to do next.
    """

    code = "INTERNAL"


BY_CODE: Mapping[str, type[ApiError]] = MappingProxyType(
    {kind.code: kind for kind in ApiError.__subclasses__()} | {"TIMEOUT": Unavailable}
)
BY_STATUS: Mapping[int, type[ApiError]] = MappingProxyType(
    {
        401: Unauthenticated,
        403: NotPermitted,
        404: NotFound,
        409: Conflict,
        429: RateLimited,
        502: Unavailable,
        503: Unavailable,
        504: Unavailable,
    }
)


def kind_of(code: str | None, status: int) -> type[ApiError]:
    """The class for a code; for an unknown code, or none (a proxy's page), the class for the status."""
    if code is not None and code in BY_CODE:
        return BY_CODE[code]
    if status in BY_STATUS:
        return BY_STATUS[status]
    return InvalidRequest if 400 <= status < 500 else ServerError
