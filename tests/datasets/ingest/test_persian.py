import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.ingest import persian


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي آباد", "علی‌اباد"),
        ("كرمانشاه", "کرمانشاه"),
        ("تـــهران", "تهران"),
        ("خانهٔ  سبز", "خانه سبز"),
        ("مُحَمَّد", "محمد"),
        ("منطقه ۱۲", "منطقه 12"),
        ("Café THR", "cafe thr"),
        ("مسئول", "مسیول"),
    ],
)
def test_two_spellings_of_a_name_fold_to_one(one: str, other: str) -> None:
    assert persian.fold(one) == persian.fold(other)


def test_different_names_stay_different() -> None:
    assert persian.fold("بابل") != persian.fold("بابلسر")


@given(st.text(alphabet="ابپتچحخدذرزژسشصضطظعغفقکگلمنوهیيكئؤآأۀة ‌ـَُِّٔ۰۱٢aZ é"))
def test_folding_again_changes_nothing(text: str) -> None:
    assert persian.fold(persian.fold(text)) == persian.fold(text)


@given(st.text())
def test_digits_of_every_script_become_ascii_and_keep_their_place(text: str) -> None:
    plain = persian.digits(text)
    assert len(plain) == len(text)
    assert not any(c.isdecimal() and not c.isascii() for c in plain)
