"""A million keys, and every small damage to some of them."""

import random
from collections.abc import Callable

import pytest

from publicgsb.apikeys.format import KEY_LENGTH, draw, is_well_formed
from publicgsb.apikeys.scan import leaks_in
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.ids import BASE62

pytestmark = pytest.mark.prove

KEYS = 1_000_000
SAMPLE = [draw(kind).text for kind in KeyKind for _ in range(40)]
LETTERS = BASE62 + "_-.é "


def test_a_million_keys_are_all_different_and_all_well_formed(record_property: Callable[[str, object], None]) -> None:
    kinds = tuple(KeyKind)
    seen = {draw(kinds[number % 3]).text for number in range(KEYS)}
    record_property("different_keys", len(seen))
    assert len(seen) == KEYS
    assert all(map(is_well_formed, seen))


def test_every_changed_added_or_left_out_character_is_noticed(record_property: Callable[[str, object], None]) -> None:
    edits = 0
    for key in SAMPLE:
        for place in range(KEY_LENGTH):
            head, letter, tail = key[:place], key[place], key[place + 1 :]
            edited = [head + tail, *(head + other + tail for other in LETTERS if other != letter)]
            edited += [head + other + letter + tail for other in LETTERS]
            assert not any(map(is_well_formed, edited))
            edits += len(edited)
    record_property("edits", edits)


def test_every_swap_of_neighbours_is_noticed() -> None:
    for key in SAMPLE:
        for place in range(KEY_LENGTH - 1):
            first, second = key[place], key[place + 1]
            swapped = key[:place] + second + first + key[place + 2 :]
            assert first == second or not is_well_formed(swapped)


def test_every_truncation_is_noticed_by_the_server_and_the_scanner() -> None:
    for key in SAMPLE:
        for length in range(KEY_LENGTH):
            for part in (key[:length], key[KEY_LENGTH - length :]):
                assert not is_well_formed(part)
                assert not list(leaks_in(part.encode(), "f"))


def test_the_characters_of_keys_are_drawn_evenly() -> None:
    """Chi-square of 62 characters: above 120 would come once in 100,000 runs."""
    counts = dict.fromkeys(BASE62, 0)
    for _ in range(20_000):
        for letter in draw(KeyKind.LIVE).text[13:45]:
            counts[letter] += 1
    expected = 20_000 * 32 / 62
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 120


def test_of_a_million_random_damages_of_several_characters_at_most_one_passes() -> None:
    dice = random.Random(20261127)
    passed = 0
    for number in range(1_000_000):
        key = SAMPLE[number % len(SAMPLE)]
        letters = list(key)
        for _ in range(dice.randint(2, 6)):
            letters[dice.randrange(5, KEY_LENGTH)] = dice.choice(BASE62)
        changed = "".join(letters)
        passed += changed != key and is_well_formed(changed)
    assert passed <= 1  # by chance one of 4,294 such millions has one
