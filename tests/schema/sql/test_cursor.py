"""A cursor that this service did not make is refused, whatever was done to it."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.schema.conftest import Ask

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.sql.cursor import read_cursor

SECRET = b"0123456789abcdef"
URL_SAFE = string.ascii_letters + string.digits + "-_"


def refuse(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_cursor(text, SECRET)
    assert caught.value.details["reason"] == "cursor"


@given(st.text(max_size=200))
def test_no_text_of_anybody_is_a_cursor(text: str) -> None:
    refuse(text)


@pytest.mark.parametrize("text", ["", "!!!!", "é", "A" * 3000, base64.urlsafe_b64encode(b"00000000[]").decode()])
def test_broken_forms_are_refused(text: str) -> None:
    refuse(text)


async def cursor_of(ask: Ask, order: str) -> str:
    answer = await ask(f"{{ air {{ airports(first: 1, orderBy: {order}) {{ pageInfo {{ endCursor }} }} }} }}")
    cursor: str = answer["data"]["air"]["airports"]["pageInfo"]["endCursor"]
    return cursor


async def test_any_changed_character_is_noticed(ask: Ask) -> None:
    cursor = await cursor_of(ask, "CITY_ASC")
    for place in range(len(cursor) - 1):
        other = URL_SAFE[(URL_SAFE.index(cursor[place]) + 1) % 64]
        with pytest.raises(InvalidRequest):
            await ask(
                "query($c: String) { air { airports(after: $c, orderBy: CITY_ASC) { nodes { icao } } } }",
                {"c": cursor[:place] + other + cursor[place + 1 :]},
            )


@pytest.mark.parametrize(
    "field", ["air { airports(after: $c) { totalCount } }", "geo { countries(after: $c) { totalCount } }"]
)
async def test_a_cursor_of_another_list_or_order_is_refused(ask: Ask, field: str) -> None:
    cursor = await cursor_of(ask, "CITY_ASC")
    with pytest.raises(InvalidRequest) as caught:
        await ask(f"query($c: String) {{ {field} }}", {"c": cursor})
    assert caught.value.details["reason"] == "cursor"
