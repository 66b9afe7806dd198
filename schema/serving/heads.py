"""What heads of requests said when they were read, so that the same head is not read again.

A head is remembered by a keyed hash, so that no key can be read in this process's memory.
"""

import secrets
from hashlib import blake2b
from typing import Generic, TypeVar

HEADS_MAX = 10_000

T = TypeVar("T")


class Heads(Generic[T]):
    """The oldest go first."""

    def __init__(self, most: int = HEADS_MAX) -> None:
        self._most = most
        self._hash_key = secrets.token_bytes(32)
        self._said: dict[bytes, T] = {}

    def name(self, head: bytes) -> bytes:
        """What the others take."""
        return blake2b(head, digest_size=16, key=self._hash_key).digest()

    def find(self, name: bytes) -> T | None:
        return self._said.get(name)

    def keep(self, name: bytes, said: T) -> None:
        if len(self._said) >= self._most:
            del self._said[next(iter(self._said))]
        self._said[name] = said

    def forget(self, name: bytes) -> None:
        del self._said[name]
