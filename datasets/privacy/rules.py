"""The rule pack for Iran: what chance produces, what is decided when, on which legal ground, and what to do then.

A checksum says nothing of one value: 10 % of all ten-digit numbers satisfy the national id's, and 12.6 % of the
Statistical Centre's district codes do. So a column is judged by how many of its distinct values fit.
"""

from dataclasses import dataclass
from enum import Enum

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.privacy.model import Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """How one written form of an identifier is judged.

    `chance` is the share of unrelated values of that form that fit. A column is personal from `block_from` on, given
    `distinct_min` values; it is mixed from `mixed_from` on, if chance alone would do that less often than `doubt_max`.
    """

    kind: Kind
    chance: float
    distinct_min: int
    mixed_from: float
    doubt_max: float
    block_from: float = 0.8


class Form(Enum):
    NATIONAL_ID = Rule(Kind.NATIONAL_ID, chance=0.13, distinct_min=8, mixed_from=0.3, doubt_max=1e-4)
    MOBILE = Rule(Kind.MOBILE, chance=0.01, distinct_min=8, mixed_from=0.05, doubt_max=1e-4)
    # Ten digits that begin with 9: numbers that lost their zero as integers, or postal codes of the north-east.
    MOBILE_BARE = Rule(Kind.MOBILE, chance=0.05, distinct_min=8, mixed_from=0.3, doubt_max=1e-4)
    # BIN and Luhn together: 1 in 200,000 at random, none of 98,100 real sixteen-digit village codes.
    BANK_CARD = Rule(Kind.BANK_CARD, chance=5e-6, distinct_min=1, mixed_from=0.0, doubt_max=1e-3)
    # Nothing else is written as IR and 24 digits, so one that satisfies the check is one.
    SHEBA = Rule(Kind.SHEBA, chance=1e-6, distinct_min=1, mixed_from=0.0, doubt_max=1e-3)
    # Without IR only the remainder by 97 tells: codes of 24 digits that share a bank's number would fit 1 in 97.
    SHEBA_BARE = Rule(Kind.SHEBA, chance=0.0104, distinct_min=1, mixed_from=0.0, doubt_max=1e-3)


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a kind may not be released, and what the agency can do instead."""

    name: Label
    legal_basis: str  # IR-PD: guideline of 1397-07-29 on personal information; IR-FOI: the access law of 1387
    proposal: Label


GROUNDS = {
    Kind.NATIONAL_ID: Ground(
        Label("کد ملی", "national id numbers"),
        "IR-PD-4.3",
        Label(
            "این ستون را withheld با مستند IR-PD-4.3 اعلام یا حذف کنید؛ بقیهٔ ستون‌ها منتشر می‌شوند.",
            "Declare the field withheld on the ground IR-PD-4.3, or drop it; the rest can be released.",
        ),
    ),
    Kind.MOBILE: Ground(
        Label("شمارهٔ تلفن همراه", "mobile phone numbers"),
        "IR-PD-H.2",
        Label(
            "این ستون را withheld اعلام یا حذف کنید، یا با prefix(4) فقط پیش‌شمارهٔ اپراتور را نگه دارید.",
            "Declare the field withheld, drop it, or keep only the operator's code with prefix(4).",
        ),
    ),
    Kind.BANK_CARD: Ground(
        Label("شمارهٔ کارت بانکی", "bank card numbers"),
        "IR-FOI-14",
        Label(
            "این ستون را withheld اعلام یا حذف کنید، یا با prefix(6) فقط نشانهٔ بانک را نگه دارید.",
            "Declare the field withheld, drop it, or keep only the bank's number with prefix(6).",
        ),
    ),
    Kind.SHEBA: Ground(
        Label("شمارهٔ شبا", "Sheba account numbers"),
        "IR-FOI-14",
        Label(
            "این ستون را withheld اعلام یا حذف کنید، یا با prefix(7) فقط نشانهٔ بانک را نگه دارید.",
            "Declare the field withheld, drop it, or keep only the bank's number with prefix(7).",
        ),
    ),
}

# Words in a field's name or labels that tell what it holds; then one fitting value is enough.
NAMES = {
    Kind.NATIONAL_ID: ("کد ملی", "کدملی", "شماره ملی", "national_id", "national id", "national_code", "national code",
                       "nationalid", "nationalcode", "melli_code", "code_melli", "kod_melli", "kodmelli"),
    Kind.MOBILE: ("موبایل", "تلفن همراه", "شماره همراه", "mobile", "cell_phone", "cellphone", "cell phone"),
    Kind.BANK_CARD: ("شماره کارت", "کارت بانکی", "card_number", "card number", "bank_card", "bank card"),
    Kind.SHEBA: ("شبا", "sheba", "iban"),
}  # fmt: skip

# Postal codes of the north-east begin like mobile numbers that lost their zero.
POSTAL_NAMES = ("پستی", "postal", "postcode", "post_code", "zip")

# Within running text a national id is only looked at when one of these stands shortly before it.
NATIONAL_ID_CONTEXT = ("ملی", "national", "melli", "meli")

CARD_BINS = frozenset({
    "170019", "207177", "502229", "502806", "502908", "502910", "502938", "504172", "504706", "505416",
    "505785", "505801", "505809", "507677", "581874", "585947", "585949", "585983", "589210", "589463",
    "603769", "603770", "603799", "606256", "606373", "610433", "621986", "622106", "627353", "627381",
    "627412", "627488", "627648", "627760", "627884", "627961", "628023", "628157", "636214", "636795",
    "636797", "636949", "639194", "639217", "639346", "639347", "639370", "639599", "639607", "903769",
    "991975",
})  # fmt: skip

SHEBA_BANKS = frozenset({
    "010", "011", "012", "013", "014", "015", "016", "017", "018", "019", "020", "021", "022", "051", "052",
    "053", "054", "055", "056", "057", "058", "059", "060", "061", "062", "063", "064", "065", "066", "069",
    "070", "073", "075", "078", "079", "080", "090", "095",
})  # fmt: skip

# What follows the 9 of a mobile number: 90x, 91x, 920-923, 93x, 94x and 99x are in use.
MOBILE_SECOND_DIGITS = "01349"
