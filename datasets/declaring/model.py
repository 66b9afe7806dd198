"""A contract that a person of an agency declares: what they wish, what is there, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum

from publicgsb.datasets.agencies.service import Declared
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.notices.guard import Break
from publicgsb.datasets.notices.model import User


class TakesEffect(StrEnum):
    """When callers see the declared contract."""

    NOW = "now"
    NEXT_RELEASE = "next_release"
    APPROVED_RELEASE = "approved_release"  # with the first release under it, which somebody else approves


@dataclass(frozen=True, slots=True)
class Standing:
    """`declared` is the newest, which the next release is under; `served` the one in effect; None: there is none."""

    dataset_id: int | None
    declared: Contract | None
    served: Contract | None
    is_released: bool
    needs_review: bool
    unreleased: int  # datasets of the agency without a release

    @property
    def etag(self) -> str | None:
        return etag_of(self.declared) if self.declared else None

    @property
    def takes_effect(self) -> TakesEffect:
        """Of the declared one."""
        if self.declared is not None and self.served is not None and self.declared.sha256 == self.served.sha256:
            return TakesEffect.NOW
        return TakesEffect.APPROVED_RELEASE if self.needs_review else TakesEffect.NEXT_RELEASE


@dataclass(frozen=True, slots=True)
class Wish:
    """A contract, and of what it takes the place: the headers If-Match and If-None-Match as they came."""

    contract: Contract
    if_match: str | None = None
    if_none_match: str | None = None
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a dry run all of it would be so, and nothing is."""

    contract: Contract
    result: Declared
    takes_effect: TakesEffect
    before: Contract | None  # compared with: the one in effect once rows were released, else the declared one
    was_released: bool
    held: Break | None  # what the contract breaks and nothing lets yet
    users: tuple[User, ...]  # those who ask for that
    is_dry_run: bool
    workers_behind: int


def etag_of(contract: Contract) -> str:
    return f'"{contract.sha256}"'
