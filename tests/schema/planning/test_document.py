"""Hostile documents are refused in time that is linear in their length, before any superlinear rule runs."""

import gc
from contextlib import suppress

import pytest
from graphql import GraphQLSchema, build_schema

from publicgsb.schema.planning.document import read_document, tighten_validation
from publicgsb.schema.planning.refusal import RefusedDocument

SCHEMA = build_schema(
    "type Query { a(n: Int): Query  s: String  long_name_of_a_field: String } "
    + "".join(f"type Other{i} {{ field_{i}: String }} " for i in range(50))
)


def refused(source: str, schema: GraphQLSchema = SCHEMA) -> RefusedDocument:
    tighten_validation()
    with pytest.raises(RefusedDocument) as caught:
        read_document(schema, source)
    return caught.value


def doubling(levels: int) -> str:
    fragments = "".join(f"fragment F{i} on Query {{ ...F{i + 1} a {{ ...F{i + 1} }} }} " for i in range(levels))
    return "{ ...F0 } " + fragments + f"fragment F{levels} on Query {{ s }}"


def test_a_document_that_expands_to_astronomical_size_is_measured_and_refused() -> None:
    assert refused(doubling(40)).details["reason"] == "limits"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{", "parse"),
        ("", "parse"),
        ("{ a { } }", "parse"),
        ("{ nope }", "validation"),
        ("{ ...Nope }", "validation"),
        ("{ a { ...F } } fragment F on Query { a { ...F } }", "validation"),
        ("{ a }", "validation"),
        ("{ s { x } }", "validation"),
        ("query($x: Nope) { s }", "validation"),
        ("{ " + "a { " * 13 + "s" + " }" * 14, "limits"),
        ("{ " + "a { " * 300 + "s" + " }" * 301, "parse"),
        ("{ " + " ".join(f"x{i}: s" for i in range(51)) + " }", "limits"),
        ("{ " + "s " * 501 + "}", "limits"),
        ("{ " + "s " * 1001 + "}", "parse"),
        ("#\n" * 51 + "{ s }", "parse"),
        ('{ a(n: "' + "x" * 17_000 + '") { s } }', "limits"),
    ],
)
def test_each_bound_refuses_with_its_reason(source: str, reason: str) -> None:
    assert refused(source).details["reason"] == reason


def test_a_hundred_misspelt_fields_cost_five_errors_and_no_suggestion() -> None:
    source = "{ " + " ".join(f"long_name_of_a_fielt{i}" for i in range(100)) + " }"
    refusal = refused(source)
    assert len(refusal.errors) == 5
    assert not any("Did you mean" in error.message for error in refusal.errors)


def test_introspection_of_tools_is_deeper_than_data_may_be() -> None:
    nested = "ofType { " * 9 + "name" + " }" * 9
    document = read_document(SCHEMA, "{ __schema { types { fields { type { " + nested + " } } } } }")
    assert document.operation(None)


def test_several_operations_need_a_name_and_an_unknown_one_is_refused() -> None:
    document = read_document(SCHEMA, "query A { s } query B { s }")
    assert document.operation("B").name
    for name in (None, "C"):
        with pytest.raises(RefusedDocument):
            document.operation(name)


WIDE = build_schema(
    "type Query { list(first: Int): List } type List { nodes: [Node] total: Int } "
    "type Node { " + " ".join(f"f{i}: String" for i in range(10)) + " one: Node list(first: Int): List }"
)
TEN = " ".join(f"f{i}" for i in range(10))


def test_the_largest_document_that_the_other_bounds_leave_is_not_too_much_to_compare() -> None:
    """40 lists of 10 fields below a record, written out over 16 kB as people and tools indent."""
    lists = [f"l{i}: list(first: 5) {{ nodes {{ {TEN} }} }}" for i in range(40)]
    source = "{ list { nodes {\n" + (" " * 300 + "\n").join(lists) + "\n} } }"
    assert 14_000 < len(source) <= 16_384
    tighten_validation()
    assert read_document(WIDE, source)


def test_thirty_components_may_ask_for_the_same_and_sixty_siblings_may_not() -> None:
    def siblings(count: int) -> str:
        fields = "f0 f1 f2 one { f0 f1 }"
        spread = " ".join(f"...C{i}" for i in range(count))
        return f"{{ list {{ nodes {{ {spread} }} }} }}" + "".join(
            f" fragment C{i} on Node {{ {fields} }}" for i in range(count)
        )

    tighten_validation()
    assert read_document(WIDE, siblings(30))
    assert "aborted" in refused(siblings(60), WIDE).errors[0].message


@pytest.mark.parametrize("source", ["{ " + "a { s } " * 120 + "}", "{ " + "nope " * 100 + "}"])
def test_no_collection_finds_a_validation_half_done(source: str) -> None:
    """What it makes is garbage in circles a moment later, and a worker freezes what a long collection finds alive."""
    begun: list[str] = []

    def note(phase: str, about: dict[str, int]) -> None:
        begun.append(phase)

    before = gc.get_threshold()
    gc.callbacks.append(note)
    gc.set_threshold(1)  # at every second object
    try:
        with suppress(RefusedDocument):
            begun.clear()
            read_document(SCHEMA, source)
        within = len(begun)
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(note)
    assert within < 20  # before and after
