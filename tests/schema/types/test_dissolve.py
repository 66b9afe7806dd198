"""A schema that nobody uses any more is freed without the garbage collector."""

import asyncio
import gc
import weakref

from benchmarks.many import registry
from graphql import GraphQLObjectType

from publicgsb.schema.types.dissolve import dissolve_after
from publicgsb.schema.types.graft import graft, static_schema


async def test_the_types_of_a_schema_that_is_gone_are_freed_by_their_last_reference() -> None:
    static = static_schema()
    grafted = graft(registry(60), static)
    types = [weakref.ref(type_) for type_ in grafted.core.type_map.values() if "Record" in type_.name]
    assert len(types) > 300
    dissolve_after(grafted, grafted.circular)
    gc.collect()
    gc.disable()
    try:
        del grafted
        async with asyncio.timeout(10):
            while any(type_() is not None for type_ in types):
                await asyncio.sleep(0)
    finally:
        gc.enable()


async def test_a_schema_in_use_and_the_static_types_stay_whole() -> None:
    static = static_schema()
    before, now = graft(registry(3), static), graft(registry(4), static)
    for one in (before, now):
        dissolve_after(one, one.circular)
    del before
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(now.core.type_map) > 20
    for type_ in now.core.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            assert type_.fields
