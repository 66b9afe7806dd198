"""A damaged key is told from a right one offline, whatever the damage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicgsb.apikeys.format import KEY_LENGTH, checksum, digest, draw, id_of, is_well_formed, parse
from publicgsb.platform.kernel.caller import KeyKind
from publicgsb.platform.kernel.errors import Unauthenticated
from publicgsb.platform.kernel.ids import BASE62

bodies = st.builds(
    lambda kind, rest: f"{kind.value}_{rest}",
    st.sampled_from(KeyKind),
    st.text(BASE62, min_size=40, max_size=40),
)
whole_keys = bodies.map(lambda body: body + checksum(body))


def _reason(text: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        parse(text)
    reason: str = refusal.value.details["reason"]
    return reason


@pytest.mark.parametrize("kind", KeyKind)
def test_a_drawn_key_is_parsed_back_into_its_kind_and_id(kind: KeyKind) -> None:
    new = draw(kind)
    parts = parse(new.text)
    assert len(new.text) == KEY_LENGTH
    assert (parts.kind, parts.key_id) == (kind, new.key_id) == (kind, id_of(new.text))


def test_the_checksum_is_the_one_that_others_can_compute() -> None:
    """The SDK and scanners know the rule from the documentation: CRC32, base62, six digits, 0-9A-Za-z."""
    value, digits = 0, checksum("gsbl_" + "0" * 40)
    for digit in digits:
        value = value * 62 + BASE62.index(digit)
    assert (len(digits), value) == (6, 0xF360F76C)


@given(whole_keys, st.integers(0, KEY_LENGTH - 1), st.sampled_from(BASE62 + "_-é"))
def test_one_changed_character_never_passes(key: str, place: int, letter: str) -> None:
    changed = key[:place] + letter + key[place + 1 :]
    assert changed == key or not is_well_formed(changed)


@given(whole_keys, st.integers(5, KEY_LENGTH - 2))
def test_two_swapped_neighbours_never_pass(key: str, place: int) -> None:
    swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert swapped == key or not is_well_formed(swapped)


@given(whole_keys, st.integers(5, KEY_LENGTH - 1))
def test_a_key_cut_short_is_named_as_such(key: str, length: int) -> None:
    assert _reason(key[:length]) == "truncated"


@given(st.text(max_size=80))
def test_any_other_text_is_refused_as_malformed_or_truncated(text: str) -> None:
    assert _reason(text) in {"malformed", "truncated"}


@pytest.mark.parametrize("wrong", ["{}x", " {}", "{}\n", "GSBL{}", "gsbx{}"])
def test_a_key_with_something_around_it_is_malformed(wrong: str) -> None:
    assert _reason(wrong.format(draw(KeyKind.LIVE).text)) == "malformed"


def test_a_refusal_does_not_repeat_the_key() -> None:
    key = draw(KeyKind.LIVE).text
    with pytest.raises(Unauthenticated) as refusal:
        parse(key[:-1])
    assert key[13:-1] not in str(refusal.value.as_problem("req_1"))


def test_the_printed_form_of_a_new_key_hides_its_text() -> None:
    new = draw(KeyKind.LIVE)
    assert new.text not in repr(new)


def test_the_digest_depends_on_every_part_and_on_the_pepper() -> None:
    key = draw(KeyKind.LIVE).text
    digests = {digest(b"one", key), digest(b"two", key), digest(b"one", key.replace("gsbl", "gsbt"))}
    assert len(digests) == 3
