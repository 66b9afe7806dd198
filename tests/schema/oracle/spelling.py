"""What a reader takes for the same letters, spelt out for the letters of this world: no shared code.

Texts to look for may hold any letter; those that no value holds are read by Unicode's own rules.
"""

import unicodedata

_PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789 '\"\\٪💧,.-ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_READ_AS = {
    **{letter: letter for letter in _PLAIN},
    **{letter.upper(): letter for letter in "abcdefghijklmnopqrstuvwxyz"},
    **{digit: str(value) for value, digit in enumerate("۰۱۲۳۴۵۶۷۸۹")},
    **{digit: str(value) for value, digit in enumerate("٠١٢٣٤٥٦٧٨٩")},
    **dict.fromkeys("آأإٱ", "ا"),
    **dict.fromkeys("يىئېۍێےۓ", "ی"),
    **dict.fromkeys("ةۀەہۂۃھ", "ه"),
    **dict.fromkeys("كڪ", "ک"),
    "ؤ": "و",
    "ü": "u",
    **dict.fromkeys("ءٴ", ""),
    "\u200c": " ",
    "\u00a0": " ",
    "\t": " ",
    "\n": " ",
    **dict.fromkeys("\u0640\u064e\u0650\u064f\u0651\u0654\u200f", ""),  # tatweel, vowels, hamza above, a direction
}
_UNSEEN = "\u00ad\u034f\u061c" + "".join(
    map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), *range(0xFE00, 0xFE10), 0xFEFF))
)


def read(text: str, keeping: str = "") -> str:
    """The text as it is compared."""
    found: list[str] = []
    for word in "".join(letter if letter in keeping else _letter(letter) for letter in text).split():
        is_ezafe = word == "ی" and found and found[-1].endswith("ه")  # خانه‌ی سبز is خانهٔ سبز
        if not is_ezafe:
            found.append(word)
    return " ".join(found)


def _letter(letter: str) -> str:
    known = _READ_AS.get(letter)
    return "".join(map(_foreign, unicodedata.normalize("NFKC", letter))) if known is None else known


def _foreign(letter: str) -> str:
    if letter in _READ_AS:
        return _READ_AS[letter]
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    if letter in _UNSEEN:
        return ""
    parts = (part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part))
    return "".join(_READ_AS.get(part, part.casefold()) for part in parts)


def words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in read(text)).split()
