"""Who is asking, as one small frozen value that every later stage trusts."""

from dataclasses import dataclass, field
from enum import StrEnum

from publicgsb.platform.kernel.addresses import Networks
from publicgsb.platform.kernel.granted import Rights, no_rights
from publicgsb.platform.kernel.headers import RawHeaders


class KeyKind(StrEnum):
    """The prefix of a key says what it may do."""

    LIVE = "gsbl"
    TEST = "gsbt"
    AGENCY = "gsba"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated credential. A data key never manages keys; an agency key never reads data.

    `account` is the quota subject: organisation and application, never the key. An application's test keys share an
    account of their own, its number negated, so that nothing they do takes from the live one.
    """

    key_id: str
    kind: KeyKind
    organisation_id: int  # 0 for an agency key
    application_id: int  # 0 for an agency key
    plan: str  # "" for an agency key
    agency_id: int = 0  # 0 unless an agency key
    person_id: int = 0
    role: str = ""  # of the person: owner, member, publisher, reviewer
    only: frozenset[str] | None = None  # the datasets that it is for, as agency/dataset; None: all
    levels: frozenset[str] | None = None  # likewise the access levels
    networks: Networks | None = None  # from where it may be used; None: from anywhere
    notice: RawHeaders = ()  # headers on each answer to it: that it was replaced, and until when it works
    is_token: bool = field(default=False, compare=False)  # came with a token of the key, which gives no other rights
    account: tuple[int, int] = field(init=False, repr=False, compare=False)
    granted: Rights = field(default_factory=no_rights, hash=False, repr=False)  # to restricted data; a live key's only

    @property
    def this(self) -> str:
        """What it came with, as a refusal names it."""
        return "This token" if self.is_token else "This key"

    def __post_init__(self) -> None:
        # Once per key and not once per request, which asks for it several times.
        subject = -self.application_id if self.kind is KeyKind.TEST else self.application_id
        object.__setattr__(self, "account", (self.organisation_id, subject))
