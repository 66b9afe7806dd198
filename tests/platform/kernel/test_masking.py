"""What is quoted from a caller loses its keys and tokens, wherever it stands, and nothing else."""

import pytest

from publicgsb.apikeys.format import draw
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.masking import mask_all, mask_credentials

KEY = draw(KeyKind.LIVE).text
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzM2NyM3QifQ.c2lnbmF0dXJlLXMzY3IzdA"


@pytest.mark.parametrize("token", [TOKEN, TOKEN.replace(".", "...", 1), TOKEN[:30], TOKEN + "."])
def test_nothing_of_a_token_stays_also_when_it_was_shortened(token: str) -> None:
    assert mask_credentials(f"saw '{token}' there").replace(".", "") == "saw '***' there"


def test_of_a_key_the_public_part_stays() -> None:
    assert mask_credentials(f"({KEY})") == f"({KEY[:13]}***)"


@pytest.mark.parametrize("text", ["", "gsb", "gsb_reader", "gsbl_short", "eyJ", "the eye of eyJab", "کلید"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert mask_credentials(text) == text


def test_lists_and_objects_are_masked_through_and_through() -> None:
    masked = mask_all({KEY: [{"a": (TOKEN, 1, None)}]})
    assert masked == {f"{KEY[:13]}***": [{"a": ("***", 1, None)}]}


def test_an_error_repeats_no_key_of_the_text_that_it_quotes() -> None:
    error = InvalidRequest(f"There is no {KEY}.", hint=f"Try {TOKEN}", given={"key": KEY}, names=[KEY])
    for told in (error.as_problem("req_1"), error.as_graphql("req_1"), error.args):
        assert KEY[13:] not in str(told)
        assert TOKEN[-10:] not in str(told)
