"""What the privacy gate says about a column: values only, and never a value of the column itself."""

from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets.contracts.model import Label


class Kind(StrEnum):
    """What the gate knows: personal identifiers, what is personal about a person, and ids of legal persons."""

    NATIONAL_ID = "national-id"
    MOBILE = "mobile"
    BANK_CARD = "bank-card"
    SHEBA = "sheba"
    EMAIL = "email"
    IP = "ip"
    POSTAL_CODE = "postal-code"
    BIRTH_DATE = "birth-date"
    PERSON_NAME = "person-name"
    LEGAL_ID = "legal-id"


class Form(StrEnum):
    """A written form of a kind; each has thresholds of its own in the rule pack."""

    NATIONAL_ID = "national-id"
    NATIONAL_ID_SPLIT = "national-id-split"  # over two columns
    MOBILE = "mobile"
    MOBILE_BARE = "mobile-bare"
    MOBILE_SPLIT = "mobile-split"
    MOBILE_BARE_SPLIT = "mobile-bare-split"
    BANK_CARD = "bank-card"
    BANK_CARD_SPLIT = "bank-card-split"
    SHEBA = "sheba"
    SHEBA_BARE = "sheba-bare"
    SHEBA_SPLIT = "sheba-split"
    EMAIL = "email"
    IP = "ip"
    POSTAL_CODE = "postal-code"
    BIRTH_DATE = "birth-date"
    PERSON_NAME = "person-name"
    LEGAL_ID = "legal-id"


class Verdict(StrEnum):
    """On one kind in one column."""

    BLOCK = "block"  # the column is personal
    MIXED = "mixed"  # a part of it is; blocks as well, a person has to look
    WARN = "warn"  # to be known, and no obstacle
    WORKPLACE = "workplace"  # it would be personal, and the contract declares it an office's
    JOIN_KEY = "join-key"  # the id of a legal person: public
    CHANCE = "chance"  # some values fit, as many as chance explains
    CLEAR = "clear"  # values of that form, none of which fits


class Decision(StrEnum):
    """On a column as a whole."""

    PUBLISH = "publish"
    TRANSFORM = "transform"  # as the proposal says, then it can be published
    DROP = "drop"
    REVIEW = "review"  # a part of it is personal: correct the rows, or do as the proposal says


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind in one column: how many distinct values have its form and how many satisfy its rule.

    `distinct` and `matched` are exact up to the size of the sample, estimates above it. `is_whole`: the values that
    fit fill their cells, so a function of cells can cut them. `partner` is the other column of a value split over two.
    """

    field: str
    kind: Kind
    verdict: Verdict
    distinct: int
    matched: int
    pass_rate: float
    legal_basis: str
    message: Label
    proposal: Label
    is_whole: bool = True
    partner: str | None = None

    @property
    def is_blocking(self) -> bool:
        return self.verdict in (Verdict.BLOCK, Verdict.MIXED)
