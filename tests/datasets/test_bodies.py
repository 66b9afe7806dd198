"""What a JSON body may be, before anybody looks at its members."""

import pytest
from starlette.requests import Request

from publicgsb.datasets.bodies import check_declared, json_object
from publicgsb.platform.kernel.errors import InvalidRequest


def request_of(*chunks: bytes, media_type: bytes = b"application/json") -> Request:
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    left = iter([*messages, {"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, object]:
        return next(left)

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", media_type)]}, receive)


async def test_an_object_is_read_from_its_pieces() -> None:
    assert await json_object(request_of(b'{"reason": ', b'"x"}'), 100) == {"reason": "x"}


async def test_nothing_is_an_object_without_members() -> None:
    assert await json_object(request_of(), 100) == {}


@pytest.mark.parametrize("body", [b"[" * 50_000, b'{"a":' * 50_000, b"[]", b"7", b"null", b"{", b"\xff", b"NaN"])
async def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await json_object(request_of(body), 1 << 20)
    assert refused.value.details["reason"] == "body"


async def test_no_more_is_read_than_may_be() -> None:
    with pytest.raises(InvalidRequest) as refused:
        await json_object(request_of(*[b" " * 60] * 1000), 100)
    assert (refused.value.http_status, refused.value.details["reason"]) == (413, "body_bytes")


async def test_an_unknown_member_is_told_with_those_there_are() -> None:
    with pytest.raises(InvalidRequest) as refused:
        await json_object(request_of(b'{"resaon": 1}'), 100, ("reason",))
    assert refused.value.details == {"reason": "members", "offered": ["reason"]}


@pytest.mark.parametrize("media_type", [b"application/json", b"Application/JSON; charset=utf-8"])
def test_json_that_says_so_is_taken(media_type: bytes) -> None:
    check_declared(request_of(media_type=media_type))


def test_a_form_of_another_page_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_declared(request_of(media_type=b"text/plain"))
    assert refused.value.http_status == 415
