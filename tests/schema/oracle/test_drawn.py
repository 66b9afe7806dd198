"""The oracle asked by a generator that knows nothing of this project: hypothesis-graphql over the schema."""

from collections import Counter

import pytest
from graphql import DocumentNode, print_ast
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.oracle_tally import count
from tests.schema.oracle.drawn import operations
from tests.schema.oracle.oracle import OVER_LIMITS, Oracle
from tests.schema.oracle.test_oracle import OPERATIONS, SEED
from tests.schema.oracle.values import Values

DRAWN = OPERATIONS // 10  # a drawn operation takes ten times as long to draw as to check
CHUNKS = 4


def ask(oracle: Oracle, chunk: int, examples: int) -> Counter[str]:
    """hypothesis shrinks and prints what differs."""
    ends: Counter[str] = Counter()

    @seed(SEED + chunk)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(operations(oracle.schema, Values(oracle.registry, oracle.facts), oracle.tokens))
    def check(document: DocumentNode) -> None:
        ends[oracle.check(print_ast(document))] += 1

    check()
    return ends


@pytest.mark.prove
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_operations_drawn_from_the_schema_alone_answer_as_graphql_core_would(oracle: Oracle, chunk: int) -> None:
    ends = ask(oracle, chunk, DRAWN // CHUNKS)
    count(ends, SEED)
    assert ends["answered"] > ends["refused"], ends
    assert ends["answered"] + ends["refused"] > ends[OVER_LIMITS], ends


def test_a_few_drawn_operations_answer_as_graphql_core_would(oracle: Oracle) -> None:
    ends = ask(oracle, 99, 25)
    assert ends["answered"] > ends["refused"], ends
