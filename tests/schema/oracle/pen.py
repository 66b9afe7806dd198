"""Writes values into a document: as literals, or as variables in their place or in the place of a part of them."""

import json
import random
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    get_nullable_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

_SHARED = frozenset({"Boolean", "Int", "String"})


class Word(str):
    """An enum value: bare in a document, a string in JSON."""

    __slots__ = ()


class Pen:
    """Everything that one operation names once: its variables and its names. `dice` decides."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.definitions: dict[str, str] = {}  # variable → its definition after the name
        self.variables: dict[str, Any] = {}
        self._names = 0

    def chance(self, chance: float) -> bool:
        return self.dice.random() < chance

    def fresh(self, kind: str) -> str:
        self._names += 1
        return f"{kind}{self._names}"

    def alias(self, name: str, chance: float) -> str:
        return f"{self.fresh('a')}: {name}" if self.chance(chance) else name

    def directives(self) -> str:
        if not self.chance(0.1):
            return ""
        found = []
        for name in self.dice.sample(("skip", "include"), self.dice.choice((1, 1, 2))):
            wanted = self.chance(0.75) == (name == "include")
            value = self._variable("Boolean!", wanted, json.dumps(wanted)) if self.chance(0.6) else json.dumps(wanted)
            found.append(f" @{name}(if: {value})")
        return "".join(found)

    def render(self, value: Any, type_: Any, *, is_one_of: bool = False) -> str:
        """The value as a literal, or a variable in its place, or in the place of a part of it."""
        if self.chance(0.3):
            if is_one_of:
                return self._variable(f"{get_nullable_type(type_)}!", value, None)
            declared = str(type_)
            if not is_non_null_type(type_) and value is not None and self.chance(0.3):
                declared += "!"
            return self._variable(declared, value, self._literal(value, type_))
        return self._literal(value, type_, may_vary=True)

    def _literal(self, value: Any, type_: Any, *, may_vary: bool = False) -> str:
        bare: Any = get_nullable_type(type_)
        if isinstance(value, Word):
            return str(value)
        if isinstance(value, list) and is_list_type(bare):
            parts = [self._part(one, bare.of_type, may_vary=may_vary) for one in value]
            is_bare = len(parts) == 1 and not parts[0].startswith("$") and self.chance(0.3)
            return parts[0] if is_bare else f"[{', '.join(parts)}]"
        if isinstance(value, dict) and is_input_object_type(bare):
            members = [
                f"{name}: {self._part(inner, bare.fields[name].type, may_vary=may_vary, parent=bare)}"
                for name, inner in value.items()
            ]
            return "{" + ", ".join(members) + "}"
        return json.dumps(value, ensure_ascii=False)

    def _part(self, value: Any, type_: Any, *, may_vary: bool, parent: GraphQLInputObjectType | None = None) -> str:
        if not may_vary:
            return self._literal(value, type_)
        return self.render(value, type_, is_one_of=parent is not None and parent.is_one_of)

    def _variable(self, declared: str, value: Any, default: str | None) -> str:
        """A new variable, now and then one that is there already; `default` None: it must be given."""
        fitting = [
            name for name, rest in self.definitions.items() if rest == declared and declared.rstrip("!") in _SHARED
        ]
        if fitting and self.chance(0.3):
            return f"${self.dice.choice(fitting)}"
        name = self.fresh("v")
        definition = declared
        is_omitted = is_null = False
        if default is not None and self.chance(0.3):
            definition = declared.rstrip("!") if self.chance(0.6) else declared
            definition += f" = {default}"
            is_omitted = self.chance(0.5)
            is_null = self.chance(0.05)
        elif not declared.endswith("!"):
            is_omitted, is_null = self.chance(0.06), self.chance(0.03)
        if definition.endswith("= null") and declared.endswith("!"):
            definition, is_omitted = declared, False
        self.definitions[name] = definition
        if not is_omitted:
            self.variables[name] = None if is_null else value
        return f"${name}"
