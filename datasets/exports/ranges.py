"""Which bytes a request asks for (RFC 9110, section 14). What it cannot mean is ignored, as the section has it."""

import re
from dataclasses import dataclass

RANGES_MAX = 16  # more at once is no reader we know, and each costs a part of its own
_SPEC = re.compile(r"(\d{0,18})-(\d{0,18})")


class UnsatisfiableError(Exception):
    """No byte of what was asked for is there, or more ranges than anybody needs."""


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes `start` up to before `end`."""

    start: int
    end: int


def wanted(header: str | None, size: int) -> tuple[Range, ...] | None:
    """The ranges in ascending order, those that touch made one; None when all is to be sent.

    Raises UnsatisfiableError when what was asked for begins behind the end, and for more than RANGES_MAX.
    """
    if header is None:
        return None
    unit, _, text = header.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    specs = [one.strip() for one in text.split(",") if one.strip()]
    found = [_SPEC.fullmatch(one) for one in specs[: RANGES_MAX + 1]]
    if not found or not all(found):
        return None
    if len(specs) > RANGES_MAX:
        raise UnsatisfiableError
    ranges: list[Range] = []
    for match in found:
        assert match is not None
        first, last = match[1], match[2]
        if not first and not last:
            return None
        if first and last and int(last) < int(first):
            return None
        ranges.append(_range(first, last, size))
    satisfiable = sorted((one for one in ranges if one.start < one.end), key=lambda one: one.start)
    if not satisfiable:
        raise UnsatisfiableError
    return _joined(satisfiable)


def _range(first: str, last: str, size: int) -> Range:
    if not first:  # the last so many bytes
        return Range(max(0, size - int(last)), size)
    return Range(int(first), min(int(last) + 1, size) if last else size)


def _joined(ranges: list[Range]) -> tuple[Range, ...]:
    joined = [ranges[0]]
    for one in ranges[1:]:
        if one.start <= joined[-1].end:
            joined[-1] = Range(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return tuple(joined)
