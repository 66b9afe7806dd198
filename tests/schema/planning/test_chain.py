"""A chain of 1,400 links: no step from registry to price goes down it by recursion."""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from benchmarks.many import registry, slug_of
from graphql import get_introspection_query

from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.planning.limits import DEPTH_MAX
from publicgsb.schema.planning.price import price
from publicgsb.schema.planning.weigh import Price
from publicgsb.schema.sql.prepare import prepare
from publicgsb.schema.types.graft import Grafted, graft, static_schema

pytestmark = pytest.mark.prove  # seconds to make 1,400 contracts

DATASETS = 1_400
ONWARD = "following {"
BACK = "preceding(first: 1) { nodes {"
FRAMES = 250  # whatever one call may need; the chain is longer


@contextmanager
def shallow() -> Iterator[None]:
    """A stack that a recursion along the chain does not fit into."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + FRAMES)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@pytest.fixture(scope="module")
def chain() -> Registry:
    return registry(DATASETS)


@pytest.fixture(scope="module")
def grafted(chain: Registry) -> Grafted:
    with shallow():
        return graft(chain, static_schema())


def document(opening: str, links: int) -> str:
    """From the middle of the chain along `links` links; agency, list, nodes and the last field are four levels more."""
    agency, slug = slug_of(DATASETS // 2)
    down, up = opening * links, "}" * opening.count("{") * links
    return f"{{ {agency} {{ {slug}(first: 1) {{ nodes {{ {down} code {up} }} }} }} }}"


def priced(chain: Registry, grafted: Grafted, source: str) -> Price:
    family = PlanCache(grafted.core).family(source, None)
    plan, _ = family.plan(chain, family.variables({}))
    assert prepare(plan, chain, {}, {}).statement is not None
    return price(plan, {}, chain)


def test_a_question_goes_along_the_chain_as_far_as_questions_may_go(chain: Registry, grafted: Grafted) -> None:
    with shallow():
        onward = priced(chain, grafted, document(ONWARD, DEPTH_MAX - 4))
        back = priced(chain, grafted, document(BACK, (DEPTH_MAX - 4) // 2))
    assert sum(onward.records) == 1 + DEPTH_MAX - 4
    assert sum(back.records) == 1 + (DEPTH_MAX - 4) // 2


def test_one_link_more_is_refused_by_depth(chain: Registry, grafted: Grafted) -> None:
    with pytest.raises(InvalidRequest) as caught:
        priced(chain, grafted, document(ONWARD, DEPTH_MAX - 3))
    assert caught.value.details["reason"] == "limits"


def test_texts_and_introspection_are_written_without_going_down_the_chain(grafted: Grafted) -> None:
    agency, slug = slug_of(DATASETS - 1)
    with shallow():
        text = grafted.sdl()
        answer = b"".join(grafted.introspect(get_introspection_query()))
    for whole in (text, answer.decode()):
        assert f"{agency.capitalize()}Record{DATASETS - 1}" in whole
        assert slug in whole


def test_a_schema_of_the_chain_is_checked_and_taken_apart_without_going_down_it(chain: Registry) -> None:
    with shallow():
        grafted = graft(chain, static_schema())
        for _ in grafted.apart():
            pass
    assert not vars(grafted.core)
