"""Requests seen before: the same bytes ask the same thing, so parsing, planning and binding are done once.

What a caller may read is not remembered: access is checked each time, for that caller. A new registry forgets all.
"""

from collections import OrderedDict
from typing import NamedTuple

from publicgsb.schema.serving.ask import Ask
from publicgsb.schema.serving.kept import KeptKey, key_of
from publicgsb.schema.serving.planned import Planned
from publicgsb.schema.serving.world import World

SEEN_MAX = 2_000
BODY_BYTES_MAX = 4_096


class Seen(NamedTuple):
    """`key` names the records of its answer; None when it has no statement."""

    ask: Ask
    planned: Planned
    key: KeptKey | None


class SeenBodies:
    """The bodies of POST that were asked last."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, Seen] = OrderedDict()
        self._world: World | None = None

    def get(self, body: bytes, world: World) -> Seen | None:
        if world is not self._world:
            self._seen.clear()
            self._world = world
            return None
        return self._seen.get(body)

    def keep(self, body: bytes, ask: Ask, planned: Planned) -> None:
        """Only what any request with these bytes would come to again in this world: no static field, no error."""
        plan = planned.plan
        if (
            planned.world is not self._world
            or len(body) > BODY_BYTES_MAX
            or ask.sha256 is not None
            or plan.static is not None
            or planned.is_new_plan
            or not planned.family.is_registered
            or planned.prepared.errors
        ):
            return
        statement = planned.prepared.statement
        self._seen[body] = Seen(ask, planned, None if statement is None else key_of(statement, planned.arguments))
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)
