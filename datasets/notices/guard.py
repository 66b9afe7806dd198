"""No release takes a field away from those who ask for it: a breaking contract is announced first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from publicgsb.datasets.contracts.change import breaks, touched_fields
from publicgsb.datasets.contracts.majors import as_next_major, is_major
from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.notices.model import UsersOf
from publicgsb.datasets.releases.model import Target
from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest
from publicgsb.platform.kernel.sql import load

_HELD_BACK = load("publicgsb.datasets.notices", "sql/held_back.sql")


@dataclass(frozen=True, slots=True)
class Break:
    """A declared contract that would break what callers use, and nothing that lets it."""

    old: Contract
    new: Contract
    breaks: tuple[str, ...]
    touched: tuple[str, ...]
    successor: str | None  # what was announced already
    declared_by: int | None = None  # a person of the agency
    needs_review: bool = False  # whether the agency has a second person look at what it publishes

    @property
    def next_name(self) -> str | None:
        """What the dataset of the new major would be called; None where that is no name, as its announcement tells."""
        try:
            return as_next_major(self.old, self.new).slug
        except InvalidRequest:
            return None


async def break_of(connection: Connection, target: Target) -> Break | None:
    """What the contract of the target's next release would break; None when nothing, or when an operator lets it."""
    row = await connection.fetchrow(_HELD_BACK, target.dataset_id, target.contract_id)
    if row is None or not row["is_released"] or row["is_overridden"]:
        return None
    old, new = parse(json.loads(row["served_document"])), target.contract
    if old.sha256 == new.sha256 or not is_major(old, new):
        return None
    return Break(
        *(old, new, breaks(old, new), touched_fields(old, new), row["successor"], row["declared_by"]),
        needs_review=target.needs_review,
    )


async def refuse_unannounced(connection: Connection, target: Target, users_of: UsersOf | None = None) -> None:
    """Raises Conflict (`breaking_not_announced`) with what breaks, by how many it is used, and what to do."""
    found = await break_of(connection, target)
    if found is None:
        return
    name = target.contract.slug
    used: dict[str, int] = {}
    if users_of is not None:
        known = await users_of(connection, target.dataset_id, found.old.major, found.touched)
        users = [one for one in known if one.fields]
        used = {"applications": len(users), "organisations": len({one.organisation_id for one in users})}
    if found.successor is not None:
        hint = (
            f"{found.successor} was announced in its place: release there, and declare a contract that breaks nothing."
        )
    elif not found.breaks:
        hint = (
            f"It breaks nothing: as version {found.old.major}.{int(found.old.version.split('.')[1]) + 1}.0 it is free."
        )
    else:
        hint = (
            f"`gsb contract announce {name}` (or POST …/notice) serves it as {found.next_name or 'a dataset'} "
            "beside the old one, and tells those who use it."
        )
    raise Conflict(
        f"Contract {found.new.version} of {name} breaks what callers use{_counted(used)}, and was not announced.",
        hint=hint,
        reason="breaking_not_announced",
        breaks=list(found.breaks),
        touched_fields=list(found.touched),
        successor=found.successor,
        applications=used.get("applications"),
        organisations=used.get("organisations"),
    )


def _counted(used: Mapping[str, int]) -> str:
    if not used:
        return ""
    return f" (in the last 90 days: applications {used['applications']}, organisations {used['organisations']})"
