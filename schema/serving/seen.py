"""Requests seen before: the same bytes ask the same thing, so parsing, planning and binding are done once.

What a caller may read is not remembered: access is checked each time, for that caller. A new registry forgets all.

A body holds its document with all its plans, also when the plan cache has dropped it: 4 KB of body, 400 KB of document.
So both have a bound in bytes, and a document counts once for all its bodies. A body is kept when it comes the second
time: most look-ups ask for another key each time, and keeping each of them took 8 % of the worker (measured).
"""

from collections import OrderedDict
from typing import NamedTuple

from publicgsb.schema.planning.cache import Family
from publicgsb.schema.serving.ask import Ask
from publicgsb.schema.serving.kept import KeptKey, key_of
from publicgsb.schema.serving.planned import Planned
from publicgsb.schema.serving.world import World

SEEN_MAX = 2_000
ONCE_MAX = 8_000
SEEN_BYTES_MAX = 32 * 1024 * 1024  # of bodies and their documents, per worker
BODY_BYTES_MAX = 4_096
_BYTES_EACH = 3_000  # of a body's tuples, variables and arguments (measured)
_BYTES_PER_BYTE = 4  # of the body: it is kept, and so is what was read from it


class Seen(NamedTuple):
    """`key` names the records of its answer; None when it has no statement."""

    ask: Ask
    planned: Planned
    key: KeptKey | None


class SeenBodies:
    """The bodies of POST that were asked last."""

    def __init__(self, bytes_max: int = SEEN_BYTES_MAX) -> None:
        self._seen: OrderedDict[bytes, Seen] = OrderedDict()
        self._documents: dict[Family, tuple[int, int]] = {}  # how many bodies have it, and its bytes
        self._once: set[int] = set()  # hashes of bodies that came, forgotten all together
        self._bytes_max = bytes_max
        self._world: World | None = None
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._seen)

    def get(self, body: bytes, world: World) -> Seen | None:
        if world is not self._world:
            self._seen.clear()
            self._documents.clear()
            self.bytes = 0
            self._world = world
            return None
        return self._seen.get(body)

    def keep(self, body: bytes, ask: Ask, planned: Planned) -> None:
        """Only what any request with these bytes would come to again in this world: no static field, no error."""
        plan = planned.plan
        if (
            len(body) > BODY_BYTES_MAX
            or not self._came_before(body)
            or planned.world is not self._world
            or ask.sha256 is not None
            or plan.static is not None
            or planned.is_new_plan
            or not planned.family.is_registered
            or planned.prepared.errors
            or body in self._seen
        ):
            return
        statement = planned.prepared.statement
        self._seen[body] = Seen(ask, planned, None if statement is None else key_of(statement, planned.arguments))
        bodies, counted = self._documents.get(planned.family, (0, 0))
        size = planned.family.bytes  # it may have more plans by now
        self._documents[planned.family] = (bodies + 1, size)
        self.bytes += _bytes_of(body) + size - counted
        while len(self._seen) > SEEN_MAX or self.bytes > self._bytes_max:
            self._drop_oldest()

    def _came_before(self, body: bytes) -> bool:
        known, name = self._once, hash(body)
        if name in known:
            return True
        if len(known) >= ONCE_MAX:
            known.clear()
        known.add(name)
        return False

    def _drop_oldest(self) -> None:
        body, seen = self._seen.popitem(last=False)
        self.bytes -= _bytes_of(body)
        bodies, size = self._documents.pop(seen.planned.family)
        if bodies > 1:
            self._documents[seen.planned.family] = (bodies - 1, size)
        else:
            self.bytes -= size


def _bytes_of(body: bytes) -> int:
    return _BYTES_EACH + _BYTES_PER_BYTE * len(body)
