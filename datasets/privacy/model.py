"""What the privacy gate says about a column: values only, and never a value of the column itself."""

from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets.contracts.model import Label


class Kind(StrEnum):
    """The personal identifiers that the gate knows."""

    NATIONAL_ID = "national-id"
    MOBILE = "mobile"
    BANK_CARD = "bank-card"
    SHEBA = "sheba"


class Verdict(StrEnum):
    BLOCK = "block"  # the column is personal
    MIXED = "mixed"  # a part of it is; blocks as well, a person has to look
    CHANCE = "chance"  # some values fit, as many as chance explains
    CLEAR = "clear"  # values of that form, none of which fits


@dataclass(frozen=True, slots=True)
class Finding:
    """One identifier in one column: how many distinct values have its form and how many satisfy its rule.

    `distinct` and `matched` are exact up to the size of the sample, estimates above it.
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

    @property
    def is_blocking(self) -> bool:
        return self.verdict in (Verdict.BLOCK, Verdict.MIXED)
