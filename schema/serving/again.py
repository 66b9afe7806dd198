"""The short way of a request that was asked before: its records are kept, its points in the purse, its key proved.

Nothing is waited for, so that a server can ask here before it makes a request of what came. Rights, price, quota and
usage are those of the long way, looked at as they are now; whatever would be refused, waited for or compressed is told
to go there.
"""

import time
from collections.abc import Iterable
from typing import NamedTuple

from publicgsb.apikeys import credential
from publicgsb.apikeys.model import KeyRecord
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import GsbError, NotPermitted
from publicgsb.platform.kernel.headers import by_name
from publicgsb.platform.kernel.ids import RequestIds
from publicgsb.platform.kernel.plain_request import HEAD_END, whole_request
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.price import used
from publicgsb.schema.serving.answer import data_answer, extensions
from publicgsb.schema.serving.ask import is_json
from publicgsb.schema.serving.heads import Heads
from publicgsb.schema.serving.kept import Kept
from publicgsb.schema.serving.negotiation import read_wishes
from publicgsb.schema.serving.parts import Parts
from publicgsb.schema.serving.seen import Seen, SeenBodies

RECORDS_BYTES_MAX = 64 * 1024  # larger answers go out in pieces, as fast as they are read
ENVELOPE_BYTES_MAX = 1_000  # of an answer, around its records


class Head(NamedTuple):
    """What the head of a request said when it was read; its key was proved by this very text."""

    record: KeyRecord
    body_bytes: int
    media: bytes
    takes_gzip: bool


class Again:
    """One per worker."""

    def __init__(self, parts: Parts, seen: SeenBodies, kept: Kept, ids: RequestIds) -> None:
        self._parts = parts
        self._seen = seen
        self._kept = kept
        self._ids = ids
        self._heads = Heads[Head]()

    def answer(self, caller: Caller, seen: Seen, request_id: str, ms: int) -> bytes | None:
        """The body of the answer, charged and written down. None: the long way; nothing was taken then."""
        if seen.key is None:
            return None
        planned, parts, kept = seen.planned, self._parts, self._kept
        plan, cost = planned.plan, planned.price
        records = kept.find(seen.key)
        if records is None or records.size > parts.response_bytes_max:
            return None
        try:
            check_access(plan, planned.world.registry, caller)
        except NotPermitted:  # a refusal is charged for
            return None
        taken = parts.purses.try_take(caller.account, caller.plan, cost.points, planned.prepared.touched)
        if taken is None:
            return None
        kept.note_use(seen.key)
        actual = used(plan, cost, records.counts)
        taken.settle(actual)
        remaining = parts.purses.remaining(caller.account, caller.plan)
        more = extensions(cost.points, actual, remaining, planned.prepared.receipt, request_id)
        body = data_answer(plan, records.roots, {}, (), more)
        parts.facts.record_answer(
            caller.account[1],
            caller.key_id,
            planned.family.hash,
            planned.prepared.touched,
            points=actual,
            bytes=len(body),
            errors=0,
            ms=ms,
        )
        return body

    def whole(self, data: bytes, more: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        """The HTTP/1.1 answer to a POST, with `more` headers of the server's. None: the usual way."""
        began = time.perf_counter()
        head, _, body = data.partition(HEAD_END)
        seen = self._seen.get(body, self._parts.worlds.current)
        if seen is None or seen.key is None or (records := self._kept.find(seen.key)) is None:
            return None
        known = self._known(head, data)
        if known is None or known.body_bytes != len(body) or records.size > RECORDS_BYTES_MAX:
            return None
        if known.takes_gzip and 0 < self._parts.gzip_bytes_min <= records.size + ENVELOPE_BYTES_MAX:
            return None
        caller, request_id = known.record.caller, self._ids.next()
        answer = self.answer(caller, seen, request_id, 0)
        if answer is None:
            return None
        headers = [
            *more,
            (b"x-request-id", request_id.encode()),
            (b"content-type", known.media + b"; charset=utf-8"),
            (b"content-length", b"%d" % len(answer)),
            *self._parts.purses.headers(caller.account, caller.plan),
            *caller.notice,
        ]
        lines = [b"%b: %b\r\n" % header for header in headers]
        self._parts.metrics(200, time.perf_counter() - began)
        return b"".join((b"HTTP/1.1 200 OK\r\n", *lines, b"\r\n", answer))

    def _known(self, head: bytes, data: bytes) -> Head | None:
        name = self._heads.name(head)
        known = self._heads.find(name)
        if known is None:
            known = self._read(data)
            if known is not None:
                self._heads.keep(name, known)
        elif not self._parts.keys.may_use(known.record):
            self._heads.forget(name)
            return None
        return known

    def _read(self, data: bytes) -> Head | None:
        """None for all that the long way has something to say about."""
        raw = whole_request(data)
        if raw is None:
            return None
        headers = by_name(raw)
        if not is_json(headers.get(b"content-type", b"")) or b"gsb-datasets" in headers or b"origin" in headers:
            return None
        try:
            wishes = read_wishes(headers)
            record = self._parts.keys.proved(credential.read(headers, b""))
        except GsbError:
            return None
        if record is None or wishes.wants_signature:
            return None
        if record.caller.networks is not None:  # from where it comes is not in the bytes
            return None
        return Head(record, int(headers[b"content-length"]), wishes.media, wishes.takes_gzip)
