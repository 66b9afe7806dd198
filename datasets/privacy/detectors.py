"""Whether digits or a text satisfy the rules of an identifier. Pure, no state."""

from array import array
from collections.abc import Sequence
from functools import cache
from ipaddress import ip_address

from publicgsb.datasets.privacy.model import Form
from publicgsb.datasets.privacy.pack import load_pack

_LISTS = load_pack().lists
_CARD_BINS, _SHEBA_BANKS = _LISTS["cardBins"], _LISTS["shebaBanks"]
_MOBILE_PREFIXES = tuple("9" + prefix.removeprefix("9") for prefix in _LISTS["mobilePrefixes"])
_TRUNK_PREFIXES = tuple("0" + prefix for prefix in _MOBILE_PREFIXES)
_FREE_MAIL, _ROLE_MAILBOXES = _LISTS["freeMail"], _LISTS["roleMailboxes"]
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_LEGAL_WEIGHTS = (29, 27, 23, 19, 17)
_HALF = 100_000


@cache
def _halves() -> "tuple[array[int], array[int], bytes]":
    """The check of a national id as two look-ups: each half of the digits tells a number, and the sum says if it fits.

    Ten digits are weighted from 10 down to 2; a column of a million of them is checked in a quarter of a second.
    """
    first, second = array("H", bytes(2 * _HALF)), array("H", bytes(2 * _HALF))
    for half in range(_HALF):
        a, b, c, d, e = (half // 10_000, half // 1_000 % 10, half // 100 % 10, half // 10 % 10, half % 10)
        first[half] = (10 * a + 9 * b + 8 * c + 7 * d + 6 * e) % 11 * 110
        second[half] = (5 * a + 4 * b + 3 * c + 2 * d) % 11 * 10 + e
    fits = bytearray(11 * 110)
    for left in range(11):
        for right in range(11):
            remainder = (left + right) % 11
            check = remainder if remainder < 2 else 11 - remainder
            fits[left * 110 + right * 10 + check] = 1
    return first, second, bytes(fits)


def is_national_number(number: int) -> bool:
    """Ten digits as a number, zeros in front left out."""
    return bool(national_numbers((number,)))


def national_numbers(numbers: Sequence[int]) -> list[int]:
    """Those of the numbers, none above ten digits, that are national ids; zeros in front are left out."""
    first, second, fits = _halves()
    return [
        number
        for number in numbers
        if fits[first[number // _HALF] + second[number % _HALF]]
        and number // 10 % 1_000_000  # the six digits in the middle are not all 0
        and number % 1_111_111_111  # nor all ten the same
    ]


def is_national_id(digits: str) -> bool:
    """Ten digits, or the eight or nine that are left of them when a program took the code for a number."""
    return 0 < len(digits) <= 10 and is_national_number(int(digits))


def is_mobile(subscriber: str) -> bool:
    """The ten digits from the 9 on, without the country's or the trunk's prefix."""
    return len(subscriber) == 10 and subscriber.startswith(_MOBILE_PREFIXES)


def mobiles(numbers: Sequence[int], digits: Sequence[str]) -> list[int]:
    """Of numbers of ten digits, or of eleven with the trunk's 0, those that are mobile numbers."""
    prefixes = _MOBILE_PREFIXES if len(digits[0]) == 10 else _TRUNK_PREFIXES
    return [number for number, written in zip(numbers, digits, strict=True) if written.startswith(prefixes)]


def is_bank_card(digits: str) -> bool:
    if len(digits) != 16 or digits[:6] not in _CARD_BINS:
        return False
    return (sum(map(int, digits[1::2])) + sum(_DOUBLED[int(d)] for d in digits[::2])) % 10 == 0


def is_sheba(digits: str) -> bool:
    """The 24 digits after IR (ISO 13616: country and check digits to the end, I=18, R=27)."""
    return len(digits) == 24 and int(digits[2:] + "1827" + digits[:2]) % 97 == 1


def is_bare_sheba(digits: str) -> bool:
    return digits[2:5] in _SHEBA_BANKS and is_sheba(digits)


@cache
def _legal_thirds() -> tuple[bytes, bytes, bytes, bytes]:
    """The check of a legal person's id as three look-ups, like the halves of a national id."""
    weights = (*_LEGAL_WEIGHTS, *_LEGAL_WEIGHTS)
    first, second, third = bytearray(10_000), bytearray(10_000), bytearray(1_000)
    for four in range(10_000):
        digits = (four // 1_000, four // 100 % 10, four // 10 % 10, four % 10)
        first[four] = sum(digit * weight for digit, weight in zip(digits, weights[:4], strict=True)) % 11
        second[four] = sum(digit * weight for digit, weight in zip(digits, weights[4:8], strict=True)) % 11
    for three in range(1_000):
        eighth, tenth, check = three // 100, three // 10 % 10, three % 10
        # The tenth digit and two are added to each digit, so to the sum as often as the weights add up to.
        rest = (eighth * weights[8] + tenth * weights[9] + (tenth + 2) * sum(weights)) % 11
        third[three] = rest * 10 + check
    fits = bytearray(21 * 110)
    for left in range(21):
        for rest in range(11):
            fits[left * 110 + rest * 10 + (left + rest) % 11 % 10] = 1
    return bytes(first), bytes(second), bytes(third), bytes(fits)


def legal_ids(numbers: Sequence[int]) -> list[int]:
    """Those of the numbers, none above eleven digits, that are ids of legal persons.

    No statute states the rule; implementations agree on it.
    """
    first, second, third, fits = _legal_thirds()
    return [
        number
        for number in numbers
        if fits[(first[number // 10_000_000] + second[number // 1_000 % 10_000]) * 110 + third[number % 1_000]]
    ]


def is_legal_id(digits: str) -> bool:
    return len(digits) == 11 and bool(legal_ids((int(digits),)))


def is_postal_code(digits: str) -> bool:
    return len(digits) == 10 and digits[0] != "0"


def is_personal_mail(address: str) -> bool:
    """At a provider of free mail, unless the mailbox is an office's."""
    mailbox, _, domain = address.lower().partition("@")
    return domain in _FREE_MAIL and mailbox.partition("+")[0] not in _ROLE_MAILBOXES


def is_ip(text: str) -> bool:
    """An address that no version or section number is written like: IPv6, or IPv4 with a part of three digits."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return address.version == 6 or max(map(int, text.split("."))) >= 100


def forms(digits: str, is_after_ir: bool) -> tuple[tuple[Form, bool], ...]:
    """The written forms that a whole cell of these digits has, and whether it fits each."""
    match len(digits):
        case 8 | 9:
            return ((Form.NATIONAL_ID, is_national_id(digits)),)
        case 10:
            return (
                (Form.NATIONAL_ID, is_national_id(digits)),
                (Form.MOBILE_BARE, is_mobile(digits)),
                (Form.POSTAL_CODE, is_postal_code(digits)),
            )
        case 11:
            return (
                (Form.MOBILE, digits[0] == "0" and is_mobile(digits[1:])),
                (Form.LEGAL_ID, is_legal_id(digits)),
            )
        case 12:
            return ((Form.MOBILE, digits.startswith("98") and is_mobile(digits[2:])),)
        case 13 | 14:
            return ((Form.MOBILE, digits.startswith(("0098", "980")) and is_mobile(digits[-10:])),)
        case 16:
            return ((Form.BANK_CARD, is_bank_card(digits)),)
        case 24 if is_after_ir:
            return ((Form.SHEBA, is_sheba(digits)),)
        case 24:
            return ((Form.SHEBA_BARE, is_bare_sheba(digits)),)
        case _:
            return ()
