"""Persian and English text made comparable: the many ways to type one word become one.

Keyboards of the region write ی and ک by Arabic letters, digits in three scripts, and the half-space or not. `fold`
gives what the service keeps in the search fields of its datasets, so a folded word can be compared with them.
"""

import re
import unicodedata

HALF_SPACE = "\u200c"
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
LETTERS = str.maketrans("آأإٱؤئيىېۍێےۓكڪۀةەہۂۃھ", "ااااوییییییییککههههههه", "ءٴ")
EZAFE = re.compile("ه(?: ی)+(?= |$)")  # خانه‌ی سبز is خانهٔ سبز


def fold(text: str) -> str:
    """One spelling for all spellings: letters, digits, case, marks, kashida and white space.

    >>> fold("علي‌آباد ۱۲") == fold("على آباد 12") == "علی اباد 12"
    True
    """
    spaced = unicodedata.normalize("NFKC", text).replace(HALF_SPACE, " ")
    seen = INVISIBLE.sub("", spaced.translate(LETTERS))
    bare = "".join(_latin_digit(sign) for sign in unicodedata.normalize("NFD", seen) if not unicodedata.combining(sign))
    return EZAFE.sub("ه", " ".join(bare.translate(LETTERS).casefold().split()))


def matches(needle: str, *texts: str) -> bool:
    """Whether every word of the needle stands somewhere in the texts, with or without half-spaces."""
    hay = fold(" ".join(texts)) + " " + fold(" ".join(texts).replace(HALF_SPACE, ""))
    return all(word in hay for word in fold(needle).split())


def _latin_digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
