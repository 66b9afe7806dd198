"""Whether a pattern can keep a core busy for ever: who writes it may also write the cell that it is tried on.

Python's matcher tries one way after another and cannot be interrupted, so how many ways there are is bounded before.
"""

import importlib
from typing import Any

from publicgsb.datasets.contracts.model import Contract, Field
from publicgsb.datasets.contracts.problems import Problems

WAYS_MAX = 2_000_000  # a cell of one long run, tried once at each of its lengths
_CELL_LENGTH_MAX = 1_048_576  # of any record
_PARSER: Any = importlib.import_module("re._parser")  # the matcher's own reading of a pattern; it has no public name


def check_patterns(contract: Contract, problems: Problems) -> None:
    for at, field in enumerate(contract.fields):
        if field.constraints.pattern is not None and ways(field) >= WAYS_MAX:
            problems.add(
                f"fields[{at}].constraints.pattern",
                "could be tried in too many ways on one cell.",
                "می‌تواند برای یک خانه بیش از اندازه حالت داشته باشد.",
                "Bound the cell by `maxLength`, and repeat only what has one length: ([0-9]{2}-)* and not ([0-9]+-)*.",
            )


def ways(field: Field) -> int:
    """At most so many ways to match the field's pattern with a cell; WAYS_MAX stands for more."""
    length = field.constraints.max_length
    return _of_sequence(_PARSER.parse(field.constraints.pattern), _CELL_LENGTH_MAX if length is None else length)


def _of_sequence(parts: Any, length: int) -> int:
    found = 1
    for operation, argument in parts:
        found = min(WAYS_MAX, found * _of(operation.name, argument, length))
    return found


def _of(name: str, argument: Any, length: int) -> int:
    match name:
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, body = argument
            return _of_repeat(int(least), min(int(most), length), _of_sequence(body, length))
        case "SUBPATTERN":
            return _of_sequence(argument[3], length)
        case "BRANCH":
            return min(WAYS_MAX, sum(_of_sequence(branch, length) for branch in argument[1]))
        case "ATOMIC_GROUP":
            return _of_sequence(argument, length)
        case "ASSERT" | "ASSERT_NOT":
            return _of_sequence(argument[1], length)
        case "GROUPREF_EXISTS":
            branches = [branch for branch in argument[1:] if branch is not None]
            return min(WAYS_MAX, sum(_of_sequence(branch, length) for branch in branches))
    return 1


def _of_repeat(least: int, most: int, inner: int) -> int:
    if inner == 1:
        return min(WAYS_MAX, max(1, most - least + 1))
    found, power = 0, 1
    for times in range(most + 1):
        if times >= least:
            found += power
        power *= inner
        if max(found, power) >= WAYS_MAX and most > times:
            return WAYS_MAX
    return max(1, min(WAYS_MAX, found))
