"""Heads of plain requests that were read before: what they asked for, and whose key they carry.

A caller sends one head again and again. It is read once, and its key was proved by this very text; whether the key may
still be used is looked at each time.
"""

from typing import NamedTuple

from publicgsb.apikeys import credential
from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.model import KeyRecord
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.plain_request import whole_request
from publicgsb.schema.planning.limits import BODY_BYTES_MAX
from publicgsb.schema.serving.ask import is_json
from publicgsb.schema.serving.heads import Heads
from publicgsb.schema.serving.negotiation import Wishes, read_wishes


class Head(NamedTuple):
    """Of a POST. The key was proved by this very text."""

    record: KeyRecord
    body_bytes: int
    wishes: Wishes


class _Bound(NamedTuple):
    """Of a key that is bound to networks, as long as this is its record: its bytes do not say from where they come."""

    record: KeyRecord


class _Odd:
    """Stands for a head that always goes the long way, whatever becomes of its key."""


_ODD = _Odd()


class KnownHeads:
    """One per worker."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._heads = Heads[Head | _Bound | _Odd]()

    def find(self, head: bytes, data: bytes) -> Head | None:
        """What `head` says, the head of `data`. None for all that the long way has something to say about."""
        name = self._heads.name(head)
        known = self._heads.find(name)
        if known is None:
            known = self._read(data)
            if known is not None:
                self._heads.keep(name, known)
        elif isinstance(known, _Odd):
            return None
        elif not self._keys.may_use(known.record):
            self._heads.forget(name)
            return None
        return known if isinstance(known, Head) else None

    def _read(self, data: bytes) -> Head | _Bound | _Odd | None:
        """None where the next request with this head may be read otherwise: its key is not known yet, or came apart."""
        raw = whole_request(data)
        if raw is None:
            return None
        headers = by_name(raw)
        body_bytes = int(headers[b"content-length"])
        if b"gsb-datasets" in headers or b"origin" in headers or body_bytes > BODY_BYTES_MAX:
            return _ODD
        try:
            wishes = read_wishes(headers)
            record = self._keys.proved(credential.read(headers, b""))
        except GsbError:
            return _ODD
        if not is_json(headers.get(b"content-type", b"")):
            return _ODD
        if record is None:
            return None
        if record.caller.networks is not None:
            return _Bound(record)
        return Head(record, body_bytes, wishes)
