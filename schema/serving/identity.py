"""What names an answer: released rows never change, so operation, variables and bound state say every byte of it.

`Identity` is a dictionary key for whatever remembers answers; `entity_tag` is its short form for callers. The rights of
the caller are not part of it: they are checked before an identity is compared with anything.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from publicgsb.schema.planning.model import Plan
from publicgsb.schema.sql.prepare import Prepared

FORM = b"1"  # one more whenever this service begins to write the same answer in other bytes


class Identity(NamedTuple):
    """`variables` are canonical JSON, `state` is Prepared.state."""

    operation: str
    variables: bytes
    state: tuple[tuple[int | str, ...], ...]


def identity(operation: str, plan: Plan, variables: Mapping[str, Any], prepared: Prepared) -> Identity | None:
    """None for an answer that other things can change: static fields, and errors, which name their request.

    `operation` is the hash of the text and the operation's name, `variables` are the coerced ones.
    """
    if plan.static is not None or plan.is_free or prepared.errors:
        return None
    if not variables:
        return Identity(operation, b"{}", prepared.state)
    try:
        canonical = orjson.dumps(variables, default=_as_json, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # no value that we know to write in one way only
        return None
    return Identity(operation, canonical, prepared.state)


def entity_tag(named: Identity, secret: bytes) -> bytes:
    """22 characters. Keyed, so that nobody can make one: a tag that matches was handed out with that answer."""
    content = b"\0".join([FORM, named.operation.encode(), named.variables, repr(named.state).encode()])
    digest = hashlib.blake2b(content, digest_size=16, key=secret, person=b"gsb-answer").digest()
    return base64.urlsafe_b64encode(digest)[:22]


def _as_json(value: object) -> str:
    if isinstance(value, Decimal | date):
        return str(value)
    raise TypeError
