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
_FOLDED_LETTERS = _PERSIAN_LETTERS | {
    ord(letter): plain for letters, plain in (("آأإٱ", "ا"), ("ؤ", "و"), ("ئ", "ی"), ("ۀةە", "ه")) for letter in letters
}
_FOLDED = _ASCII_DIGITS | _FOLDED_LETTERS | {ord("\u200c"): " "}
_INVISIBLE = re.compile("[\u0640\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # tatweel, joiners, marks
_MARKED = re.compile("[^ -~\u0621-\u063a\u0641-\u064a\u066e-\u06d3]")  # neither ASCII nor a bare letter


def digits(text: str) -> str:
    """The text with the digits of every script as 0-9."""
    return text if text.isascii() else text.translate(_ASCII_DIGITS)


def letters(text: str) -> str:
    """The text with Arabic yeh and kaf as the Persian letters."""
    return text if text.isascii() else text.translate(_PERSIAN_LETTERS)


def fold(text: str) -> str:
    """The search form: two spellings of a name that a reader takes for the same fold to the same text.

    Letters and digits are unified, vowel marks and tatweel go, a joiner counts as a space, case is lost.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_FOLDED)
        if _MARKED.search(text):
            text = unicodedata.normalize("NFD", _INVISIBLE.sub("", text))
            text = "".join(c for c in text if not unicodedata.combining(c)).translate(_FOLDED)
    return " ".join(text.casefold().split())
