"""The one credential of a request, or a refusal that says what to do and never repeats what was sent."""

import pytest

from publicgsb.apikeys.credential import read
from publicgsb.apikeys.format import draw
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.errors import GsbError, InvalidRequest, Unauthenticated
from publicgsb.platform.kernel.headers import by_name

KEY = draw(KeyKind.LIVE).text
OTHER = draw(KeyKind.LIVE).text


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    return (name.encode(), value.encode())


BEARER = _header("authorization", f"Bearer {KEY}")


@pytest.mark.parametrize(
    "headers",
    [
        [BEARER],
        [_header("x-api-key", KEY)],
        [_header("authorization", f"bearer   {KEY} ")],
        [_header("x-api-key", f" {KEY} ")],
        [BEARER, _header("x-api-key", KEY)],
        [BEARER, BEARER],
        [_header("host", "x"), _header("x-api-key", ""), BEARER],
    ],
)
def test_a_credential_is_read_from_either_header(headers: list[tuple[bytes, bytes]]) -> None:
    assert read(by_name(headers), b"") == KEY


@pytest.mark.parametrize(
    ("headers", "error", "reason"),
    [
        ([], Unauthenticated, "missing"),
        ([_header("authorization", "Bearer")], Unauthenticated, "missing"),
        ([_header("x-api-key", " ")], Unauthenticated, "missing"),
        ([_header("authorization", f"Basic {KEY}")], Unauthenticated, "malformed"),
        ([_header("authorization", KEY)], Unauthenticated, "malformed"),
        ([BEARER, _header("x-api-key", OTHER)], InvalidRequest, "two_credentials"),
        ([_header("x-api-key", OTHER), BEARER], InvalidRequest, "two_credentials"),
        ([BEARER, _header("authorization", f"Bearer {OTHER}")], InvalidRequest, "two_credentials"),
    ],
)
def test_anything_else_is_refused_with_a_reason_and_a_next_step(
    headers: list[tuple[bytes, bytes]], error: type[GsbError], reason: str
) -> None:
    with pytest.raises(error) as refusal:
        read(by_name(headers), b"")
    assert refusal.value.details["reason"] == reason
    assert refusal.value.hint


@pytest.mark.parametrize(
    "query",
    [
        f"key={KEY}",
        f"a=1&API_KEY={KEY}",
        "apiKey=x",
        "access%5Ftoken=x",
        f"query={KEY}",
        f"q=%67sbl%5F{KEY[5:]}",
        "a=eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln",
    ],
)
def test_a_key_in_the_url_is_refused_even_when_a_header_is_right(query: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read(by_name([BEARER]), query.encode())
    assert refusal.value.details["reason"] == "key_in_url"
    assert KEY not in str(refusal.value.as_problem("req_1"))


@pytest.mark.parametrize("query", ["query={aviation{airports{key}}}", "keyword=1", "monkey=2", "first=10&after=abc"])
def test_an_ordinary_query_string_is_no_key(query: str) -> None:
    assert read(by_name([BEARER]), query.encode()) == KEY


def test_bytes_that_are_no_text_are_passed_on_and_never_break() -> None:
    assert len(read({b"x-api-key": b"gsbl_\xff\xfe"}, b"")) == 7
