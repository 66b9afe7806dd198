"""Who may download a release: the file is whole or not at all, by the levels that hold today."""

from collections.abc import Mapping

from publicgsb.datasets.contracts.decisions import withheld
from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.files import file_fields
from publicgsb.datasets.held_to import beyond_levels, check_datasets, refused_to_test
from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.platform.kernel.granted import has_right

APPLY_AT = "/api/v1/grants"


def file_levels(entry: DatasetEntry, release: ReleaseRef) -> dict[str, AccessLevel]:
    """The level of each column of the file. Raises Withheld for one that is so by now.

    A field that was closed after the release is closed in its file too; one that is gone keeps its level.
    """
    today, levels = entry.contract, dict[str, AccessLevel]()
    for field in file_fields(release):
        now = today.by_name.get(field.name)
        level = today.access_of(now) if now else release.contract.access_of(field)
        if level is AccessLevel.WITHHELD:
            raise withheld(f"{field.name} of {entry.name}", today if now else release.contract, now or field)
        levels[field.name] = level
    return levels


def is_anybodys(entry: DatasetEntry, levels: Mapping[str, AccessLevel]) -> bool:
    """Whether no key is needed."""
    return {entry.contract.access, *levels.values()} == {AccessLevel.OPEN}


def check_caller(caller: Caller, entry: DatasetEntry, levels: Mapping[str, AccessLevel], now: float) -> None:
    """Raises NotPermitted unless the kind of key, what its owner holds it to, and live grants allow all of the file."""
    if caller.kind is KeyKind.AGENCY:
        raise NotPermitted("An agency's key does not read data.", reason="agency_key")
    _check_grant(caller, entry, levels, now)
    _check_key(caller, entry.name, {entry.contract.access, *levels.values()})


def _check_grant(caller: Caller, entry: DatasetEntry, levels: Mapping[str, AccessLevel], now: float) -> None:
    """A grant of some fields gives those by questions only. None asks for the dataset as such."""
    needed: list[str | None] = [column for column, level in levels.items() if level is AccessLevel.RESTRICTED]
    if entry.contract.access is AccessLevel.RESTRICTED:
        needed.append(None)
    dataset = (entry.agency.slug, entry.slug)
    lacking = [one for one in needed if not has_right(caller.granted, dataset, one, now)]
    if not needed or (caller.kind is KeyKind.LIVE and not lacking):
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


def _check_key(caller: Caller, name: str, levels: set[AccessLevel]) -> None:
    check_datasets(caller, [name])
    beyond = sorted(levels - caller.levels) if caller.levels is not None else []
    if beyond:
        raise beyond_levels(f"The file of {name} holds {beyond[0]} data")
    if caller.kind is KeyKind.TEST and levels != {AccessLevel.OPEN}:
        raise refused_to_test(name)
