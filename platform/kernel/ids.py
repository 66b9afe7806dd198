"""Identifiers: types that must not be mixed, and random ids for requests and operations."""

import secrets
from typing import NewType
from uuid import UUID

OrganisationId = NewType("OrganisationId", int)
ApplicationId = NewType("ApplicationId", int)
KeyId = NewType("KeyId", str)
BootId = NewType("BootId", UUID)

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_DIGITS = bytes(ord(BASE62[byte % 62]) for byte in range(256))
_UNEVEN = bytes(range(256 - 256 % 62, 256))


def random_base62(length: int) -> str:
    """`length` characters, each 5.95 bits, from the operating system's generator.

    A byte gives one of 62 characters by its remainder; the eight bytes that would favour some of them are thrown away.
    """
    found = b""
    while len(found) < length:
        found += secrets.token_bytes(length + 8).translate(_DIGITS, _UNEVEN)
    return found[:length].decode("ascii")


class RequestIds:
    """Opaque ids for requests, in every answer and log line; drawn by the block, since each draw is a system call."""

    def __init__(self) -> None:
        self._drawn: list[str] = []

    def next(self) -> str:
        if not self._drawn:
            block = secrets.token_hex(10 * 256)
            self._drawn = ["req_" + block[at : at + 20] for at in range(0, len(block), 20)]
        return self._drawn.pop()
