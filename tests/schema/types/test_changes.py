"""What a reader of one schema meets in the next, by schema coordinate."""

import pytest

from publicgsb.schema.types.changes import Change, ChangeKind, changes_between

BEFORE = """
directive @old on FIELD
type Query { a(x: Int, y: Int = 1): Thing, b: String, gone: Int, "Words." same: Int }
type Thing { id: ID!, name: String }
enum Order { ASC DESC }
input Where { a: Int }
scalar Lost
"""


def changed(old: str, new: str) -> list[tuple[str, str, bool]]:
    assert old in BEFORE
    return [(one.kind.value, one.path, one.is_breaking) for one in changes_between(BEFORE, BEFORE.replace(old, new))]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("b: String", "b: String, c: Int", ("added", "Query.c", False)),
        ("gone: Int,", "", ("removed", "Query.gone", True)),
        ("b: String", "b: String!", ("changed", "Query.b", False)),
        ("b: String", "b: Int", ("changed", "Query.b", True)),
        ("b: String", 'b: String @deprecated(reason: "Use a.")', ("deprecated", "Query.b", False)),
        ("x: Int,", "", ("removed", "Query.a(x:)", True)),
        ("x: Int,", "x: Int, z: Int,", ("added", "Query.a(z:)", False)),
        ("y: Int = 1", "y: Int = 2", ("changed", "Query.a(y:)", False)),
        ("y: Int = 1", "y: Int = 1 @deprecated", ("deprecated", "Query.a(y:)", False)),
        ("scalar Lost", "", ("removed", "Lost", True)),
        ("scalar Lost", "scalar Lost scalar Found", ("added", "Found", False)),
        ("ASC DESC", "ASC DESC NONE", ("added", "Order.NONE", False)),
        ("ASC DESC", "ASC", ("removed", "Order.DESC", True)),
        ("ASC DESC", "ASC DESC @deprecated", ("deprecated", "Order.DESC", False)),
        ("input Where { a: Int }", "input Where { a: Int, b: Int! }", ("added", "Where.b", True)),
        ("directive @old on FIELD", "directive @old on FIELD directive @new on FIELD", ("added", "@new", False)),
    ],
)
def test_each_kind_of_change_is_told_with_its_coordinate(old: str, new: str, expected: tuple[str, str, bool]) -> None:
    assert changed(old, new) == [expected]


def test_other_words_in_a_description_are_no_change_and_neither_is_another_order() -> None:
    assert changed('"Words."', '"Other words."') == []
    assert changed("id: ID!, name: String", "name: String, id: ID!") == []


def test_removals_come_last_and_what_was_deprecated_before_is_not_told_again() -> None:
    once = BEFORE.replace("b: String", "b: String @deprecated")
    assert changes_between(once, once) == []
    both = changes_between(BEFORE, once.replace("gone: Int", "come: Int"))
    assert [one.kind for one in both] == [ChangeKind.ADDED, ChangeKind.DEPRECATED, ChangeKind.REMOVED]
    assert both[1] == Change(ChangeKind.DEPRECATED, "Query.b", "No longer supported")
