"""The SDK's tree and the server's table of codes say the same."""

import httpx2
import pytest

import publicgsb_sdk
from publicgsb.platform.kernel import errors as kernel
from publicgsb_sdk.answers import Answer, read_error, retry_after_seconds
from publicgsb_sdk.errors import ApiError, NotFound, QuotaExhausted, ServerError, Unavailable, kind_of


@pytest.mark.parametrize("raised", kernel.ERRORS)
def test_every_code_of_the_server_has_its_class_and_nothing_is_lost(raised: type[kernel.GsbError]) -> None:
    problem = raised("Sentence.", hint="Next step.", reason="because").as_problem("r-7")
    response = httpx2.Response(raised.status, json=problem)
    error = read_error(Answer(raised.status, {}, response.content))
    assert type(error).__name__ in {raised.__name__, "Unavailable", "ServerError"}
    assert (error.code, error.status, error.request_id) == (raised.code, raised.status, "r-7")
    assert (error.message, error.hint, error.reason) == ("Sentence.", "Next step.", "because")
    assert error.is_retryable == raised.retryable


def test_the_graphql_form_reads_the_same_as_the_rest_form() -> None:
    entry = kernel.NotFound("Nothing there.", hint="Look again.").as_graphql("r-7")
    error = read_error(Answer(404, {}, httpx2.Response(404, json={"errors": [entry]}).content))
    assert isinstance(error, NotFound) and str(error) == "NOT_FOUND: Nothing there. Look again. (request r-7)"


def test_an_unknown_code_falls_back_to_its_status() -> None:
    assert kind_of("NEW_CODE", 503) is Unavailable
    assert kind_of(None, 418) is publicgsb_sdk.InvalidRequest
    assert kind_of("NEW_CODE", 500) is ServerError


def test_a_spent_quota_says_when_it_resets() -> None:
    when = QuotaExhausted("Spent.", details={"resetsAt": "2026-12-01T00:00:00Z"}).resets_at
    assert when is not None and when.isoformat() == "2026-12-01T00:00:00+00:00"
    assert QuotaExhausted("Spent.").resets_at is None


def test_every_error_is_public_and_has_the_common_root() -> None:
    for kind in ApiError.__subclasses__():
        assert kind.__name__ in publicgsb_sdk.__all__


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("", None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)]
)
def test_retry_after_is_read_in_both_its_forms(header: str, seconds: float | None) -> None:
    assert retry_after_seconds({"retry-after": header}) == seconds
