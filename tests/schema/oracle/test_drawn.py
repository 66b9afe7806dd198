"""Ten thousand operations drawn by hypothesis-graphql, which knows nothing of this project, answered twice.

GSB_ORACLE_SEED draws others, GSB_ORACLE_DRAWN says how many.
"""

import os
import random
import re
from collections import Counter
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.oracle_tally import count
from tests.schema.oracle import parts
from tests.schema.oracle.differences import Difference
from tests.schema.oracle.drawn import ANEW, operations
from tests.schema.oracle.generator import Operation
from tests.schema.oracle.oracle import OVER_LIMITS, Oracle
from tests.schema.oracle.reach import Reach
from tests.schema.oracle.shrink import shrink
from tests.schema.oracle.test_oracle import SEED, differs
from tests.schema.oracle.values import Values

DRAWN = int(os.environ.get("GSB_ORACLE_DRAWN", "10240"))
CHUNKS = 16
_ALIAS = re.compile(r"\ba\d+: ")


def ask(oracle: Oracle, chunk: int, examples: int) -> Counter[str]:
    """How many operations ended in which way, and what those were that were answered. What differs is shrunk by our own
    means: an operation of fewer parts, where Hypothesis would look for other choices that draw one.
    """
    ends: Counter[str] = Counter()
    seen: set[str] = set()
    reach = Reach(Values(oracle.registry, oracle.facts), oracle.tokens)

    @seed(SEED + chunk)
    @settings(
        max_examples=examples,
        backend=ANEW,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(operations(oracle.schema, reach, random.Random(SEED + chunk)))
    def check(operation: Operation) -> None:
        try:
            end = oracle.check(operation.source, operation.variables, operation.caller)
        except Exception as error:
            kind = type(error)
            smallest = shrink(operation, partial(differs, oracle, kind))
            print(f"a {smallest.caller.kind} key\n\n{smallest.source}\n\nvariables: {smallest.variables}")
            oracle.check(smallest.source, smallest.variables, smallest.caller)
            raise
        ends[end] += 1
        if end == "answered":
            ends.update(_kinds(oracle, operation))
        ends["different documents"] += operation.source not in seen
        seen.add(operation.source)

    check()
    return ends


def _kinds(oracle: Oracle, operation: Operation) -> list[str]:
    """What an operation that was answered did, so that a count of operations is not a count of empty ones."""
    assert oracle.answered is not None
    source = operation.source
    kinds = {
        "asked the database": bool(oracle.answered.sql),
        "brought records": _brings(oracle.answered.data) or any(oracle.answered.records.counts.values()),
        "with fragments": "..." in source,
        "with @skip or @include": "@skip" in source or "@include" in source,
        "with aliases": _ALIAS.search(source) is not None,
        "with variables": source.startswith("query("),
        "with a filter": "where: " in source,
        "with a page size": "first: " in source or "last: " in source,
        "going on from a cursor": "after: " in source or "before: " in source,
        "of a release": "release: " in source,
    }
    return [f"· {name}" for name, is_one in kinds.items() if is_one]


def _brings(data: Any) -> bool:
    """Whether some list of the answer holds something."""
    if isinstance(data, list):
        return bool(data)
    return isinstance(data, dict) and any(_brings(inner) for inner in data.values())


@pytest.mark.prove
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_operations_drawn_from_the_schema_answer_as_graphql_core_would(oracle: Oracle, chunk: int) -> None:
    ends = ask(oracle, chunk, DRAWN // CHUNKS)
    count("drawn by hypothesis-graphql", ends, SEED)
    assert ends["answered"] + ends["refused"] + ends[OVER_LIMITS] >= DRAWN // CHUNKS, ends
    assert ends["answered"] > 6 * (ends["refused"] + ends[OVER_LIMITS]), ends
    assert ends["· asked the database"] > ends["answered"] / 2, ends
    assert ends["different documents"] > 0.9 * DRAWN / CHUNKS, ends


def test_a_few_drawn_operations_answer_as_graphql_core_would(oracle: Oracle) -> None:
    ends = ask(oracle, 99, 60)
    assert ends["answered"] > 3 * ends["refused"], ends
    assert ends["· asked the database"] > ends["answered"] / 2, ends


@pytest.mark.prove
def test_a_planted_difference_is_found_among_the_drawn_and_shrunk(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(parts.PARTS, "totalCount", lambda page: len(page.matching) + 1)
    with pytest.raises(Difference, match="totalCount"):
        ask(oracle, 98, 200)
    shown = capsys.readouterr().out.partition("variables:")[0]
    assert 0 < shown.count("{") < 15, shown
