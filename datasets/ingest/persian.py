"""Persian text: digits of every script to ASCII, Arabic letters to Persian ones, and the form for searching."""

import re
import unicodedata

_DIGITS_END = 0x1FC00  # Unicode has no decimal digit above; walking all planes would cost 0.2 s at import
_ASCII_DIGITS = {
    point: str(unicodedata.decimal(chr(point)))
    for point in range(128, _DIGITS_END)
    if unicodedata.category(chr(point)) == "Nd"
}
_PERSIAN_LETTERS = {ord("ي"): "ی", ord("ى"): "ی", ord("ك"): "ک"}
# Letters of Arabic script that a reader takes for one Persian letter, however they were typed.
_FOLDED_LETTERS = {
    ord(letter): plain
    for letters, plain in (
        ("آأإٱ", "ا"),
        ("ؤ", "و"),
        ("ئيىېۍێےۓ", "ی"),
        ("كڪ", "ک"),
        ("ۀةەہۂۃھ", "ه"),
        ("ءٴ", ""),  # املاء is املا, and علاءالدین is علاالدین
    )
    for letter in letters
}
_FOLDED = _ASCII_DIGITS | _FOLDED_LETTERS | {ord("\u200c"): " "}
# Tatweel, joiners, direction marks, selectors: a reader does not see them.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_MARKED = re.compile("[^ -~\u0627\u0628\u062a-\u063a\u0641-\u0648\u067e\u0686\u0698\u06a9\u06af\u06cc]")
_EZAFE = re.compile("ه(?: ی)+(?= |$)")  # خانه‌ی سبز is خانهٔ سبز


def digits(text: str) -> str:
    """The text with the digits of every script as 0-9."""
    return text if text.isascii() else text.translate(_ASCII_DIGITS)


def letters(text: str) -> str:
    """The text with Arabic yeh and kaf as the Persian letters."""
    return text if text.isascii() else text.translate(_PERSIAN_LETTERS)


def fold(text: str) -> str:
    """The search form: two spellings of a name that a reader takes for the same fold to the same text.

    Letters and digits are unified, vowel marks and tatweel go, a joiner counts as a space, case is lost. The database
    has the same function, gsb.fold; tests/datasets/ingest/fold_golden.tsv holds both to one table.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_FOLDED)
        if _MARKED.search(text):
            text = unicodedata.normalize("NFD", _INVISIBLE.sub("", text))
            text = "".join(c for c in text if not unicodedata.combining(c)).translate(_FOLDED)
    text = " ".join(text.casefold().split())
    return _EZAFE.sub("ه", text) if "ه ی" in text else text
