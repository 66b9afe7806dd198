"""Who is asking, as one small frozen value that every later stage trusts."""

from dataclasses import dataclass
from enum import StrEnum


class KeyKind(StrEnum):
    """The prefix of a key says what it may do."""

    LIVE = "gsbl"
    TEST = "gsbt"
    AGENCY = "gsba"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated credential. A data key never manages keys; an agency key never reads data.

    `account` is the quota subject: organisation and application, never the key.
    """

    key_id: str
    kind: KeyKind
    organisation_id: int  # 0 for an agency key
    application_id: int  # 0 for an agency key
    plan: str  # "" for an agency key
    agency_id: int = 0  # 0 unless an agency key
    person_id: int = 0
    role: str = ""  # of the person: owner, member, publisher, reviewer

    @property
    def account(self) -> tuple[int, int]:
        return (self.organisation_id, self.application_id)
