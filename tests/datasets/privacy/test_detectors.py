from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.privacy.detectors import forms, is_bank_card, is_mobile, is_national_id, is_sheba


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


@given(st.from_regex(r"[0-9]{1,40}", fullmatch=True), st.booleans())
def test_any_run_of_digits_has_at_most_two_forms(digits: str, is_after_ir: bool) -> None:
    assert len(forms(digits, is_after_ir)) <= 2


def test_a_changed_digit_breaks_every_check(people: Any) -> None:
    for _ in range(50):
        national, card, sheba = people.national_id(), people.card(), people.sheba()[2:]
        assert is_national_id(national)
        assert is_bank_card(card)
        assert is_sheba(sheba)
        assert not is_bank_card(card[:-1] + str((int(card[-1]) + 1) % 10))
        assert not is_sheba(sheba[:-1] + str((int(sheba[-1]) + 1) % 10))
