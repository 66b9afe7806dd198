"""What a reader takes for the same letters, spelt out for the letters of this world: no shared code."""

_PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789 '\"\\٪💧,.-ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_READ_AS = {
    **{letter: letter for letter in _PLAIN},
    **{letter.upper(): letter for letter in "abcdefghijklmnopqrstuvwxyz"},
    **{digit: str(value) for value, digit in enumerate("۰۱۲۳۴۵۶۷۸۹")},
    **{digit: str(value) for value, digit in enumerate("٠١٢٣٤٥٦٧٨٩")},
    **dict.fromkeys("آأإ", "ا"),
    **dict.fromkeys("يىئ", "ی"),
    **dict.fromkeys("ةۀ", "ه"),
    "ك": "ک",
    "ؤ": "و",
    "ü": "u",
    "ء": "",
    "\u200c": " ",
    "\u00a0": " ",
    "\t": " ",
    "\n": " ",
    **dict.fromkeys("\u0640\u064e\u0650\u064f\u0651\u0654\u200f", ""),  # tatweel, vowels, hamza above, a direction
}


def read(text: str, keeping: str = "") -> str:
    """The text as it is compared. Raises KeyError for a letter that this world does not have."""
    found: list[str] = []
    for word in "".join(letter if letter in keeping else _READ_AS[letter] for letter in text).split():
        is_ezafe = word == "ی" and found and found[-1].endswith("ه")  # خانه‌ی سبز is خانهٔ سبز
        if not is_ezafe:
            found.append(word)
    return " ".join(found)


def words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in read(text)).split()
