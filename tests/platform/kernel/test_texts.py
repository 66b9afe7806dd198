"""What the database would refuse is known before it is asked."""

import pytest

from publicgsb.platform.kernel.texts import is_storable


@pytest.mark.parametrize("text", ["", "plain", "دادهٔ شخصی", "😀", "\x01\u2028"])
def test_any_other_text_can_be_stored(text: str) -> None:
    assert is_storable(text)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "a\udfffb"])
def test_a_nul_and_half_a_character_cannot(text: str) -> None:
    assert not is_storable(text)
