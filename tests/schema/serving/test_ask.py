"""Bodies and URLs of every form: what is not exactly one request is refused before GraphQL is looked at."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.serving.ask import Ask, Malformed, parse_ask
from publicgsb.schema.serving.ask_url import read_url

HASH = "a" * 64


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "{ a }", "query": "{ b }"}',
        b'{"query": "{ a }", "\\u0071uery": "{ b }"}',
        b'{"query": "{ a }", "variables": {}, "variables": {"a": 1}}',
        b'{"query": "{ a }", "operationName": null, "operationName": "A"}',
        b'{"documentId": "sha256:x", "documentId": "sha256:y"}',
        b'{"query": "{ a }", "extensions": 0}',
        b'{"query": "{ a }", "extensions": false}',
        b'{"query": "{ a }", "extensions": []}',
        b'{"query": "{ a }", "variables": 0}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ a }", "variables": {"a": NaN}}',
        b'{"query": "{ a }", "variables": {"a": 1e999}}',
        b'{"query": "{ a }", "query": 1, "variables": ' + b'{"a":' * 1010 + b"1" + b"}" * 1010 + b"}",
        b'[{"query": "{ a }"}]',
    ],
)
def test_a_body_that_two_readers_could_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_ask(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "{ a }", "variables": {"query": "query", "variables": "\\u00e9"}}',
        b'{"query": "{ a(b: \\"query\\") }", "variables": {"x": {"query": 1}}, "extensions": null}',
        b'{"query": "{ a }", "unknown": [1], "operationName": ""}',
    ],
)
def test_the_same_name_in_other_places_is_no_double(body: bytes) -> None:
    assert parse_ask(body).query.startswith("{ a")


def test_a_url_and_a_body_ask_the_same() -> None:
    asked = Ask("{ a }", "A", {"b": "ب"}, HASH)
    members = '"query": "{ a }", "operationName": "A", "variables": {"b": "ب"}, "documentId": "sha256:'
    assert parse_ask(f'{{{members}{HASH}"}}'.encode()) == asked
    url = b"query=%7B+a+%7D&operationName=A&variables=%7B%22b%22:%22%D8%A8%22%7D&documentId=sha256:"
    assert read_url(url + HASH.encode()) == asked


@given(st.binary(max_size=200))
def test_no_bytes_break_the_readers(text: bytes) -> None:
    for read in (parse_ask, read_url):
        with suppress(InvalidRequest):
            assert isinstance(read(text), Ask)


LEAVES = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


@given(st.dictionaries(st.sampled_from(["query", "variables", "documentId", "extensions", "operationName"]), VALUES))
def test_no_json_breaks_the_reader(body: dict[str, object]) -> None:
    with suppress(InvalidRequest):
        assert isinstance(parse_ask(json.dumps(body).encode()), Ask)
