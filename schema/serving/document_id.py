"""The name of a document: the SHA-256 of its text, as Apollo's persisted queries and as `documentId` write it."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from publicgsb.platform.kernel.errors import InvalidRequest

_PREFIX = "sha256:"
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def sha256_of(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


def read_document_id(document_id: object, extensions: Mapping[str, Any]) -> str | None:
    """The hash that a request names its document by, in small hex digits; None when it names none.

    Raises InvalidRequest (`document_id`) for a name of another form, or two that differ.
    """
    names = set()
    if document_id is not None:
        if not isinstance(document_id, str) or not document_id.startswith(_PREFIX):
            raise _bad('`documentId` is written "sha256:" and 64 hex digits.')
        names.add(_checked(document_id[len(_PREFIX) :]))
    persisted = extensions.get("persistedQuery")
    if persisted is not None:
        if not isinstance(persisted, dict) or persisted.get("version") != 1:
            raise _bad("`extensions.persistedQuery` is of another version than 1.")
        names.add(_checked(persisted.get("sha256Hash")))
    if len(names) > 1:
        raise _bad("The request names two different documents.")
    return names.pop() if names else None


def _checked(text: object) -> str:
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise _bad("The hash of a document is 64 hex digits.")
    return text.lower()


def _bad(message: str) -> InvalidRequest:
    return InvalidRequest(
        message,
        reason="document_id",
        hint='Send "documentId": "sha256:<hex>" or extensions.persistedQuery {"version": 1, "sha256Hash": "<hex>"}.',
    )
