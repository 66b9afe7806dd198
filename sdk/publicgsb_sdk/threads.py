"""What threads of a download ask of a client that waits: nothing but itself.

`asynchronous/threads.py` is the same where a loop has to be asked.
"""

from collections.abc import Callable
from typing import TypeVar

import httpx2

Value = TypeVar("Value")


def blocking(work: Callable[[], Value]) -> Callable[[], Value]:
    """The work as a thread can call it."""
    return work


def streams(http: httpx2.Client) -> httpx2.Client:
    """The connections as a download uses them."""
    return http
