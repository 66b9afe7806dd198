"""The check digit of national legal ids, in whatever digits they are written."""

import pytest

from publicgsb.apikeys.people.legal_id import check_digit, is_legal_id, normalised


def test_the_published_example_is_valid() -> None:
    assert is_legal_id("10380284790")


@pytest.mark.parametrize("ten", ["1010123456", "1400765432", "1086111111", "0000123457", "1032067890"])
def test_of_all_eleventh_digits_one_is_right(ten: str) -> None:
    assert [digit for digit in "0123456789" if is_legal_id(ten + digit)] == [check_digit(ten)]


def test_a_rest_of_ten_counts_as_nought() -> None:
    weights = (29, 27, 23, 19, 17) * 2
    tens = [
        str(ten)
        for ten in range(1010000010, 1010000200)
        if sum((int(d) + int(str(ten)[9]) + 2) * w for d, w in zip(str(ten), weights, strict=True)) % 11 == 10
    ]
    assert tens
    assert all(is_legal_id(ten + "0") for ten in tens)


def test_a_changed_digit_is_nearly_always_caught() -> None:
    """Not always: ten and nought share a check digit, so a rare pair of digits looks alike."""
    right = "10380284790"
    wrong = [right[:at] + digit + right[at + 1 :] for at in range(9) for digit in "0123456789" if digit != right[at]]
    assert sum(map(is_legal_id, wrong)) <= len(wrong) * 0.1


@pytest.mark.parametrize("text", ["", "1038028479", "103802847900", "1038028479x", "00000000000", "10100000007"])
def test_what_is_no_legal_id_is_refused(text: str) -> None:
    assert not is_legal_id(text)


@pytest.mark.parametrize("text", ["۱۰۳۸۰۲۸۴۷۹۰", "١٠٣٨٠٢٨٤٧٩٠", " 1038-0284-790 ", "\u200e10380284790\u200f"])
def test_persian_and_arabic_digits_and_marks_are_normalised(text: str) -> None:
    assert normalised(text) == "10380284790"
