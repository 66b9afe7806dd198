"""Cursors: where a record stands in an order, at a registry version. Values only; they carry no rights.

Text form: base64url of eight hex digits (a keyed hash, so that a cursor that was not made here is refused) and a JSON
array [order fingerprint, registry version, value, …]. PostgreSQL makes them beside the rows, this module reads them.
"""

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from publicgsb.datasets.contracts.model import Contract, FieldType
from publicgsb.platform.kernel.errors import InvalidRequest

CHANGES = "~changes"  # where an ordering has its name; no ordering can be called so
_TAG_LENGTH = 8
_LENGTH_MAX = 2000


@dataclass(frozen=True, slots=True)
class Cursor:
    fingerprint: str
    version: int
    values: tuple[str, ...]


def fingerprint(contract: Contract, ordering: str, is_descending: bool) -> str:
    """Names the dataset, its major and the order, so that a cursor of another list is refused."""
    return f"{contract.slug}@{contract.major}:{ordering}:{'desc' if is_descending else 'asc'}"


def changes_cursor_length(contract: Contract) -> int:
    """Two versions, and the key."""
    return 2 + len(contract.primary_key)


def changes_versions(cursor: Cursor, contract: Contract) -> tuple[int, int]:
    """The registry versions between which a page of changes was read: now, since."""
    is_ours = cursor.fingerprint == fingerprint(contract, CHANGES, False)
    if not is_ours or len(cursor.values) != changes_cursor_length(contract):
        raise bad_cursor("The cursor belongs to another list.")
    return int(cursor.values[0]), int(cursor.values[1])


def cursor_sql(payload: str, secret: str) -> str:
    """SQL for the cursor of `payload` (an SQL text expression); `secret` is the placeholder of the key."""
    tag = f"left(encode(sha256(convert_to({payload}, 'UTF8') || {secret}), 'hex'), {_TAG_LENGTH})"
    packed = f"encode(convert_to({tag} || {payload}, 'UTF8'), 'base64')"
    return f"translate({packed}, E'+/=\\n', '-_')"


def read_cursor(text: str, secret: bytes) -> Cursor:
    """Raises InvalidRequest (reason cursor) for anything that this service did not make."""
    try:
        if len(text) > _LENGTH_MAX or not text.isascii():
            raise ValueError
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        tag, payload = packed[:_TAG_LENGTH], packed[_TAG_LENGTH:]
        expected = hashlib.sha256(payload + secret).hexdigest()[:_TAG_LENGTH].encode()
        if not hmac.compare_digest(tag, expected):
            raise ValueError
        name, version, *values = json.loads(payload)
        return Cursor(name, version, tuple(values))
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise bad_cursor("The cursor was not made by this service, or was changed on its way.") from error


def bad_cursor(message: str) -> InvalidRequest:
    return InvalidRequest(message, reason="cursor", hint="Begin again without the cursor.")


def cursor_value(type_: FieldType, text: str) -> Any:
    """The value that asyncpg binds, from its text as PostgreSQL wrote it into the cursor."""
    try:
        return _READERS[type_](text)
    except (ValueError, KeyError, InvalidOperation) as error:
        raise bad_cursor("The cursor holds a value of another type.") from error


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


_READERS: Mapping[FieldType, Callable[[str], Any]] = {
    FieldType.STRING: str,
    FieldType.INTEGER: int,
    FieldType.BIGINT: int,
    FieldType.YEAR: int,
    FieldType.NUMBER: _float,
    FieldType.DECIMAL: Decimal,
    FieldType.BOOLEAN: {"true": True, "false": False}.__getitem__,
    FieldType.DATE: date.fromisoformat,
    FieldType.DATETIME: datetime.fromisoformat,
}
