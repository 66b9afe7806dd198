"""What differs between two contracts, member by member: fields[name].label.en, and not line by line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.contracts.render import render

TOLD_MAX = 500


class How(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # a list of the same members in another order


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` is None of what was added, `after` of what was removed; both are None of what was moved."""

    path: str
    how: How
    before: Any = None
    after: Any = None

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "how": self.how.value, "before": self.before, "after": self.after}


def differences(old: Contract, new: Contract) -> tuple[Difference, ...]:
    """The first `TOLD_MAX`, in the order of the document."""
    return tuple(islice(_of_objects("", render(old), render(new)), TOLD_MAX))


def _of(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_objects(path, old, new)
        return
    before, after = _by_name(old), _by_name(new)
    if before is not None and after is not None:
        yield from _of_named(path, before, after)
    else:
        yield Difference(path, How.CHANGED, old, new)


def _of_objects(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys([*old, *new]):
        yield from _of_member(f"{path}.{name}" if path else name, name, old, new)


def _of_named(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys([*old, *new]):
        yield from _of_member(f"{path}[{name}]", name, old, new)
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield Difference(path, How.MOVED)


def _of_member(path: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    if name not in old:
        yield Difference(path, How.ADDED, after=new[name])
    elif name not in new:
        yield Difference(path, How.REMOVED, before=old[name])
    else:
        yield from _of(path, old[name], new[name])


def _by_name(value: Any) -> dict[str, Any] | None:
    """The members of a list by what they are called, where each has a name of its own."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    named = {_name(one): one for one in value}
    return None if None in named or len(named) < len(value) else {str(name): one for name, one in named.items()}


def _name(one: Any) -> str | None:
    if not isinstance(one, Mapping):
        return None
    name = one.get("name", one.get("value"))
    return name if isinstance(name, str) else None
