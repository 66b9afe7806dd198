"""Single-use codes that travel by mail: 190 random bits, stored as a digest under the pepper."""

import hmac
import re

from publicgsb.platform.kernel.ids import random_base62

_LENGTH = 32
_SHAPE = re.compile(r"[0-9A-Za-z]{32}").fullmatch


def draw() -> str:
    return random_base62(_LENGTH)


def digest(pepper: bytes, code: str) -> bytes:
    """What is stored; a key has another digest, so that neither passes for the other."""
    return hmac.digest(pepper, b"mail code:" + code.encode(), "sha256")


def is_well_formed(text: str) -> bool:
    return _SHAPE(text) is not None
