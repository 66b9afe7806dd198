"""A document is asked for its price in its own place, whatever stands around it."""

import pytest

from publicgsb_sdk import InvalidRequest
from publicgsb_sdk.prices import PRICE, dry_run, question


@pytest.mark.parametrize(
    ("document", "operation", "before"),
    [
        ("{ a }", None, "{"),
        ("query A { a }", None, "query A {"),
        ("query A($w: W = { x: { eq: 1 } }) @d(o: {}) { a }", None, "query A($w: W = { x: { eq: 1 } }) @d(o: {}) {"),
        ("# { not here\nquery { a }", None, "# { not here\nquery {"),
        ('query A($x: S = "{") { a }', None, 'query A($x: S = "{") {'),
        ("fragment F on T { b } query A { ...F }", None, "fragment F on T { b } query A {"),
        ("query A { a } query B { b }", "B", "query A { a } query B {"),
    ],
)
def test_the_price_is_asked_in_the_operation(document: str, operation: str | None, before: str) -> None:
    assert dry_run(document, operation) == before + PRICE + document[len(before) :]


@pytest.mark.parametrize(
    ("document", "operation"), [("query A { a }", "B"), ("fragment F on T { b }", None), ("", None)]
)
def test_a_document_without_the_operation_is_refused(document: str, operation: str | None) -> None:
    with pytest.raises(InvalidRequest, match="no operation"):
        dry_run(document, operation)


def test_all_pages_of_a_walk_are_one_question() -> None:
    assert question("q", {"first": 9, "after": "c1"}, None) == question("q", {"first": 9, "after": "c2"}, None)
    assert question("q", {"first": 9, "after": "c1"}, None) != question("q", {"first": 8, "after": "c1"}, None)
    assert question("q", {"first": 9}, None) == question("q", {"first": 9, "after": "c1"}, None)
