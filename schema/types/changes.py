"""What one schema text changes for a reader of another: added, deprecated, changed or removed, by schema coordinate."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    specified_scalar_types,
)
from graphql.utilities import (
    BreakingChange,
    BreakingChangeType,
    DangerousChange,
    SafeChange,
    SafeChangeType,
    find_schema_changes,
)

from publicgsb.schema.types.narrow import narrowed


class ChangeKind(StrEnum):
    ADDED = "added"
    DEPRECATED = "deprecated"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the schema's changelog."""

    kind: ChangeKind
    path: str  # a schema coordinate: Type, Type.field, Type.field(arg:) or @directive
    text: str  # a sentence, or "" where kind and path say it all
    is_breaking: bool = False

    def as_json(self) -> dict[str, object]:
        return {"kind": self.kind.value, "path": self.path, "text": self.text, "isBreaking": self.is_breaking}


def changes_between(before_sdl: str, after_sdl: str) -> list[Change]:
    """In the order of the kinds, then by coordinate; a type that is new stands for everything in it."""
    texts = narrowed(before_sdl, after_sdl)
    before, after = (build_schema(sdl, assume_valid=True, assume_valid_sdl=True) for sdl in texts)
    found = {_change(one) for one in find_schema_changes(before, after) if not _is_silent(one)}
    found.update(_deprecated(before, after))
    order = list(ChangeKind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.path, one.text))


def _is_silent(change: BreakingChange | DangerousChange | SafeChange) -> bool:
    """Words in a description change nothing for a program, nor does which of the standard scalars are used."""
    if change.type in (BreakingChangeType.TYPE_REMOVED, SafeChangeType.TYPE_ADDED):
        return _coordinate(change.description) in specified_scalar_types
    return change.type is SafeChangeType.DESCRIPTION_CHANGED


def _change(change: BreakingChange | DangerousChange | SafeChange) -> Change:
    name = change.type.name
    kind = ChangeKind.CHANGED
    if "REMOVED" in name:
        kind = ChangeKind.REMOVED
    elif "ADDED" in name and "DEFAULT_VALUE" not in name:
        kind = ChangeKind.ADDED
    return Change(
        kind, _coordinate(change.description), change.description, isinstance(change.type, BreakingChangeType)
    )


# Of a field, argument or directive; a type is the first word of its sentence.
_COORDINATE = re.compile(r"@\w+(?:\(\w+:\))?|\b[_A-Za-z]\w*\.[_A-Za-z]\w*(?:\(\w+:\))?")
_TYPE = re.compile(r"(?:Standard scalar )?(\w+)")


def _coordinate(description: str) -> str:
    """graphql-core keeps the coordinate of a change in its description only."""
    if found := _COORDINATE.search(description):
        return found[0]
    first = _TYPE.match(description)
    return first[1] if first else description


def _deprecated(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    old = dict(_reasons(before))
    for path, reason in _reasons(after):
        if old.get(path) is None and reason is not None and path in old:
            yield Change(ChangeKind.DEPRECATED, path, reason)


def _reasons(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    for name, type_ in schema.type_map.items():
        if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
            for field_name, field in type_.fields.items():
                yield f"{name}.{field_name}", field.deprecation_reason
                for arg_name, arg in field.args.items():
                    yield f"{name}.{field_name}({arg_name}:)", arg.deprecation_reason
        elif isinstance(type_, GraphQLInputObjectType):
            for field_name, input_field in type_.fields.items():
                yield f"{name}.{field_name}", input_field.deprecation_reason
        elif isinstance(type_, GraphQLEnumType):
            for value_name, value in type_.values.items():
                yield f"{name}.{value_name}", value.deprecation_reason
