"""A mapping of the contract document with its place in it: typed reading that reports instead of raising."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.problems import Problems

E = TypeVar("E", bound=StrEnum)

TEXT_MAX = 4_000
LIST_MAX = 2_000
NEAREST_MAX = 100
NEAREST_LENGTH_MAX = 64
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Node:
    """Every read property is noted, so `refuse_unknown` can name those that nobody asked for."""

    def __init__(self, value: Mapping[str, Any], path: str, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self._value = value
        self._asked: set[str] = set()

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        self._asked.add(name)
        return self._value.get(name) is not None

    def raw(self, name: str) -> Any:
        self._asked.add(name)
        return self._value.get(name)

    def expected(self, name: str, en: str, fa: str, fix: str) -> None:
        self.problems.add(self.at(name), f"must be {en}.", f"باید {fa} باشد.", fix, "malformed")

    def missing(self, name: str) -> None:
        self.problems.add(self.at(name), "is missing.", "نیامده است.", f"Add `{name}`.", "missing")

    def text(self, name: str, *, required: bool = False, pattern: re.Pattern[str] | None = None) -> str | None:
        value = self.raw(name)
        if value is None:
            if required:
                self.missing(name)
            return None
        if not isinstance(value, str):
            self.expected(name, "text", "متن", "Put it in quotes." if not isinstance(value, dict | list) else "")
            return None
        if not value.strip():
            self.expected(name, "text that is not empty", "متنی ناتهی", "Fill it in.")
            return None
        if len(value) > TEXT_MAX or _CONTROL.search(value):
            self.expected(
                name,
                f"text of at most {TEXT_MAX} characters without control characters",
                f"متنی تا {TEXT_MAX} نویسه و بدون نویسهٔ کنترلی",
                "Shorten or clean it.",
            )
            return None
        if pattern is not None and not pattern.fullmatch(value):
            self.expected(name, f"like {pattern.pattern}", f"به شکل {pattern.pattern}", "Rename it.")
            return None
        return value.strip()

    def flag(self, name: str) -> bool:
        value = self.raw(name)
        if value is not None and not isinstance(value, bool):
            self.expected(name, "true or false", "true یا false", "Write true or false without quotes.")
            return False
        return bool(value)

    def integer(self, name: str, *, least: int, most: int) -> int | None:
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.expected(
                name,
                f"a whole number from {least} to {most}",
                f"عددی صحیح از {least} تا {most}",
                "Correct it.",
            )
            return None
        return value

    def share(self, name: str) -> float | None:
        """Of something: from 0 to 1."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.expected(name, "a number from 0 to 1", "عددی از ۰ تا ۱", "Write 0.9 for nine in ten.")
            return None
        return float(value)

    def choice(self, name: str, kind: type[E]) -> E | None:
        value = self.text(name)
        return None if value is None else self.member(name, value, kind)

    def member(self, name: str, value: object, kind: type[E]) -> E | None:
        try:
            return kind(str(value))
        except ValueError:
            allowed = ", ".join(kind)
            self.expected(name, f"one of: {allowed}", f"یکی از این‌ها: {allowed}", nearest(str(value), list(kind)))
            return None

    def label(self, name: str, *, required: bool = False) -> Label | None:
        node = self.node(name, required=required)
        if node is None:
            return None
        fa, en = node.text("fa", required=True), node.text("en", required=True)
        node.refuse_unknown()
        return Label(fa, en) if fa and en else None

    def node(self, name: str, *, required: bool = False) -> "Node | None":
        value = self.raw(name)
        if value is None:
            if required:
                self.missing(name)
            return None
        if not isinstance(value, Mapping):
            self.expected(name, "an object", "یک شیء", "Write its members, for a label { fa: …, en: … }.")
            return None
        return Node(value, self.at(name), self.problems)

    def items(self, name: str) -> Sequence[Any]:
        value = self.raw(name)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or len(value) > LIST_MAX:
            self.expected(name, f"a list of at most {LIST_MAX}", f"فهرستی تا {LIST_MAX} عضو", "Write it as a list.")
            return ()
        return value

    def nodes(self, name: str) -> Iterator["Node"]:
        for at, item in enumerate(self.items(name)):
            if isinstance(item, Mapping):
                yield Node(item, f"{self.at(name)}[{at}]", self.problems)
            else:
                self.problems.add(
                    f"{self.at(name)}[{at}]",
                    "must be an object.",
                    "باید یک شیء باشد.",
                    "Write its members.",
                    "malformed",
                )

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; one bare text counts as a list of one, as Table Schema v1 wrote keys."""
        value = self.raw(name)
        if isinstance(value, str):
            return (value,)
        items = self.items(name)
        if all(isinstance(item, str) for item in items):
            return tuple(items)
        self.expected(name, "a list of texts", "فهرستی از متن‌ها", "Put each member in quotes.")
        return ()

    def refuse_unknown(self) -> None:
        for name in self._value:
            if name not in self._asked:
                self.problems.add(
                    self.at(str(name)),
                    "is not a property that a contract has here.",
                    "در این جای قرارداد چنین ویژگی‌ای نیست.",
                    _INSTEAD.get(str(name)) or self._nearest(str(name)),
                    "unknown",
                )

    def _nearest(self, name: str) -> str:
        """Of the first ones only: it is dear, and a document may be made of nothing else."""
        is_worth_it = len(name) <= NEAREST_LENGTH_MAX and self.problems.count < NEAREST_MAX
        return nearest(name, sorted(self._asked)) if is_worth_it else "Remove it."


_INSTEAD = {
    "foreignKeys": "Declare it as a link: links: [{name, fields, to: agency/dataset, toFields}].",
    "license": "Write `licence`.",
    "licenses": "Write `licence`.",
    "zeroPad": "Write it as a transform: apply: [{zeroPad: 2}].",
    "title": "A field has a `label` {fa, en}.",
    "normalize": "Write `normalise`.",
}


def nearest(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else "Remove it, or see the list in docs."
