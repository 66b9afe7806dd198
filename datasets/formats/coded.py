"""A column of cells as its distinct texts and which of them stands in each row: what is done once per text is done
for all rows that hold it. Most columns of real files hold few.
"""

from collections.abc import Iterator, Sequence
from typing import Any, overload


class Coded(Sequence[str]):
    """Reads like a list of the cells. `codes` is a pyarrow array of int32: for each row the place of its text."""

    __slots__ = ("_places", "codes", "distinct")

    def __init__(self, distinct: list[str], codes: Any) -> None:
        self.distinct = distinct
        self.codes = codes
        self._places = memoryview(codes.buffers()[1]).cast("i")[codes.offset : codes.offset + len(codes)]

    def coded_as(self, distinct: list[str]) -> "Coded":
        """The same rows with another text for each; two texts may have become the same."""
        return Coded(distinct, self.codes)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        return map(self.distinct.__getitem__, self._places)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return list(map(self.distinct.__getitem__, self._places[at]))
        return self.distinct[self._places[at]]
