"""A damaged key is told offline, and never repeated in the message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.apikeys.format import draw
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb_sdk import Unauthenticated
from publicgsb_sdk.key import checked

KEY = draw(KeyKind.LIVE).text


@pytest.mark.parametrize("kind", KeyKind)
def test_every_kind_of_key_that_the_server_draws_passes(kind: KeyKind) -> None:
    text = draw(kind).text
    assert checked(f" {text}\n") == text


@given(st.integers(6, 50))
def test_a_cut_key_is_called_truncated(length: int) -> None:
    with pytest.raises(Unauthenticated, match="cut off") as refused:
        checked(KEY[:length])
    assert refused.value.reason == "truncated"


@given(st.integers(5, 50), st.sampled_from("0Az"))
def test_a_changed_character_is_found_by_the_checksum(place: int, sign: str) -> None:
    if KEY[place] == sign:
        return
    with pytest.raises(Unauthenticated, match="checksum"):
        checked(KEY[:place] + sign + KEY[place + 1 :])


@pytest.mark.parametrize("text", ["sk_live_123", "gsbl_", KEY + "x", KEY[:20] + "-" + KEY[21:], "gsbl_ی"])
def test_what_is_no_key_is_called_malformed_and_not_repeated(text: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        checked(text)
    assert refused.value.reason == "malformed"
    assert text[5:] not in str(refused.value) or not text[5:]
