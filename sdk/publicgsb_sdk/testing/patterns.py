"""A text that matches a regular expression, for columns whose contract has a pattern."""

import random
import string
from importlib import import_module
from typing import Any

REPEAT_MAX = 4  # beyond what a pattern asks for at least
CLASSES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_SPACE": " ",
    "CATEGORY_WORD": string.ascii_letters + string.digits + "_",
}
ANY = string.ascii_letters + string.digits


def matching(pattern: str, dice: random.Random) -> str:
    """Mostly matches; look-arounds and boundaries are passed over, so whoever asks holds it against the pattern."""
    parser: Any = import_module("re._parser")  # what `re` itself reads patterns by
    return _written(parser.parse(pattern), dice, {})


def _written(parts: Any, dice: random.Random, groups: dict[int, str]) -> str:
    return "".join(_part(str(kind), of, dice, groups) for kind, of in parts)


def _part(kind: str, of: Any, dice: random.Random, groups: dict[int, str]) -> str:
    match kind:
        case "LITERAL":
            return chr(of)
        case "NOT_LITERAL":
            return dice.choice([one for one in ANY if one != chr(of)])
        case "ANY":
            return dice.choice(ANY)
        case "IN":
            return dice.choice(_members(of))
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, inner = of
            times = dice.randint(least, min(int(most), least + REPEAT_MAX))
            return "".join(_written(inner, dice, groups) for _ in range(times))
        case "SUBPATTERN":
            found = _written(of[-1], dice, groups)
            if of[0] is not None:
                groups[of[0]] = found
            return found
        case "ATOMIC_GROUP":
            return _written(of, dice, groups)
        case "BRANCH":
            return _written(dice.choice(of[1]), dice, groups)
        case "GROUPREF":
            return groups.get(of, "")
        case _:
            return ""


def _members(of: Any) -> list[str]:
    found: set[str] = set()
    is_negated = False
    for kind, what in of:
        if str(kind) == "NEGATE":
            is_negated = True
        elif str(kind) == "LITERAL":
            found.add(chr(what))
        elif str(kind) == "RANGE":
            found.update(map(chr, range(what[0], min(what[1], what[0] + 1_000) + 1)))
        else:
            found.update(CLASSES.get(str(what), ANY))
    return sorted(set(ANY) - found if is_negated else found)
