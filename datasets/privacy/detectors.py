"""Which identifiers a run of digits may be, and whether it satisfies their rules. Pure, no state."""

from publicgsb.datasets.privacy.rules import CARD_BINS, MOBILE_SECOND_DIGITS, SHEBA_BANKS, Form

_NATIONAL_WEIGHTS = tuple(range(10, 1, -1))
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_national_id(digits: str) -> bool:
    """Ten digits, or the eight or nine that are left of them when a program took the code for a number."""
    full = digits.zfill(10)
    if len(full) != 10 or full == full[0] * 10 or full[3:9] == "000000":
        return False
    remainder = sum(int(d) * w for d, w in zip(full, _NATIONAL_WEIGHTS, strict=False)) % 11
    return int(full[9]) == (remainder if remainder < 2 else 11 - remainder)


def is_mobile(subscriber: str) -> bool:
    """The ten digits from the 9 on, without the country's or the trunk's prefix."""
    return (
        len(subscriber) == 10
        and subscriber[0] == "9"
        and (subscriber[1] in MOBILE_SECOND_DIGITS or (subscriber[1] == "2" and subscriber[2] in "0123"))
    )


def is_bank_card(digits: str) -> bool:
    if len(digits) != 16 or digits[:6] not in CARD_BINS:
        return False
    return (sum(map(int, digits[1::2])) + sum(_DOUBLED[int(d)] for d in digits[::2])) % 10 == 0


def is_sheba(digits: str) -> bool:
    """The 24 digits after IR (ISO 13616: country and check digits to the end, I=18, R=27)."""
    return len(digits) == 24 and int(digits[2:] + "1827" + digits[:2]) % 97 == 1


def forms(digits: str, is_after_ir: bool) -> tuple[tuple[Form, bool], ...]:
    """The written forms that a whole cell of these digits has, and whether it fits each."""
    match len(digits):
        case 8 | 9:
            return ((Form.NATIONAL_ID, is_national_id(digits)),)
        case 10:
            return ((Form.NATIONAL_ID, is_national_id(digits)), (Form.MOBILE_BARE, is_mobile(digits)))
        case 11:
            return ((Form.MOBILE, digits[0] == "0" and is_mobile(digits[1:])),)
        case 12:
            return ((Form.MOBILE, digits.startswith("98") and is_mobile(digits[2:])),)
        case 13 | 14:
            return ((Form.MOBILE, digits.startswith(("0098", "980")) and is_mobile(digits[-10:])),)
        case 16:
            return ((Form.BANK_CARD, is_bank_card(digits)),)
        case 24 if is_after_ir:
            return ((Form.SHEBA, is_sheba(digits)),)
        case 24:
            return ((Form.SHEBA_BARE, digits[2:5] in SHEBA_BANKS and is_sheba(digits)),)
        case _:
            return ()
