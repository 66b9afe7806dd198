from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.privacy.detectors import (
    forms,
    is_bank_card,
    is_ip,
    is_legal_id,
    is_mobile,
    is_national_id,
    is_personal_mail,
    is_sheba,
    national_numbers,
)


@pytest.mark.parametrize("digits", ["0499370899", "0790419904", "0084575948", "0963695398", "84575948"])
def test_published_examples_of_national_ids_fit(digits: str) -> None:
    assert is_national_id(digits)


@pytest.mark.parametrize("digits", ["0499370898", "1111111111", "1230000001", "12345678901", ""])
def test_what_is_no_national_id_does_not_fit(digits: str) -> None:
    assert not is_national_id(digits)


def test_published_examples_of_accounts_and_cards_fit() -> None:
    assert is_sheba("820540102680020817909002")
    assert is_sheba("062960000000100324200001")
    assert not is_sheba("062960000000100324200002")
    assert is_bank_card("6037701689095443")
    assert not is_bank_card("6219861034529008")
    assert not is_bank_card("4111111111111111")


def test_mobile_numbers_are_told_by_their_operator() -> None:
    assert is_mobile("9123456789")
    assert not is_mobile("9523456789")


def _fits_as_written(digits: str) -> bool:
    """The rule as it is published, digit by digit."""
    rest = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    is_plain = len(set(digits)) > 1 and digits[3:9] != "000000"
    return is_plain and int(digits[9]) == (rest if rest < 2 else 11 - rest)


@given(st.lists(st.integers(0, 9_999_999_999), max_size=50))
def test_the_tables_of_the_check_say_what_the_published_rule_says(numbers: list[int]) -> None:
    assert national_numbers(numbers) == [number for number in numbers if _fits_as_written(f"{number:010d}")]


def test_every_remainder_of_the_national_rule_is_met() -> None:
    numbers = list(range(10_000_000, 10_002_000)) + list(range(1_234_500_000, 1_234_502_000))
    assert national_numbers(numbers) == [number for number in numbers if _fits_as_written(f"{number:010d}")]


@pytest.mark.parametrize("digits", ["10380284790", "10100171920", "10861836886"])
def test_published_ids_of_legal_persons_fit(digits: str) -> None:
    assert is_legal_id(digits)
    assert not is_legal_id(digits[:-1] + str((int(digits[-1]) + 1) % 10))


def test_mailboxes_of_people_are_told_from_those_of_offices() -> None:
    assert is_personal_mail("Sara.Nemooneh+x@Gmail.com")
    assert not is_personal_mail("info@gmail.com")
    assert not is_personal_mail("s.nemooneh@mcls.gov.ir")


def test_versions_and_section_numbers_are_no_addresses() -> None:
    assert is_ip("185.143.233.5") and is_ip("2a01:4f8::1")
    assert not is_ip("1.2.3.4") and not is_ip("10.0.19.1") and not is_ip("300.1.1.1") and not is_ip("12:30:45")


@given(st.from_regex(r"[0-9]{1,40}", fullmatch=True), st.booleans())
def test_any_run_of_digits_has_at_most_three_forms(digits: str, is_after_ir: bool) -> None:
    assert len(forms(digits, is_after_ir)) <= 3


def test_a_changed_digit_breaks_every_check(people: Any) -> None:
    for _ in range(50):
        national, card, sheba = people.national_id(), people.card(), people.sheba()[2:]
        assert is_national_id(national)
        assert is_bank_card(card)
        assert is_sheba(sheba)
        assert not is_bank_card(card[:-1] + str((int(card[-1]) + 1) % 10))
        assert not is_sheba(sheba[:-1] + str((int(sheba[-1]) + 1) % 10))
