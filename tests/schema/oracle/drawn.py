"""Operations as hypothesis-graphql draws them from the schema, with values that have a chance to hit.

Hypothesis changes each example that it drew up to five times before it draws another one: four of five examples were
one that it had just tried, a value apart, and took most of the time. As a backend that is not its own it draws each
anew, from the seed.
"""

import random
from collections import defaultdict
from typing import Any

from graphql import DocumentNode, FloatValueNode, GraphQLSchema, NameNode, ObjectFieldNode, ObjectValueNode, TypeInfo
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS
from hypothesis_graphql import nodes, queries

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.schema.types.marks import AgencyMark, mark_of
from publicgsb.schema.types.scalars import SCALARS
from tests.schema.oracle.account import GRANTED, LIVE, TEST
from tests.schema.oracle.doors import Doors
from tests.schema.oracle.dressed import dress
from tests.schema.oracle.generator import Operation
from tests.schema.oracle.lens import CENTRE, PAGE, RELEASE, WORDS, lens
from tests.schema.oracle.pen import Pen
from tests.schema.oracle.places import CENTRES
from tests.schema.oracle.reach import Reach
from tests.schema.oracle.values import Values

ANEW = "each-anew"  # the backend
AVAILABLE_PROVIDERS[ANEW] = AVAILABLE_PROVIDERS["hypothesis"]


def operations(schema: GraphQLSchema, reach: Reach, dice: random.Random) -> st.SearchStrategy[Operation]:
    """`dice` chooses what of the schema's conditions it draws from."""
    assert schema.query_type is not None
    drawn = queries(
        lens(schema, dice),
        fields=[name for name, one in schema.query_type.fields.items() if isinstance(mark_of(one), AgencyMark)],
        custom_scalars=_scalars(reach.values),
        print_ast=lambda document: document,
        allow_x00=False,
        allow_null=False,  # the other generator writes nulls; here they would refuse nearly everything
    )
    info = TypeInfo(schema)

    def operation(document: DocumentNode, seed: int) -> Operation:
        dice = random.Random(seed)
        caller = dice.choices((LIVE, GRANTED, TEST), (55, 30, 15))[0]
        pen = Pen(dice)
        reached = reach.within(info, document, Doors(reach.values.registry, caller, dice), dice)
        return Operation(dress(schema, reached, pen), pen.variables, caller)

    return st.builds(operation, drawn, st.integers(0, 2**64 - 1))


def _scalars(values: Values) -> dict[str, st.SearchStrategy[Any]]:
    """What the columns hold, and for texts and numbers now and then anything."""
    pools: dict[str, list[Any]] = defaultdict(list)
    for (key, column), found in values.pools.items():
        field = values.registry.datasets[key].contract.field(column)
        pools[SCALARS[field.type].name] += [str(one) if field.type is FieldType.BIGINT else one for one in found]
    texts = st.sampled_from(pools["String"]).map(nodes.String)
    days = sorted({step.day.isoformat() for step in values.facts.steps})
    any_text = st.text(st.characters(codec="utf-8", min_codepoint=1), max_size=8).map(nodes.String)
    exact = {name: st.sampled_from(pools[name]).map(nodes.String) for name in ("BigInt", "Decimal", "Date", "DateTime")}
    return exact | {
        "String": st.one_of(texts, texts, texts, any_text),
        "Int": st.sampled_from(pools["Int"]).map(nodes.Int) | st.integers(-(2**31), 2**31 - 1).map(nodes.Int),
        RELEASE: st.sampled_from([nodes.Int(seq) for seq in (2, 3, 4, 6)] + [nodes.String(day) for day in days]),
        PAGE: st.sampled_from((1, 2, 3, 5, 10, 20, 0)).map(nodes.Int),
        CENTRE: st.sampled_from([_centre(*one) for one in CENTRES]),
        WORDS: texts,
    }


def _centre(*numbers: float) -> ObjectValueNode:
    return ObjectValueNode(
        fields=tuple(
            ObjectFieldNode(name=NameNode(value=name), value=FloatValueNode(value=repr(one)))
            for name, one in zip(("lat", "lon", "withinKm"), numbers, strict=True)
        )
    )
