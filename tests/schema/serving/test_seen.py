"""Bodies are remembered within their bytes, and a document no longer than the last of its bodies."""

import json
from collections.abc import Callable
from typing import cast
from weakref import ref

import pytest
from tests.schema.registries import small_registry

from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.schema.planning.cache import Family, PlanCache
from publicgsb.schema.serving.ask import Ask
from publicgsb.schema.serving.planned import Planned, Planning
from publicgsb.schema.serving.seen import SEEN_MAX, SeenBodies
from publicgsb.schema.serving.slices import Slices
from publicgsb.schema.serving.texts import SchemaTexts
from publicgsb.schema.serving.world import World, Worlds
from publicgsb.schema.types.graft import graft, static_schema

CALLER = Caller("k", KeyKind.LIVE, 1, 1, "open")
FIELDS = " ".join(f'r{k}: airports(where: {{city: {{eq: "x"}}}}) {{ nodes {{ icao city }} }}' for k in range(20))
LARGE = "query Q%d { air { " + FIELDS + " } }"
LOOK_UP = "query($k: String!) { air { airport(by: {icao: $k}) { icao } } }"

Plan = Callable[[Ask], Planned]


@pytest.fixture
def world() -> World:
    """Its plan cache keeps two documents."""
    registry, static = small_registry(), static_schema()
    grafted = graft(registry, static)
    texts = SchemaTexts([], lambda _: ())
    return World(registry, grafted, PlanCache(grafted.core, documents_max=2), texts, Slices(static))


@pytest.fixture
def plan(world: World) -> Plan:
    """As the second request with this document is planned."""
    planning = Planning(cast("Worlds", None), b"", 1_000_000)

    def plan(ask: Ask) -> Planned:
        planning.plan_in(world, CALLER, ask)
        planned, _ = planning.plan_in(world, CALLER, ask)
        planned.family.is_registered = True
        return planned

    return plan


def _keep(seen: SeenBodies, planned: Planned, ask: Ask) -> bytes:
    """As when it comes for the second time."""
    body = json.dumps({"query": ask.query, "variables": dict(ask.variables)}).encode()
    seen.get(body, planned.world)
    seen.keep(body, ask, planned)
    seen.keep(body, ask, planned)
    return body


def test_documents_that_the_plan_cache_dropped_are_held_within_the_bytes_of_bodies(world: World, plan: Plan) -> None:
    """2,000 bodies of 4 KB held 2,000 documents of 400 KB."""
    seen = SeenBodies(bytes_max=2_000_000)
    families: list[ref[Family]] = []
    for number in range(40):
        ask = Ask(LARGE % number, None, {})
        planned = plan(ask)
        families.append(ref(planned.family))
        _keep(seen, planned, ask)
    alive = {number for number, family in enumerate(families) if family() is not None}
    assert 2 < len(seen) < 20
    assert alive == set(range(40 - len(seen), 40))
    assert seen.bytes <= 2_000_000


def test_bodies_of_one_document_count_it_once(plan: Plan) -> None:
    seen = SeenBodies()
    asks = [Ask(LOOK_UP, None, {"k": f"K{number}"}) for number in range(SEEN_MAX + 100)]
    planned = [plan(ask) for ask in asks[:2]]
    bodies = [_keep(seen, planned[0], ask) for ask in asks]
    each = (seen.bytes - planned[0].family.bytes) / SEEN_MAX
    assert len(seen) == SEEN_MAX
    assert 3_000 < each < 4_000
    assert seen.get(bodies[0], planned[0].world) is None
    assert seen.get(bodies[-1], planned[0].world) is not None


def test_a_body_that_is_kept_twice_counts_once(plan: Plan) -> None:
    seen, ask = SeenBodies(), Ask(LOOK_UP, None, {"k": "K"})
    planned = plan(ask)
    _keep(seen, planned, ask)
    before = seen.bytes
    _keep(seen, planned, ask)
    assert (len(seen), seen.bytes) == (1, before)
