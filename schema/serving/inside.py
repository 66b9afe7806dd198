"""Asking from inside the house: the same planner and the same one statement, without a key, a price or a fact.

For what everybody may see anyway (examples on public pages); the caller of this decides that.
"""

from typing import Any

import orjson

from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.planning.price import price
from publicgsb.schema.serving.answer import data_answer
from publicgsb.schema.serving.execute import Runner
from publicgsb.schema.serving.kept import Records
from publicgsb.schema.serving.world import World
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.prepare import arguments, prepare, read_cursors


async def ask_inside(world: World, reader: Connections, cursor_secret: bytes, document: str) -> dict[str, Any]:
    """The `data` of a query without variables; a root field that cannot be read is null."""
    plan, _ = world.plans.family(document, None).plan(world.registry, {})
    prepared = prepare(plan, world.registry, {}, read_cursors(plan, {}, cursor_secret))
    records = Records({}, {})
    if prepared.statement is not None:
        bound = Bound({}, {}, prepared.releases, prepared.versions, cursor_secret)
        reserved = sum(price(plan, {}, world.registry).records)
        records = await Runner(reader).run(prepared.statement, arguments(prepared.statement, bound), reserved)
    data: dict[str, Any] = orjson.loads(data_answer(plan, records.roots, {}, (), b"{}"))["data"]
    return data
