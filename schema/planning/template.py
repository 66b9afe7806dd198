"""The skeleton of an answer's `data`: constant bytes with holes for root fields and static fields."""

from publicgsb.schema.planning.model import Segment


class Template:
    """Written in the order of the answer; `segments()` gives the plan's template."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._text = bytearray()
        self._is_first = True

    def open(self) -> None:
        self._text += b"{"
        self._is_first = True

    def close(self) -> None:
        self._text += b"}"
        self._is_first = False

    def key(self, name: str) -> None:
        self._text += (b"" if self._is_first else b",") + f'"{name}":'.encode()
        self._is_first = False

    def add(self, segment: Segment) -> None:
        if isinstance(segment, bytes):
            self._text += segment
            return
        self._segments += [bytes(self._text), segment]
        self._text.clear()

    def segments(self) -> tuple[Segment, ...]:
        return (*self._segments, bytes(self._text))
