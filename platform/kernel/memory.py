"""How a process that stays treats Python's garbage collector.

With 1,400 datasets a full collection walks half a million objects of the schema, while nobody is answered, and finds
nothing. So what was built to stay is frozen: collections walk only what came since. `python -m benchmarks scale`
measures what stalls are left.

Freezing takes whatever is there, and garbage in circles that is frozen is never freed. So what is garbage by then is
collected first: without it each changed contract kept what writing the schema's text had left behind.

What a worker remembers of requests stays as well, and full collections walk it again and again. So what a full
collection has just found alive is frozen too once that took too long. Remembered documents, bodies and answers hold no
circle: their last reference frees them, frozen or not. What a request is in the middle of does: validating one document
makes up to 150,000 objects in circles. A full collection that comes then finds them alive, and frozen they are garbage
that nothing frees until all is looked at again: 34 MB after 600 such documents. So no collection comes in between.

What is freed goes to the C library, which keeps most of it: answers of all sizes come and go, and between two that stay
nothing is returned to the system. So a process asks it to, now and then: 2 MB of 216 each minute and 1 ms of its time.
"""

import ctypes
import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Then all is looked at once: what was alive when it was frozen may be garbage by now. While a contract changes two
# schemas are alive, which must not be enough.
FROZEN_GROWTH_MAX = 3.0
WALK_SECONDS_MAX = 0.03
GIVE_BACK_SECONDS = 60.0

# Only GNU's library has it.
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> None:
    """Return to the system what the C library holds and nobody uses."""
    if _trim is not None:
        _trim(0)


class _Pause:
    """Of collections, for as long as anybody in any thread is within it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0
        self._were_on = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._within:
                self._were_on = gc.isenabled()
                gc.disable()
            self._within += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._within -= 1
            if not self._within and self._were_on:
                gc.enable()


# `with uncollected:` around short work whose circles are garbage when it has ended: then they are found as young ones.
uncollected = _Pause()


class Memory:
    """One per process. Only where it `freezes` does anything happen: in tests many applications share a process."""

    def __init__(self, *, freezes: bool) -> None:
        self._freezes = freezes
        self._frozen = 0
        self._looks_at_all = False  # the next full collection does
        self._began = 0.0
        self._gave_back_at = 0.0

    def settle(self) -> None:
        """Once everything has started."""
        if self._freezes:
            if self._watch not in gc.callbacks:
                gc.callbacks.append(self._watch)
            self._look_at_all()
            gc.collect()

    @contextmanager
    def building(self) -> Iterator[None]:
        """Around work that makes many objects that stay: they are not walked while they are made, nor afterwards.

        The frozen ones are still freed by their last reference; whoever drops a structure with cycles must break them.
        """
        if not self._freezes:
            yield
            return
        if self._has_grown():
            self._look_at_all()
        gc.collect()
        with uncollected:
            try:
                yield
            finally:
                gc.freeze()

    def _look_at_all(self) -> None:
        gc.unfreeze()
        self._looks_at_all = True

    def _has_grown(self) -> bool:
        return 0 < FROZEN_GROWTH_MAX * self._frozen < gc.get_freeze_count()

    def _watch(self, phase: str, about: dict[str, int]) -> None:
        """Python calls it before and after each collection."""
        if about["generation"] != 2:
            return
        if phase == "start":
            self._began = time.thread_time()
            return
        if self._looks_at_all:
            gc.freeze()
            self._frozen = gc.get_freeze_count()
            self._looks_at_all = False
        elif time.thread_time() - self._began > WALK_SECONDS_MAX:
            gc.freeze()
            if self._has_grown():
                self._look_at_all()
        if time.monotonic() - self._gave_back_at > GIVE_BACK_SECONDS:
            give_back()
            self._gave_back_at = time.monotonic()
