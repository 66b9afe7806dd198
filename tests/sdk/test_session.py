"""Which documents may be sent again: the word mutation counts only where it means one."""

import pytest

from publicgsb_sdk.session import is_safe


@pytest.mark.parametrize(
    "document",
    [
        "{ a }",
        "query mutation { a }",
        '# mutation {\n{ a(x: "} mutation {") }',
        '{ a(x: """ } mutation "quoted" """) }',
        "query A { mutation }",
    ],
)
def test_a_document_of_queries_may_be_sent_again(document: str) -> None:
    assert is_safe(document)


@pytest.mark.parametrize(
    "document",
    [
        "mutation { b }",
        "  # a note\n mutation M { b }",
        "query A { a } mutation B { b }",
        "\ufeff,mutation { b }",
    ],
)
def test_a_document_with_a_mutation_may_not(document: str) -> None:
    assert not is_safe(document)
