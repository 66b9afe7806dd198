"""Which part of a list a page shows: so many from a cursor on, read forward or backward."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from publicgsb_sdk.testing.refusals import invalid

PAGE_DEFAULT, PAGE_MAX = 20, 1000

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Window(Generic[One]):
    """`matching` is the whole list; `rest` is what lies on the reading side of the cursor."""

    matching: list[One]
    rest: list[One]
    size: int
    is_backward: bool

    @property
    def shown(self) -> list[One]:
        return self.rest[max(0, len(self.rest) - self.size) :] if self.is_backward else self.rest[: self.size]

    @property
    def has_next(self) -> bool:
        return self._has_behind if self.is_backward else self._has_more

    @property
    def has_previous(self) -> bool:
        return self._has_more if self.is_backward else self._has_behind

    @property
    def _has_more(self) -> bool:
        return len(self.rest) > self.size

    @property
    def _has_behind(self) -> bool:
        return len(self.matching) > len(self.rest)


def window_of(args: Mapping[str, Any]) -> tuple[int, str | None, bool]:
    """Size, cursor, and whether the page is read from the end; a null is an argument left out."""
    if args.get("last") is not None:
        return args["last"], args.get("before"), True
    first = args.get("first")
    return (PAGE_DEFAULT if first is None else first), args.get("after"), False


def check_window(args: Mapping[str, Any]) -> int:
    """The size of the page. Raises for one that is none, and for two directions at once."""
    given = {name for name in ("first", "after", "last", "before") if args.get(name) is not None}
    if not (given <= {"first", "after"} or given in ({"last"}, {"last", "before"})):
        raise invalid("A page is read by `first` and `after`, or by `last` and `before`.", "paging")
    size, _, _ = window_of(args)
    if not 0 <= size <= PAGE_MAX:
        raise invalid(f"A page (`first` or `last`) holds 0 to {PAGE_MAX} records.", "page_size")
    return size
