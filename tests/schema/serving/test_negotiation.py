"""Accept, Accept-Encoding and If-None-Match as clients write them."""

import pytest

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.headers import by_name
from publicgsb.schema.serving.conditional import kept_tag, tag_of
from publicgsb.schema.serving.negotiation import GRAPHQL_RESPONSE, PLAIN_JSON, Wishes, read_wishes


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (b"", PLAIN_JSON),
        (b"*/*", PLAIN_JSON),
        (b"application/*;q=0.5", PLAIN_JSON),
        (b"application/graphql-response+json, application/json;q=0.9", GRAPHQL_RESPONSE),
        (b"application/json;q=0.2, application/graphql-response+json;q=0.3", GRAPHQL_RESPONSE),
        (b"application/json, application/graphql-response+json", PLAIN_JSON),
        (b"Application/GraphQL-Response+JSON ; charset=utf-8", GRAPHQL_RESPONSE),
        (b"application/graphql-response+json;q=0, application/json", PLAIN_JSON),
        (b"application/graphql-response+json;q=0.000, */*", PLAIN_JSON),
        (b"application/json;q=0, */*;q=0.1", GRAPHQL_RESPONSE),
        (b"text/html, application/json;q=bogus, application/graphql-response+json;q=0.1", GRAPHQL_RESPONSE),
    ],
)
def test_the_media_type_with_the_most_weight_is_made(accept: bytes, media: bytes) -> None:
    assert read_wishes({b"accept": accept} if accept else {}).media == media


@pytest.mark.parametrize("accept", [b"text/html", b"application/json;q=0", b"*/*;q=0", b"application/json;q=2"])
def test_what_cannot_be_made_is_406(accept: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_wishes({b"accept": accept})
    assert refused.value.http_status == 406


def test_headers_that_are_there_twice_are_read_as_one_list() -> None:
    headers = by_name(
        [
            (b"accept", b"text/html"),
            (b"accept", GRAPHQL_RESPONSE),
            (b"accept-encoding", b"br"),
            (b"accept-encoding", b"gzip"),
            (b"if-none-match", b'"a"'),
            (b"if-none-match", b'"b"'),
        ]
    )
    wishes = read_wishes(headers)
    assert wishes == Wishes(GRAPHQL_RESPONSE, True, b'"a","b"')


def test_a_header_of_any_length_is_read() -> None:
    assert read_wishes({b"accept-encoding": b"x, " * 5_000 + b"gzip"}).takes_gzip


def test_a_tag_is_confirmed_for_its_own_media_type_only() -> None:
    tag = tag_of(b"e", PLAIN_JSON, False)
    assert kept_tag(Wishes(PLAIN_JSON, condition=tag), b"e") == tag
    assert kept_tag(Wishes(GRAPHQL_RESPONSE, condition=tag), b"e") is None
    assert kept_tag(Wishes(PLAIN_JSON, condition=tag), b"f") is None
