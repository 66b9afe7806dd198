"""One question has one hash, on both sides of the wire, and two questions never the same."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.schema.serving.ask import Ask
from publicgsb.schema.serving.question import canonical, question_hash
from publicgsb_sdk import question as sdk

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ({"b": 1, "a": [True, False, None]}, '{"a":[true,false,null],"b":1}'),
        ("€$\x0f\nA'B\"\\\\\"/\x7f", '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'),
        ({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "ö": 7},
         '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"\U0001f600":5,"\ufb33":3}'),
        (333333333.33333329, "333333333.3333333"),
        (1e30, "1e+30"),
        (4.50, "4.5"),
        (2e-3, "0.002"),
        (0.000000000000000000000000001, "1e-27"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (-1.5e-9, "-1.5e-9"),
        (2**63, "9223372036854775808"),
        (9007199254740993, "9007199254740993"),
        (2**64, "18446744073709552000"),
    ],
)  # fmt: skip
def test_values_are_written_as_the_standard_writes_them(value: Any, text: str) -> None:
    """Numbers and keys of RFC 8785's own examples; integers of 64 bits in full are ours."""
    assert canonical(value) == sdk.canonical(value) == text


@given(JSON_VALUES)
def test_both_sides_write_whatever_travels_alike(value: Any) -> None:
    sent = json.dumps(value, ensure_ascii=False)
    assert canonical(orjson.loads(sent)) == sdk.canonical(json.loads(sent))


@given(JSON_VALUES)
def test_what_is_written_means_the_same_and_is_written_so_again(value: Any) -> None:
    text = canonical(orjson.loads(json.dumps(value)))
    assert canonical(orjson.loads(text)) == text


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4))
def test_both_sides_hash_a_question_alike(variables: dict[str, Any]) -> None:
    sent = orjson.loads(json.dumps(variables))
    assert question_hash(Ask("{ a }", "Q", sent)) == sdk.question_hash("{ a }", variables, "Q")


def test_what_differs_in_any_part_is_another_question() -> None:
    asks = [
        Ask("{ a }", None, {}),
        Ask("{ a } ", None, {}),
        Ask("{ a }", "Q", {}),
        Ask("{ a }", None, {"Q": 1}),
        Ask("{ a }", None, {"Q": "1"}),
        Ask("{ a }", "Q\n{}", {}),
    ]
    assert len({question_hash(ask) for ask in asks}) == len(asks)
