"""Identifiers: types that must not be mixed, and random ids for requests and operations."""

import secrets
from typing import NewType
from uuid import UUID

AgencyId = NewType("AgencyId", int)
DatasetId = NewType("DatasetId", int)
ReleaseId = NewType("ReleaseId", int)
OrganisationId = NewType("OrganisationId", int)
ApplicationId = NewType("ApplicationId", int)
KeyId = NewType("KeyId", str)
BootId = NewType("BootId", UUID)

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def random_base62(length: int) -> str:
    """`length` characters, each 5.95 bits, from the operating system's generator."""
    return "".join(secrets.choice(BASE62) for _ in range(length))


def new_request_id() -> str:
    """An opaque id for one request, in every answer and every log line of it."""
    return "req_" + secrets.token_hex(10)
