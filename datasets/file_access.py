"""Who may download a release: the file is whole or not at all, by the levels that hold today."""

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.files import file_fields
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted, Withheld
from publicgsb.platform.kernel.granted import has_right

APPLY_AT = "/api/v1/grants"


def needs_grant(entry: DatasetEntry, release: ReleaseRef) -> tuple[str | None, ...]:
    """What of the file is restricted: columns, and None for the dataset as such. Withheld for what is so by now.

    A field that was closed after the release is closed in its file too; one that is gone keeps its level.
    """
    today, needed = entry.contract, list[str | None]()
    if today.access is AccessLevel.RESTRICTED:
        needed.append(None)
    for field in file_fields(release):
        now = today.by_name.get(field.name)
        level = today.access_of(now) if now else release.contract.access_of(field)
        if level is AccessLevel.WITHHELD:
            ground = (now.legal_ground if now else None) or today.legal_ground
            raise Withheld(f"{field.name} of {entry.name} is not released any more.", legal_ground=ground)
        if level is AccessLevel.RESTRICTED:
            needed.append(field.name)
    return tuple(needed)


def check_grant(caller: Caller, entry: DatasetEntry, needed: tuple[str | None, ...], now: float) -> None:
    """Raises NotPermitted unless live grants cover all of it; a grant of some fields gives those by questions only."""
    dataset = (entry.agency.slug, entry.slug)
    lacking = [one for one in needed if not has_right(caller.granted, dataset, one, now)]
    if caller.kind is KeyKind.LIVE and not lacking:
        return
    raise NotPermitted(
        f"{entry.name} needs a grant.",
        reason="grant",
        hint=f"Apply for it: POST {APPLY_AT} with your owner token; the agency decides.",
        legal_ground=entry.contract.legal_ground,
        fields=[one for one in lacking if one is not None],
        dataset=entry.name,
        apply=APPLY_AT,
    )
