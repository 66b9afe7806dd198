"""Words of a contract inside of source text: agencies write them, and none of them may become code.

Persian stays readable, with its zero-width non-joiners. What a reader cannot see (controls, and marks that turn the
direction of a line, so that it reads otherwise than it runs) is written as an escape.
"""

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator

from publicgsb_sdk.contract import Label

WIDTH = 110
ZWNJ = "\u200c"  # belongs to the spelling of Persian words
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def quoted(text: str) -> str:
    """The text as a string literal of one line."""
    return f'"{shown(text)}"'


def shown(text: str) -> str:
    """The text in one line, with escapes for what cannot be seen or would end a string."""
    return "".join(_escaped(letter) for letter in text)


def literal(values: Iterable[str | int]) -> str:
    """`Literal["a", "b"]`."""
    return f"Literal[{', '.join(quoted(one) if isinstance(one, str) else str(one) for one in values)}]"


def named(name: str, values: Iterable[str | int]) -> Iterator[str]:
    """`name = Literal[...]`, in as many lines as it takes."""
    lines: list[str] = []
    line = ""
    for value in values:
        item = f"{quoted(value) if isinstance(value, str) else value},"
        if line and len(line) + len(item) >= WIDTH:
            lines.append(line)
            line = ""
        line += f" {item}" if line else item
    if not lines:
        yield f"{name} = Literal[{line[:-1]}]"
        return
    yield f"{name} = Literal["
    yield from (f"    {one}" for one in (*lines, line))
    yield "]"


def documented(paragraphs: Iterable[str], indent: str = "") -> Iterator[str]:
    """The lines of a docstring."""
    wrapped = [line for text in paragraphs for line in (*_wrapped(text, WIDTH - len(indent)), "")][:-1]
    if len(wrapped) == 1:
        yield f'{indent}"""{wrapped[0]}"""'
        return
    yield f'{indent}"""{wrapped[0]}'
    yield from (f"{indent}{line}".rstrip() for line in wrapped[1:])
    yield f'{indent}"""'


def remark(text: str, indent: str = "") -> Iterator[str]:
    """The same as a comment: each line of it."""
    return (f"{indent}# {line}" for line in _wrapped(text, WIDTH - len(indent) - 2))


def both(label: Label | None) -> tuple[str, ...]:
    """A text in both languages, Persian first; once where they are equal."""
    return tuple(dict.fromkeys(text for text in (label.fa, label.en) if text.strip())) if label else ()


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(shown(" ".join(text.split())), width, break_long_words=False, break_on_hyphens=False) or [""]


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter == ZWNJ or unicodedata.category(letter) not in UNSEEN:
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
