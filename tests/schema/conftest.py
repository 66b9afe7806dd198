"""Asking the compiled path directly: plan, bind and run as the endpoint does, without HTTP."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.price import price, used
from publicgsb.schema.serving.answer import data_answer
from publicgsb.schema.serving.execute import Runner
from publicgsb.schema.serving.kept import Records
from publicgsb.schema.sql.binding import Bound
from publicgsb.schema.sql.prepare import arguments, prepare, read_cursors
from publicgsb.schema.types.graft import graft, static_schema
from tests.schema.worlds import found

SECRET = b"0123456789abcdef"
Ask: TypeAlias = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def world(connections: Connections, state_dir: Path) -> AsyncIterator[Connections]:
    await found(connections, state_dir)
    yield connections


@pytest.fixture
async def ask(world: Connections) -> Ask:
    """`await ask(document, {variables})` → the answer as the caller reads it, with `points` used."""
    return asking(world)


def asking(world: Connections) -> Ask:
    """`ask` of another world."""
    static = static_schema()
    caches: dict[int, PlanCache] = {}
    runner = Runner(world)

    async def run(document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        async with world.use() as connection:
            registry = await load_registry(connection)
        cache = caches.setdefault(registry.schema_version, PlanCache(graft(registry, static).core))
        family = cache.family(document, None)
        coerced = family.variables(variables or {})
        plan, _ = family.plan(registry, coerced)
        cost = price(plan, coerced, registry)
        cursors = read_cursors(plan, coerced, SECRET)
        prepared = prepare(plan, registry, coerced, cursors)
        records = Records({}, {})
        given: list[Any] = []
        if prepared.statement is not None:
            bound = Bound(coerced, cursors, prepared.releases, prepared.versions, SECRET)
            given = arguments(prepared.statement, bound)
            records = await runner.run(prepared.statement, given, sum(cost.records))
        errors = [error.error.as_graphql("req_test", error.path) for error in prepared.errors]
        answer: dict[str, Any] = json.loads(data_answer(plan, records.roots, {}, errors, b"{}"))
        answer["counts"] = dict(records.counts)
        answer["points"] = used(plan, cost, records.counts)
        answer["receipt"] = json.loads(prepared.receipt)
        answer["arguments"] = given
        answer["sql"] = prepared.statement.text if prepared.statement else ""
        return answer

    return run
