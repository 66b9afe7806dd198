"""Taking a schema apart that nobody uses any more.

Types refer to each other in circles, and frozen ones are never looked at by the garbage collector (kernel/memory.py),
so the circles are broken by hand: a few types at a time, because freeing a whole schema at once would stall requests.
"""

import asyncio
import weakref
from collections.abc import Sequence

_AT_ONCE = 50  # types of about a millisecond


def dissolve_after(owner: object, circular: Sequence[object]) -> None:
    """When the last reference to `owner` is gone, what is `circular` comes apart in the event loop that runs now."""
    loop = asyncio.get_running_loop()

    def begin(rest: list[object]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(_some, loop, rest)

    # Not at exit: the process takes everything with it.
    weakref.finalize(owner, begin, list(circular)).atexit = False


def _some(loop: asyncio.AbstractEventLoop, rest: list[object]) -> None:
    for _ in range(min(_AT_ONCE, len(rest))):
        vars(rest.pop()).clear()
    if rest:
        loop.call_soon(_some, loop, rest)
