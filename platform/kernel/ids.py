"""Identifiers: types that must not be mixed, and random ids for requests and operations."""

import secrets
from typing import NewType
from uuid import UUID

OrganisationId = NewType("OrganisationId", int)
ApplicationId = NewType("ApplicationId", int)
KeyId = NewType("KeyId", str)
BootId = NewType("BootId", UUID)

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def random_base62(length: int) -> str:
    """`length` characters, each 5.95 bits, from the operating system's generator."""
    return "".join(secrets.choice(BASE62) for _ in range(length))


class RequestIds:
    """Opaque ids for requests, in every answer and log line; drawn by the block, since each draw is a system call."""

    def __init__(self) -> None:
        self._drawn: list[str] = []

    def next(self) -> str:
        if not self._drawn:
            block = secrets.token_hex(10 * 256)
            self._drawn = ["req_" + block[at : at + 20] for at in range(0, len(block), 20)]
        return self._drawn.pop()
