"""Which tables of other agencies a new table can be joined with, on which columns, and what they would add.

Only what anybody can read is joined with: counts over closed data would tell in a public certificate who is in them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Field, FieldType
from publicgsb.datasets.privacy.linkage.model import Via
from publicgsb.datasets.registry import Registry, ReleaseRef

JOINS_MAX = 40
ADDED_MAX = 12  # columns of the other table that are looked at
_WHOLE = frozenset({FieldType.INTEGER, FieldType.BIGINT, FieldType.YEAR})


@dataclass(frozen=True, slots=True)
class Join:
    dataset: str
    release: ReleaseRef
    via: Via
    shared: tuple[tuple[str, str], ...]
    added: tuple[str, ...]  # columns of the other table


def joins(contract: Contract, quasi: Sequence[str], registry: Registry) -> list[Join]:
    """Those on most columns first."""
    found = list(_joins(contract, quasi, registry))
    found.sort(key=lambda join: (-len(join.shared), join.dataset))
    return found[:JOINS_MAX]


def _joins(contract: Contract, quasi: Sequence[str], registry: Registry) -> Iterator[Join]:
    own = (contract.agency, contract.dataset)
    for (agency, _), entry in registry.datasets.items():
        current = entry.current
        if agency == contract.agency or current is None or current.contract.is_aggregate_only:
            continue
        there = {
            field.name: field
            for field in current.contract.released_fields
            if field.name in current.columns and is_open(current.contract, field)
        }
        pairs = [
            (Via.LINK, tuple(zip(link.fields, link.to_fields, strict=True)))
            for link in contract.links
            if link.target == (agency, entry.slug)
        ]
        pairs += [
            (Via.LINK, tuple(zip(link.to_fields, link.fields, strict=True)))
            for link in current.contract.links
            if link.target == own
        ]
        pairs.append((Via.NAME, tuple((name, name) for name in quasi if name in there)))
        for via, shared in dict.fromkeys(pairs):
            if shared and all(_is_comparable(contract, here, there.get(other)) for here, other in shared):
                added = tuple(name for name in there if name not in {other for _, other in shared})
                yield Join(entry.name, current, via, shared, added[:ADDED_MAX])


def is_open(contract: Contract, field: Field) -> bool:
    """Whether anybody may read the field: of an open dataset, and not held closer itself."""
    return AccessLevel.OPEN is contract.access is contract.access_of(field)


def _is_comparable(contract: Contract, here: str, other: Field | None) -> bool:
    field = contract.by_name.get(here)
    if field is None or other is None or field not in contract.released_fields:
        return False
    return field.type is other.type or {field.type, other.type} <= _WHOLE
