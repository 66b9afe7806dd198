"""Taking apart what nobody uses any more, a few milliseconds at a time.

Types refer to each other in circles, and frozen ones are never looked at by the garbage collector (kernel/memory.py),
so the circles are broken by hand. Freeing a whole schema or 100 MB of documents at once would stall requests.
"""

import asyncio
import time
import weakref
from collections.abc import Iterable, Iterator

from graphql import GraphQLSchema

_SLICE_SECONDS = 0.002


def dissolve_after(owner: object, steps: Iterator[None]) -> None:
    """When the last reference to `owner` is gone, the `steps` are taken in the event loop that runs now.

    The steps keep alive what they take apart, so they may not refer to the owner.
    """
    loop = asyncio.get_running_loop()

    def begin(steps: Iterator[None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(_some, loop, steps)

    # Not at exit: the process takes everything with it.
    weakref.finalize(owner, begin, steps).atexit = False


def taken_apart(schema: GraphQLSchema, circular: Iterable[object]) -> Iterator[None]:
    """`circular` are the types without which no two of the others refer to each other in a circle."""
    waiting = list(circular)
    while waiting:
        vars(waiting.pop()).clear()
        yield
    while schema.type_map:
        schema.type_map.popitem()
        yield
    vars(schema).clear()


def _some(loop: asyncio.AbstractEventLoop, steps: Iterator[None]) -> None:
    until = time.perf_counter() + _SLICE_SECONDS
    for _ in steps:
        if time.perf_counter() >= until:
            loop.call_soon(_some, loop, steps)
            return
