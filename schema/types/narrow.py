"""Two schema texts without what is the same in both: comparing 1,400 datasets whole takes half a minute of CPU.

Only texts in the form in which sdl.py and graphql-core print them are narrowed, any other is left as it is.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# A description at the margin, a first line, and then everything that is indented, empty or closes a bracket.
_DEFINITION = re.compile(
    r'(?:"""(?:[^"\\]|\\"""|\\(?!""")|"{1,2}(?!"))*"""\n|"(?:[^"\\\n]|\\.)*"\n)?'
    r"(?P<kind>schema|scalar|type|interface|union|enum|input|directive)\b *(?P<name>@?\w*)[^\n{}]*\{?(?=\n|\Z)"
    r"(?:\n(?:[ })][^\n]*)?)*"
)
_NAME = re.compile(r"\b[_A-Za-z]\w*")


@dataclass(frozen=True, slots=True)
class _Definition:
    kind: str
    name: str
    text: str

    @property
    def outline(self) -> str:
        """Enough for a definition that refers to it: what an object holds is nobody else's matter."""
        return f"{self.kind} {self.name} {{ _: Int }}" if self.kind in ("type", "interface") else self.text


def narrowed(before: str, after: str) -> tuple[str, str]:
    """Texts with the same differences, and what these refer to; objects that did not change in outline only."""
    old, new = _definitions(before), _definitions(after)
    if old is None or new is None:
        return before, after
    same = {name: one for name, one in new.items() if old.get(name) == one and one.kind not in ("schema", "directive")}
    differing = [one for given in (old, new) for name, one in given.items() if name not in same]
    around = [one.outline for one in _referred_to(differing, same)]
    old_text, new_text = (
        "\n\n".join([*around, *(one.text for name, one in given.items() if name not in same)]) for given in (old, new)
    )
    return old_text, new_text


def _definitions(sdl: str) -> Mapping[str, _Definition] | None:
    """By name, or None for a text that does not consist of what a printer writes."""
    found: dict[str, _Definition] = {}
    position = 0
    while position < len(sdl):
        match = _DEFINITION.match(sdl, position)
        if match is None or match["name"] in found:
            return None
        found[match["name"]] = _Definition(match["kind"], match["name"], match[0].rstrip("\n"))
        position = match.end()
    return found


def _referred_to(differing: Iterable[_Definition], same: Mapping[str, _Definition]) -> Iterable[_Definition]:
    found: dict[str, _Definition] = {}
    waiting = [one.text for one in differing]
    while waiting:
        for name in set(_NAME.findall(waiting.pop())):
            if name in same and name not in found:
                found[name] = same[name]
                waiting.append(same[name].outline)
    return found.values()
