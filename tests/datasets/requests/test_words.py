"""What is refused in words that everybody reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.requests.words import TEXT_LENGTH, check_address, check_words, personal_in
from publicgsb.platform.kernel.errors import InvalidRequest

PLAIN = "لطفاً فهرست ایستگاه‌های سنجش هوا را با مختصات آن‌ها منتشر کنید."


def refused(text: str) -> str:
    with pytest.raises(InvalidRequest) as error:
        check_words("text", text, TEXT_LENGTH)
    return str(error.value.details["reason"])


def test_persian_with_its_joiners_and_lines_stays_as_it_is() -> None:
    text = f"{PLAIN}\n\n\tردیف دوم\u200f"
    assert check_words("text", f"  {text} \n", TEXT_LENGTH) == text


def test_markup_stays_text() -> None:
    text = "<script>alert(1)</script> <img src=x onerror=alert(1)> &amp;"
    assert check_words("text", text, TEXT_LENGTH) == text


@pytest.mark.parametrize("mark", list("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
def test_marks_that_turn_the_direction_are_refused(mark: str) -> None:
    assert refused(f"{PLAIN}{mark}txt.exe") == "characters"


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\r", "\ud800", "\ue000", "\u2028"])
def test_control_characters_are_refused(character: str) -> None:
    assert refused(f"{PLAIN}{character}!") == "characters"


@pytest.mark.parametrize("text", ["", " " * 50, "too short", "x" * 4_001, "123456 !!! ??? *** 000 --- ..."])
def test_what_is_too_short_too_long_or_says_nothing_is_refused(text: str) -> None:
    assert refused(text) == "text"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("کد ملی من ۰۰۸۴۵۷۵۹۴۸ است", "a national id number"),
        ("my number is 0912 345 6789, call me", "a mobile phone number"),
        ("+989123456789", "a mobile phone number"),
        ("۰۹۱۲\u200c۳۴۵\u200c۶۷۸۹", "a mobile phone number"),
        ("شبا IR06 2960 0000 0010 0324 2000 01", "an account number"),
        ("write to somebody.of.mine@gmail.com please", "a personal e-mail address"),
        ("write to info@moi.ir please", None),
        ("the census of 1395, table 12, 31 provinces, 1,245 cities", None),
        ("دفتر مرکزی: ۰۲۱-۸۸۸۸۸۸۸۸", None),
    ],
)
def test_personal_data_are_found_however_they_are_written(text: str, kind: str | None) -> None:
    assert personal_in(text) == kind


def test_a_text_with_personal_data_is_refused_without_repeating_them() -> None:
    with pytest.raises(InvalidRequest) as error:
        check_words("text", f"{PLAIN} 09123456789", TEXT_LENGTH)
    assert error.value.details["reason"] == "personal_data"
    assert "0912" not in str(error.value.as_problem("r"))


@given(st.text(max_size=5_000))
def test_whatever_comes_is_taken_as_it_is_or_refused(text: str) -> None:
    try:
        taken = check_words("text", text, TEXT_LENGTH)
    except InvalidRequest as error:
        assert error.details["reason"] in ("text", "characters", "personal_data")
    else:
        assert taken == text.strip()
        assert "\0" not in taken


@pytest.mark.parametrize("address", ["a@example.org", " a.b+c@sub.example.ir "])
def test_an_address_is_taken(address: str) -> None:
    assert check_address(address) == address.strip()


@pytest.mark.parametrize(
    "address", ["", "a", "a@b", "a@example.org\nBcc: b@example.org", f"{'a' * 64}@{'b.' * 120}org"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidRequest):
        check_address(address)
