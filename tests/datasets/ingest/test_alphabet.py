"""The order of a Persian dictionary, held to a list that was written down in it."""

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from publicgsb.datasets.ingest.alphabet import KEY_CHARACTERS_MAX, LETTERS, sort_key

WORDS = Path(__file__).with_name("alphabet_golden.txt").read_text(encoding="utf-8").split()
Z = "\u200c"
TEXTS = st.text(st.sampled_from(f"آابپتکگوهیيكئؤأۀ {Z}-۱2aZé\u0640\u064e"))


def ordered(words: list[str]) -> list[str]:
    """By the bytes of the keys, as the database compares them."""
    shuffled = random.Random(7).sample(words, len(words))
    return sorted(shuffled, key=lambda word: sort_key(word).encode())


def test_a_dictionary_s_words_stand_in_its_order() -> None:
    assert len(WORDS) >= 100
    assert len({sort_key(word) for word in WORDS}) == len(WORDS)
    assert ordered(WORDS) == WORDS


def test_every_letter_has_its_place() -> None:
    assert "".join(ordered(list(LETTERS))) == "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"


def test_spellings_of_one_name_stand_in_one_place() -> None:
    for name, *others in (
        ("علی آباد", f"علی{Z}آباد", "علیآباد", "علي آباد", "علی ا\u0653باد", "عَلی‌آباد", "علی-آباد"),
        ("کرمان", "كرمان", "کِرمان", "کرمـان"),
        ("خانه سبز", "خانۀ سبز", "خانهٔ سبز", f"خانه{Z}ی سبز"),
        ("منطقه ۱۲", "منطقهٔ 12", "منطقه ١٢", "منطقه ۰۱۲"),
        ("Café", "CAFE", "cafe\u0301"),
    ):
        assert {sort_key(other) for other in others} == {sort_key(name)}


def test_numbers_come_first_and_by_size_then_persian_then_latin_then_the_rest() -> None:
    wanted = ["۹", "10", "۱۰۰۰۰", "آب", "یزد", "abc", "Zurich", "москва"]
    assert ordered(wanted) == wanted
    zones = [f"منطقه {number}" for number in range(1, 23)]
    assert ordered(zones) == zones


def test_a_shorter_word_comes_before_what_begins_with_it() -> None:
    assert ordered(["کرمانشاه", "کرمان"]) == ["کرمان", "کرمانشاه"]


@given(TEXTS)
def test_a_key_is_short_enough_for_an_index_and_plain_for_these_scripts(text: str) -> None:
    key = sort_key(text * 50)
    assert len(key) <= KEY_CHARACTERS_MAX
    assert key.isascii()
    assert key.isprintable()
