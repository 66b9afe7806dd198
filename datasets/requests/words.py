"""What may stand in the words of a request or of its answer, which everybody reads: plain text, and no personal data.

Nothing is changed silently: what does not do is refused with a sentence that says why. Markup stays text; whoever shows
it escapes it.
"""

import re
import unicodedata

from publicgsb.datasets.ingest import persian
from publicgsb.datasets.privacy.detectors import is_bank_card, is_mobile, is_national_id, is_personal_mail, is_sheba
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.texts import is_storable

TITLE_LENGTH = (5, 150)
TEXT_LENGTH = (20, 4_000)
MESSAGE_LENGTH = (3, 2_000)

# Marks that turn the direction of what follows, so that a line reads otherwise than it is. The joiners and marks that
# Persian is written with are none of these.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINS = re.compile("[\u00ad\u0640\u200b-\u200f\u2060\ufeff]")
_NUMBER = re.compile(r"(?<!\d)\d(?:[ \-/.]?\d){7,25}(?!\d)")
_SHEBA = re.compile(r"[Ii][Rr]((?:[ \-]?\d){24})(?!\d)")
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}")
_ADDRESS_LENGTH_MAX = 254
_LEAVE_OUT = "Leave out whatever tells who somebody is; `email` is for the answer and is not published."


def check_words(name: str, text: str, length: tuple[int, int], hint: str = _LEAVE_OUT) -> str:
    """`text` without blanks at its ends. Raises InvalidRequest for what nobody should read, and for personal data."""
    clean = text.strip()
    least, most = length
    if not least <= len(clean) <= most:
        raise InvalidRequest(f"`{name}` has {least} to {most} characters.", reason=name)
    if not is_storable(clean) or any(_is_control(character) for character in clean):
        raise InvalidRequest(f"`{name}` holds control characters.", reason="characters", hint="Send plain text.")
    if not any(character.isalpha() for character in clean):
        raise InvalidRequest(f"`{name}` says nothing.", reason=name)
    if (kind := personal_in(clean)) is not None:
        raise InvalidRequest(
            f"`{name}` seems to hold {kind}, and everybody will read it.",
            reason="personal_data",
            hint=hint,
        )
    return clean


def check_address(text: str) -> str:
    """An e-mail address as far as its form goes; whether it is theirs nobody has checked."""
    clean = text.strip()
    if len(clean) > _ADDRESS_LENGTH_MAX or not _MAIL.fullmatch(clean):
        raise InvalidRequest("`email` is no e-mail address.", reason="email", hint="Leave it out, or correct it.")
    return clean


def personal_in(text: str) -> str | None:
    """What kind of personal data stands in it, as far as numbers and addresses can tell."""
    plain = persian.digits(_JOINS.sub("", text))
    if any(is_sheba(_digits(found[1])) for found in _SHEBA.finditer(plain)):
        return "an account number"
    for found in _NUMBER.finditer(plain):
        digits = _digits(found[0])
        if len(digits) == 16 and is_bank_card(digits):
            return "a bank card number"
        if _is_mobile(digits):
            return "a mobile phone number"
        if len(digits) == 10 and is_national_id(digits):
            return "a national id number"
    if any(is_personal_mail(found[0]) for found in _MAIL.finditer(plain)):
        return "a personal e-mail address"
    return None


def _is_mobile(digits: str) -> bool:
    return any(
        digits.startswith(prefix) and is_mobile(digits.removeprefix(prefix)) for prefix in ("0098", "98", "0")
    ) or is_mobile(digits)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_control(character: str) -> bool:
    if character in "\n\t":
        return False
    return character in _TURNING or unicodedata.category(character) in ("Cc", "Cs", "Co", "Zl", "Zp")
