"""The name of an answer: one name for one answer, and none where other things can change it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from publicgsb.platform.kernel.errors import Withheld
from publicgsb.schema.planning.model import FieldError, Plan
from publicgsb.schema.serving.identity import Identity, entity_tag, identity
from publicgsb.schema.sql.prepare import Prepared

PLAN = Plan((), (), (), (), (), (), frozenset(), None, False, False, False)
PREPARED = Prepared(None, (), (), (), b"[]", (), ((7,), (3,), ("c",)))


def named(variables: dict[str, Any]) -> Identity:
    found = identity("op", PLAN, variables, PREPARED)
    assert found is not None
    return found


def test_variables_are_written_in_one_way() -> None:
    assert named({"a": 1, "b": {"c": [1], "d": None}}) == named({"b": {"d": None, "c": [1]}, "a": 1})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": None}, {}),
        ({"a": 1}, {"a": 2}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": ""}, {"a": None}),
        ({"a": date(2026, 1, 1)}, {"a": date(2026, 1, 2)}),
        ({"a": Decimal("1.1")}, {"a": Decimal("1.2")}),
        ({"a": datetime(2026, 1, 1, tzinfo=UTC)}, {"a": datetime(2026, 1, 1, 1, tzinfo=UTC)}),
        ({"a": 2**63 - 1}, {"a": 2**63 - 2}),
    ],
)
def test_different_variables_have_different_names(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert named(one) != named(other)
    assert entity_tag(named(one), b"k") != entity_tag(named(other), b"k")


def test_every_part_is_in_the_tag_and_so_is_the_secret() -> None:
    base = named({"a": 1})
    others = [
        base._replace(operation="other"),
        base._replace(variables=b"{}"),
        base._replace(state=((8,), (3,), ("c",))),
        base._replace(state=((7,), (4,), ("c",))),
        base._replace(state=((7,), (3,), ("d",))),
    ]
    tags = {entity_tag(one, b"k") for one in (base, *others)} | {entity_tag(base, b"another")}
    assert len(tags) == 7
    assert entity_tag(base, b"k") == entity_tag(base, b"k")


def test_an_answer_with_static_fields_errors_or_unknown_values_has_no_name() -> None:
    failed = replace(PREPARED, errors=(FieldError(("a",), Withheld("Not released.")),))
    assert identity("op", PLAN, {}, failed) is None
    assert identity("op", replace(PLAN, is_free=True), {}, PREPARED) is None
    assert identity("op", PLAN, {"a": object()}, PREPARED) is None
