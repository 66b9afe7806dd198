"""The refusal of a full worker: which media type it has, what is left to the usual way, and what is remembered."""

import pytest

from publicgsb.schema.serving.heads import Heads
from publicgsb.schema.serving.negotiation import GRAPHQL_RESPONSE, PLAIN_JSON
from publicgsb.schema.serving.overload import Refusals
from publicgsb.schema.serving.profile import HttpProfile

BODY = b'{"query":"{ a }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n" % len(BODY)


@pytest.fixture
def refusals() -> Refusals:
    return Refusals(HttpProfile.AUDITED)


@pytest.mark.parametrize(
    ("accept", "media"),
    [(GRAPHQL_RESPONSE, GRAPHQL_RESPONSE), (PLAIN_JSON, PLAIN_JSON), (b"text/html", PLAIN_JSON), (b"*/*", PLAIN_JSON)],
)
def test_a_refusal_has_the_media_type_that_was_asked_for_where_it_can(
    refusals: Refusals, accept: bytes, media: bytes
) -> None:
    whole = HEAD + b"Accept: " + accept + b"\r\n\r\n" + BODY
    assert [refusals.media(whole) for _ in range(2)] == [media] * 2


def test_a_head_that_is_known_with_another_body_goes_the_usual_way(refusals: Refusals) -> None:
    assert refusals.media(HEAD + b"\r\n" + BODY) == PLAIN_JSON
    for body in (BODY[:-1], BODY + b" ", b"", BODY + HEAD + b"\r\n" + BODY):
        assert refusals.media(HEAD + b"\r\n" + body) is None
    assert refusals.media(HEAD + b"\r\n" + BODY) == PLAIN_JSON


def test_a_known_head_without_a_body_is_whole_with_its_blank_line_alone(refusals: Refusals) -> None:
    bare = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 0"
    assert refusals.media(bare + b"\r\n\r\n") == PLAIN_JSON
    assert [refusals.media(bare + rest) for rest in (b"", b"\r\n", b"\r\n\r")] == [None] * 3
    assert refusals.media(bare + b"\r\n\r\n") == PLAIN_JSON


def test_what_goes_the_usual_way_is_not_remembered(refusals: Refusals) -> None:
    part = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + BODY
    assert [refusals.media(part) for _ in range(2)] == [None, None]


def test_what_comes_from_a_page_goes_the_usual_way_which_says_whether_it_may_read_the_refusal(
    refusals: Refusals,
) -> None:
    assert refusals.media(HEAD + b"Origin: https://a.example\r\n\r\n" + BODY) is None


def test_of_the_heads_that_are_remembered_the_oldest_go_first() -> None:
    said = Heads[int](most=2)
    names = [said.name(b"head %d" % number) for number in range(3)]
    for number, name in enumerate(names):
        said.keep(name, number)
    assert [said.find(name) for name in names] == [None, 1, 2]
    assert names != [Heads[int]().name(b"head %d" % number) for number in range(3)]
