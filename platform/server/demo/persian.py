"""Choosing a place's Persian name among its names in Arabic script, which carry no language.

By letters. In Iran and its Persian-speaking neighbours any name of Persian letters is one; abroad a name is Persian
when it has pe, che, zhe, gaf or the Persian kaf or yeh (Urdu shares them and cannot be told apart), and one that
has none of them (لندن) when it sounds like the Latin name and shows no habit of Arabic spelling. Of several, the
one that sounds most like the Latin name wins.
"""

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

PERSIAN_SPEAKING = frozenset({"IR", "AF", "TJ"})
LIKENESS_MIN = 0.6

_PERSIAN = frozenset("آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئءؤ \u200c-()")
_TELLING = frozenset("پچژگکی")
_ARABIC_HABITS = frozenset("ثذضظ")
_MARKS = {ord(mark): None for mark in "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0640\u200e\u200f"}
_KEYBOARD = str.maketrans("يىكۀأإ", "ییکهاا")  # typed in Iran on an Arabic keyboard
_SOUNDS = {
    "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "j", "چ": "c", "ح": "h", "خ": "k", "د": "d", "ذ": "z", "ر": "r",
    "ز": "z", "ژ": "z", "س": "s", "ش": "s", "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "غ": "g", "ف": "f", "ق": "g",
    "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "و": "v", "ه": "h", "ی": "y", " ": " ", "\u200c": " ",
}  # fmt: skip
_LATIN = {"q": "g", "w": "v", "x": "ks"} | dict.fromkeys("aeiou", "")
_PAIRS = (("kh", "k"), ("gh", "g"), ("sh", "s"), ("zh", "z"), ("ch", "c"), ("ph", "f"), ("th", "t"))


def persian_name(latin: str, country: str, names: Iterable[str]) -> str:
    """The Persian one of `names`, or "" when none is."""
    is_home = country in PERSIAN_SPEAKING
    best, best_rank = "", (False, 0.0)
    for written in names:
        name, is_telling = _candidate(written, is_home)
        if not name:
            continue
        likeness = _likeness(latin, name)
        if not is_telling and (likeness < LIKENESS_MIN or _looks_arabic(name, latin)):
            continue
        if not best or (is_telling, likeness) > best_rank:
            best, best_rank = name, (is_telling, likeness)
    return best


def _candidate(written: str, is_home: bool) -> tuple[str, bool]:
    """The name in clean letters, "" when a letter is not Persian, and whether that settles the language.

    What follows a comma names the region and is dropped: «جانزبورو، ایندیانا».
    """
    cleaned = written.translate(_MARKS).translate(_KEYBOARD) if is_home else written
    if not _PERSIAN.issuperset(cleaned.replace("،", "")):
        return "", False
    name = " ".join(cleaned.split("،")[0].split())
    has_letters = any(letter in _SOUNDS and letter not in " \u200c" for letter in name)
    return (name if has_letters else ""), is_home or not _TELLING.isdisjoint(cleaned)


def _looks_arabic(name: str, latin: str) -> bool:
    """The article, letters that Persian keeps for Arabic words, or ghain for a plain g (لاغوس for Lagos)."""
    is_ghain_for_g = "غ" in name and "gh" not in latin.lower()
    return name.startswith("ال") or not _ARABIC_HABITS.isdisjoint(name) or is_ghain_for_g


def _likeness(latin: str, persian: str) -> float:
    """How alike the two sound, 0 to 1, by their consonants: short vowels are unwritten in Persian."""
    return SequenceMatcher(None, _latin_skeleton(latin), _persian_skeleton(persian), autojunk=False).ratio()


def _latin_skeleton(name: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name.lower()) if letter.isascii())
    for pair, one in _PAIRS:
        plain = plain.replace(pair, one)
    return "".join(_LATIN.get(letter, letter) for letter in plain if letter.isalpha() or letter == " ")


def _persian_skeleton(name: str) -> str:
    return "".join(_SOUNDS.get(letter, "") for letter in name)
