"""The question behind an answer, as a hash that whoever asked can make again: document, operation and variables.

    SHA-256 of "gsb-question-1" LF  hex SHA-256 of the document's UTF-8 LF  operation's name LF  variables

Variables are written in one way only: JSON as in RFC 8785, with integers of 64 bits in full (a canonical form that
rounds them would let an answer stand for a question about another number). None at all are `{}`. Names of documents
stand for their texts: a question by hash and one by text are the same.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from decimal import Decimal
from typing import Any

from publicgsb.schema.serving.ask import Ask

_FORM = b"gsb-question-1"


def question_hash(ask: Ask) -> str:
    """43 characters. RecursionError for variables nested so deeply that no document can take them."""
    document = hashlib.sha256(ask.query.encode()).hexdigest() if ask.query else ask.sha256 or ""
    name = ask.operation_name or ""
    lines = (_FORM, document.encode(), name.encode(), canonical(ask.variables).encode())
    return urlsafe_b64encode(hashlib.sha256(b"\n".join(lines)).digest()).rstrip(b"=").decode()


def canonical(value: Any) -> str:
    """JSON without a choice: members by their UTF-16, no white space, numbers as ECMAScript writes them."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(inner)}" for name, inner in members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: int | float) -> str:
    if isinstance(value, int) and -(2**63) <= value < 2**64:
        return str(value)
    sign, digits, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    assert isinstance(exponent, int)  # JSON has neither infinity nor NaN
    text = "".join(map(str, digits))
    point = len(text) + exponent  # where it stands, counted from the first digit
    if text == "0":
        return "0"
    if len(text) <= point <= 21:
        text += "0" * (point - len(text))
    elif 0 < point <= 21:
        text = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + text
    else:
        text = f"{text[0]}{'.' if text[1:] else ''}{text[1:]}e{point - 1:+d}"
    return ("-" if sign else "") + text
