"""How a process that stays treats Python's garbage collector.

With 1,400 datasets a full collection walks half a million objects of the schema, 0.7 s in which nobody is answered
(measured), and finds nothing. So what was built to stay is frozen: collections walk only what came since.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


class Memory:
    """One per process. Only where it `freezes` does anything happen: in tests many applications share a process."""

    def __init__(self, *, freezes: bool) -> None:
        self._freezes = freezes

    def settle(self) -> None:
        """Once everything has started."""
        if self._freezes:
            gc.collect()
            gc.freeze()

    @contextmanager
    def building(self) -> Iterator[None]:
        """Around work that makes many objects that stay: they are not walked while they are made, nor afterwards.

        The frozen ones are still freed by their last reference; whoever drops a structure with cycles must break them.
        """
        if not self._freezes:
            yield
            return
        gc.collect(1)  # the garbage of the last moments would be frozen too, and never freed
        gc.disable()
        try:
            yield
        finally:
            gc.freeze()
            gc.enable()
