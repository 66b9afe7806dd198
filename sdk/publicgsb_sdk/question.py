"""What was asked, as the hash that the service signs with its answer.

    SHA-256 of "gsb-question-1" LF  hex SHA-256 of the document's UTF-8 LF  operation's name LF  variables

Variables are JSON as in RFC 8785, with integers of 64 bits in full; none at all are `{}`.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from publicgsb_sdk.wire import a_list, an_object

FORM = b"gsb-question-1"


def question_hash(document: str, variables: Mapping[str, Any] | None, operation_name: str | None) -> str:
    """43 characters, the same for the same question however it is sent."""
    given = json.loads(json.dumps(variables or {}, allow_nan=False))  # as it is after it has travelled
    text = hashlib.sha256(document.encode()).hexdigest()
    lines = (FORM, text.encode(), (operation_name or "").encode(), canonical(given).encode())
    return urlsafe_b64encode(hashlib.sha256(b"\n".join(lines)).digest()).rstrip(b"=").decode()


def canonical(value: Any) -> str:
    """JSON written in the only way it can be."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if (found := an_object(value)) is not None:
        names = sorted(found, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(found[name])}" for name in names) + "}"
    if (listed := a_list(value)) is not None:
        return "[" + ",".join(canonical(inner) for inner in listed) + "]"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return _number(value)


def _number(value: int | float) -> str:
    """As ECMAScript writes it: the shortest digits that mean the same number, and an exponent only when it is far."""
    if isinstance(value, int) and -(2**63) <= value < 2**64:
        return str(value)
    found = Decimal(repr(float(value))).normalize().as_tuple()
    digits = "".join(str(digit) for digit in found.digits)
    if digits == "0":
        return "0"
    before = len(digits) + int(found.exponent)  # digits before the point
    sign = "-" * found.sign
    if len(digits) <= before <= 21:
        return sign + digits.ljust(before, "0")
    if 0 < before <= 21:
        return f"{sign}{digits[:before]}.{digits[before:]}"
    if -6 < before <= 0:
        return f"{sign}0.{digits.rjust(len(digits) - before, '0')}"
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{fraction}e{before - 1:+d}"
