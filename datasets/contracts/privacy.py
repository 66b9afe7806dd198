"""What a contract says of the privacy of its rows: which profile they are held to, and which columns matter to it.

Values only; privacy_document.py reads, renders and checks them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Profile(StrEnum):
    """How many records must share what they are described by; datasets/privacy/anonymity has the numbers."""

    STANDARD = "standard"
    SENSITIVE = "sensitive"  # health, belief, finance, education
    BUSINESS = "business"  # rows of companies and shops


@dataclass(frozen=True, slots=True)
class PrivacyTerms:
    """Without `quasi_identifiers` they are guessed by the columns' names, and told without being held to."""

    profile: Profile = Profile.STANDARD
    quasi_identifiers: tuple[str, ...] = ()  # columns that describe a person without naming one
    sensitive: tuple[str, ...] = ()  # columns that nobody's group may share one value of
    contributor: str | None = None  # the column that says whose row it is; business counts these, not rows
    workplace: tuple[str, ...] = ()  # columns of offices' phones, addresses and mailboxes: not personal
