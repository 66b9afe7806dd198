"""Logs: one JSON object a line, with the request's id, and never a secret."""

import io
import json
import logging

import pytest

from publicgsb.platform.server.logs import JsonLines, mask, request_id

KEY = "gsbl_abcdEFGH" + "S3cr3t" * 6 + "xy"
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzM2NyM3QifQ.c2lnbmF0dXJlLXMzY3IzdA"


def logged(message: str, *values: object, extra: dict[str, object] | None = None, error: bool = False) -> str:
    """What a line looks like on its way to stderr."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.Logger("tests")
    logger.addHandler(handler)
    logger.error(message, *values, extra=extra, exc_info=error)
    return stream.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        logged("key %s", KEY),
        logged("url /graphql?key=%s&x=1", KEY),
        logged("prefixed_%s", KEY),
        logged("Authorization: Bearer %s", KEY),
        logged("Authorization: Bearer %s", JWT),
        logged("X-API-Key: S3cr3tS3cr3t"),
        logged("sent bearer S3cr3tS3cr3t"),
        logged("%s", [(b"authorization", b"Basic S3cr3tS3cr3t="), (b"x-api-key", b"S3cr3t")]),
        logged("%s", {"authorization": "S3cr3tS3cr3t"}),
        logged("extra", extra={"token": JWT, "nested": {"keys": [KEY]}}),
        logged("postgresql://gsb:S3cr3t@/publicgsb?host=/run"),
        logged("-----BEGIN PRIVATE KEY-----\nS3cr3t\n-----END PRIVATE KEY-----"),
    ],
)
def test_no_secret_is_ever_in_a_line(line: str) -> None:
    assert "S3cr3t" not in line
    assert JWT.split(".")[1] not in line
    assert json.loads(line)["level"] == "error"


def test_kind_and_id_of_a_key_stay_so_that_a_leak_can_be_revoked() -> None:
    assert mask(f"used {KEY} twice") == "used gsbl_abcdEFGH*** twice"
    assert mask(f"Authorization: Bearer {KEY}") == "Authorization: Bearer gsbl_abcdEFGH***"


def test_the_text_of_an_exception_is_masked_too() -> None:
    try:
        raise ValueError(f"bad {KEY}")
    except ValueError:
        line = logged("failed", error=True)
    assert "S3cr3t" not in line
    assert "ValueError" in json.loads(line)["error"]


def test_a_line_carries_the_request_it_belongs_to() -> None:
    token = request_id.set("req_1")
    try:
        assert json.loads(logged("within"))["requestId"] == "req_1"
    finally:
        request_id.reset(token)
    assert "requestId" not in json.loads(logged("after"))


def test_persian_is_written_as_it_is_and_a_line_break_stays_inside_its_line() -> None:
    line = logged("فرودگاه\nدو")
    assert "فرودگاه" in line
    assert line.count("\n") == 1


def test_ordinary_words_stay() -> None:
    assert mask("the key of agency 12 was revoked by the owner") == "the key of agency 12 was revoked by the owner"
