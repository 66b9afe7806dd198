"""The short way of a request that was asked before: its records are kept, its points in the purse, its key proved.

Nothing is waited for, so that a server can ask here before it makes a request of what came. Rights, price, quota and
usage are those of the long way, looked at as they are now; whatever would be refused, waited for or compressed is told
to go there.
"""

import time

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import NotPermitted
from publicgsb.platform.kernel.ids import RequestIds
from publicgsb.platform.kernel.plain_request import HEAD_END
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.price import used
from publicgsb.schema.serving.answer import Answer, data_answer, extensions
from publicgsb.schema.serving.kept import Kept
from publicgsb.schema.serving.known import KnownHeads
from publicgsb.schema.serving.parts import Parts
from publicgsb.schema.serving.seen import Seen, SeenBodies

RECORDS_BYTES_MAX = 64 * 1024  # larger answers go out in pieces, as fast as they are read
ENVELOPE_BYTES_MAX = 1_000  # of an answer, around its records


class Again:
    """One per worker."""

    def __init__(self, parts: Parts, seen: SeenBodies, kept: Kept, ids: RequestIds, heads: KnownHeads) -> None:
        self._parts = parts
        self._seen = seen
        self._kept = kept
        self._ids = ids
        self._heads = heads

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
        taken = parts.purses.try_take(
            caller.account, caller.plan, cost.points, planned.prepared.touched, key_id=caller.key_id
        )
        if taken is None:
            return None
        kept.note_use(seen.key)
        actual = used(plan, cost, records.counts)
        taken.settle(actual)
        remaining = parts.purses.remaining(caller.account, caller.plan)
        prepared = planned.prepared
        more = extensions(cost.points, actual, remaining, prepared.receipt, prepared.terms, request_id)
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

    def whole(self, data: bytes) -> Answer | None:
        """The answer to a plain POST, with its headers. None: the usual way."""
        began = time.perf_counter()
        head, end, body = data.partition(HEAD_END)
        seen = self._seen.get(body, self._parts.worlds.current) if end else None
        if seen is None or seen.key is None or (records := self._kept.find(seen.key)) is None:
            return None
        known = self._heads.find(head, data)
        if known is None or known.body_bytes != len(body) or records.size > RECORDS_BYTES_MAX:
            return None
        wishes = known.wishes
        if wishes.wants_signature:
            return None
        if wishes.takes_gzip and 0 < self._parts.gzip_bytes_min <= records.size + ENVELOPE_BYTES_MAX:
            return None
        caller, request_id = known.record.caller, self._ids.next()
        answer = self.answer(caller, seen, request_id, 0)
        if answer is None:
            return None
        headers = (
            (b"x-request-id", request_id.encode()),
            (b"content-type", wishes.media + b"; charset=utf-8"),
            (b"content-length", b"%d" % len(answer)),
            *self._parts.purses.headers(caller.account, caller.plan, caller.key_id),
            *(caller.notice or seen.planned.prepared.notice),
        )
        self._parts.metrics(200, time.perf_counter() - began)
        return Answer(200, answer, headers)
