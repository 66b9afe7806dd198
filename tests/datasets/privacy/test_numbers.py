"""What is looked at before a pattern is tried never hides anything from it."""

import random

import pytest

from publicgsb.datasets.privacy import numbers

_PARTS = (
    *"0123456789", "12", "4567890", "12345678", " ", "/", "_", "-", "\u00a0", "\u00ad", "\u0640", "\u2011", "\u2212",
    "\u200c", "\u202b", "\u2066", "\ufeff", ".", "a", "م", "ن", "در", "é", "۱", "５", "{", ":",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(30))
def test_every_text_in_which_the_pattern_finds_digits_is_looked_at(seed: int) -> None:
    chance = random.Random(seed)
    parts = _PARTS if seed % 2 else [part for part in _PARTS if not numbers._OTHER_DIGIT.search(part)]
    values = ["".join(chance.choices(parts, k=chance.randrange(30))) for _ in range(400)]
    found = {value for value in values if numbers._RUN.search(value)}
    assert found
    assert found <= set(numbers._of_digits(values))


def test_a_text_with_two_short_numbers_apart_is_not_looked_at() -> None:
    assert numbers._of_digits(["1350 با مجوز 123456", "1350-123456"]) == ["1350-123456"]


def test_whole_numbers_are_those_with_nothing_but_zeros_after_the_point() -> None:
    texts = ["12345678.0", "12345678.", "12345678.00", "12345678", "-12345678.0", "1e+16", ""]
    assert numbers._whole_numbers([*texts, "12345678.50", "12345678.5", "1.5e+20", "1234567.0", "0.10"]) == [
        "12345678", "12345678", "12345678", "12345678", "-12345678", "1e+16", ""
    ]  # fmt: skip
