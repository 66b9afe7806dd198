"""A schema that nobody uses any more is freed without the garbage collector."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from benchmarks.many import registry
from graphql import GraphQLObjectType

from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.types.dissolve import dissolve_after
from publicgsb.schema.types.graft import graft, static_schema
from publicgsb.schema.types.writer import SdlWriter


async def test_the_types_of_a_schema_that_is_gone_are_freed_by_their_last_reference() -> None:
    static = static_schema()
    grafted = graft(registry(60), static)
    types = [weakref.ref(type_) for type_ in grafted.core.type_map.values() if "Record" in type_.name]
    assert len(types) > 300
    dissolve_after(grafted, grafted.apart())
    gc.collect()
    gc.disable()
    try:
        del grafted
        async with asyncio.timeout(60):
            while any(type_() is not None for type_ in types):
                await asyncio.sleep(0)
    finally:
        gc.enable()


@pytest.mark.prove
async def test_a_schema_that_was_written_and_let_go_leaves_the_garbage_collector_nothing() -> None:
    """What is frozen is never looked at, so a circle that is left stays for as long as the worker lives."""
    static, writer = static_schema(), SdlWriter()
    left = []

    @contextmanager
    def building() -> Iterator[None]:
        gc.collect()
        gc.disable()
        yield
        left.append(gc.collect())

    try:
        grafted = graft(registry(60), static, building)
        gc.collect()
        assert sum(map(len, grafted.written(writer))) > 400_000
        gc.collect()  # nothing of this was frozen
        dissolve_after(grafted, grafted.apart())
        freed = weakref.ref(grafted.core)
        del grafted
        async with asyncio.timeout(60):
            while freed() is not None:
                await asyncio.sleep(0)
        left.append(gc.collect())
    finally:
        gc.enable()
    assert left == [0, 0]  # of the 21,000 objects of this schema


async def test_documents_are_let_go_one_by_one_when_nobody_uses_their_cache_any_more() -> None:
    grafted = graft(registry(3), static_schema())
    plans = PlanCache(grafted.core)
    families = [weakref.ref(plans.family(f"{{ a{n}: __typename }}", None)) for n in range(50)]
    dissolve_after(plans, plans.apart())
    del plans
    assert all(family() is not None for family in families)
    async with asyncio.timeout(60):
        while any(family() is not None for family in families):
            await asyncio.sleep(0)


async def test_a_schema_in_use_and_the_static_types_stay_whole() -> None:
    static = static_schema()
    before, now = graft(registry(3), static), graft(registry(4), static)
    for one in (before, now):
        dissolve_after(one, one.apart())
    del before
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(now.core.type_map) > 20
    for type_ in now.core.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            assert type_.fields
