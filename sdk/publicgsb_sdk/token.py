"""A token: a key's right to read for ten minutes, to hand to where the key must not go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Token:
    """A key's right to read for ten minutes. Its text is a secret while it lasts.

    `datasets` is None for a token that reads all that its key reads.

    >>> gsb.token().datasets is None
    True
    """

    text: str = field(repr=False)
    expires_at: datetime
    datasets: tuple[str, ...] | None


def wanted(dataset_ids: Iterable[str]) -> dict[str, Any]:
    """The body of the exchange."""
    ids = list(dataset_ids)
    return {"datasets": ids} if ids else {}


def read_token(body: Mapping[str, Any]) -> Token:
    names = body["datasets"]
    return Token(body["token"], datetime.fromisoformat(body["expiresAt"]), None if names is None else tuple(names))
