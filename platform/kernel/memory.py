"""How a process that stays treats Python's garbage collector.

With 1,400 datasets a full collection walks half a million objects of the schema, while nobody is answered, and finds
nothing. So what was built to stay is frozen: collections walk only what came since. `python -m benchmarks scale`
measures what stalls are left.

Freezing takes whatever is there, and garbage in circles that is frozen is never freed. So what is garbage by then is
collected first: without it each changed contract kept what writing the schema's text had left behind.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

FROZEN_GROWTH_MAX = 1.5  # then all is looked at once: requests that ran during a build leave some garbage frozen


class Memory:
    """One per process. Only where it `freezes` does anything happen: in tests many applications share a process."""

    def __init__(self, *, freezes: bool) -> None:
        self._freezes = freezes
        self._frozen = 0

    def settle(self) -> None:
        """Once everything has started."""
        if self._freezes:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._frozen = gc.get_freeze_count()

    @contextmanager
    def building(self) -> Iterator[None]:
        """Around work that makes many objects that stay: they are not walked while they are made, nor afterwards.

        The frozen ones are still freed by their last reference; whoever drops a structure with cycles must break them.
        """
        if not self._freezes:
            yield
            return
        self._collect()
        gc.disable()
        try:
            yield
        finally:
            gc.freeze()
            gc.enable()

    def _collect(self) -> None:
        if self._frozen and gc.get_freeze_count() > FROZEN_GROWTH_MAX * self._frozen:
            self.settle()
        else:
            gc.collect()
