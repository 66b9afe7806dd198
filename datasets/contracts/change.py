"""What a changed contract does to those who already query it: nothing, an addition, or a break.

Non-null that becomes nullable breaks a typed client, so it counts as breaking, whatever looser recipes say.
"""

from publicgsb.datasets.contracts.aggregates_document import aggregate_breaks, aggregates_touched
from publicgsb.datasets.contracts.model import AccessLevel, Contract, Field, Ordering
from publicgsb.platform.kernel.errors import InvalidRequest

_OPENNESS = list(AccessLevel)


def breaks(old: Contract, new: Contract) -> tuple[str, ...]:
    """Each sentence names one thing that a query written against `old` could lose."""
    found: list[str] = []
    for field in old.fields:
        found += _field_breaks(old, field, new)
    for what, before, after in (
        ("recordName", old.record_name, new.record_name),
        ("primaryKey", old.primary_key, new.primary_key),
    ):
        if before != after:
            found.append(f"{what} changed")
    found += [f"the key {key.name} is gone" for key in old.unique_keys if key not in new.unique_keys]
    found += _ordering_breaks(old, new)
    if set(old.search) - set(new.search):
        found.append(f"search loses fields: {', '.join(sorted(set(old.search) - set(new.search)))}")
    kept = {link.name: link for link in new.links}
    for link in old.links:
        other = kept.get(link.name)
        if other is None or (other.target, other.reverse) != (link.target, link.reverse):
            found.append(f"the link {link.name} is gone or leads elsewhere")
    if old.coordinates is not None and new.coordinates != old.coordinates:
        found.append("the coordinates are gone or other fields")
    ends = {shortcut.name: (shortcut.from_link, shortcut.to_link) for shortcut in new.shortcuts}
    for shortcut in old.shortcuts:
        if ends.get(shortcut.name) != (shortcut.from_link, shortcut.to_link):
            found.append(f"the shortcut {shortcut.name} is gone or leads elsewhere")
    found += aggregate_breaks(old.aggregates, new.aggregates)
    if _OPENNESS.index(new.access) > _OPENNESS.index(old.access):
        found.append(f"access narrows from {old.access} to {new.access}")
    return tuple(found)


def touched_fields(old: Contract, new: Contract) -> tuple[str, ...]:
    """The columns of `old` by which a break is felt; all of them where it is the record's own (name, key, cells)."""
    if _record(old) != _record(new):
        return tuple(field.name for field in old.fields)
    touched = [field.name for field in old.fields if _field_breaks(old, field, new)]
    kept = {(link.name, link.target, link.reverse) for link in new.links}
    for link in old.links:
        if (link.name, link.target, link.reverse) not in kept:
            touched += link.fields
    touched += set(old.search) - set(new.search)
    if old.coordinates is not None and new.coordinates != old.coordinates:
        touched += [old.coordinates.lat, old.coordinates.lon]
    for key in old.unique_keys:
        if key not in new.unique_keys:
            touched += key.fields
    orders = {order.name: order.fields for order in new.orderings if not _loses_alphabet(old, order)}
    for order in old.orderings:
        if orders.get(order.name) != order.fields:
            touched += order.fields
    ends = {(shortcut.name, shortcut.from_link, shortcut.to_link) for shortcut in new.shortcuts}
    for shortcut in old.shortcuts:
        if (shortcut.name, shortcut.from_link, shortcut.to_link) not in ends:
            touched += (*old.link(shortcut.from_link).fields, *old.link(shortcut.to_link).fields)
    touched += aggregates_touched(old.aggregates, new.aggregates)
    return tuple(sorted(set(touched)))


def _record(contract: Contract) -> tuple[object, ...]:
    return contract.record_name, contract.primary_key, contract.is_aggregate_only


def _loses_alphabet(old: Contract, new: Ordering) -> bool:
    return any(one.name == new.name and one.alphabet not in (None, new.alphabet) for one in old.orderings)


def _ordering_breaks(old: Contract, new: Contract) -> list[str]:
    """An alphabet may be added: the same records come, in an order that readers expect."""
    kept = {order.name: order for order in new.orderings}
    found = []
    for order in old.orderings:
        other = kept.get(order.name)
        if other is None or other.fields != order.fields:
            found.append(f"the ordering {order.name} is gone")
        elif order.alphabet and other.alphabet is not order.alphabet:
            found.append(f"the ordering {order.name} loses its alphabet")
    return found


def _field_breaks(old: Contract, field: Field, contract: Contract) -> list[str]:
    new = contract.by_name.get(field.name)
    if new is None:
        return [f"the field {field.name} is gone"]
    found = []
    if new.type is not field.type:
        found.append(f"the type of {field.name} changes from {field.type} to {new.type}")
    if field.required and not new.required:
        found.append(f"{field.name} may now be null")
    if field.filters - new.filters:
        found.append(f"{field.name} loses filters: {', '.join(sorted(field.filters - new.filters))}")
    if _OPENNESS.index(contract.access_of(new)) > _OPENNESS.index(old.access_of(field)):
        found.append(f"access to {field.name} narrows")
    return found


def refuse_unannounced_break(old: Contract, new: Contract) -> None:
    """A changed contract needs a later version, and a breaking one a later major."""
    if old.sha256 == new.sha256:
        return
    if _version(new) <= _version(old):
        raise InvalidRequest(
            f"The contract of {new.slug} changed, but {new.version} is not later than {old.version}.",
            hint="Raise `version`: third number for words, second for additions, first for breaks.",
            reason="version",
        )
    found = breaks(old, new)
    if found and new.major <= old.major:
        raise InvalidRequest(
            f"The contract of {new.slug} breaks what callers use: {'; '.join(found)}.",
            hint=f"Undo that, or raise `version` to {old.major + 1}.0.0.",
            reason="breaking_change",
            breaks=list(found),
        )


def _version(contract: Contract) -> tuple[int, ...]:
    return tuple(int(part) for part in contract.version.split("."))
