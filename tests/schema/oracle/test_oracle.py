"""Ten thousand operations answered twice: by the compiled path, and by graphql-core's executor over the same rows.

The seed is printed and may be given: GSB_ORACLE_SEED=7 make prove; GSB_ORACLE_OPERATIONS says how many.
"""

import os
import random
from collections import Counter
from functools import partial

import pytest

from publicgsb.platform.kernel.caller import Caller
from tests.oracle_tally import count
from tests.schema.oracle import (
    account,
    around,
    below,
    changes,
    expected,
    groups,
    letters,
    lists,
    parts,
    ranking,
    readable,
    refusals,
)
from tests.schema.oracle.differences import Difference
from tests.schema.oracle.generator import Generator, Operation
from tests.schema.oracle.oracle import OVER_LIMITS, Oracle
from tests.schema.oracle.shrink import shrink
from tests.schema.oracle.values import Values

SEED = int(os.environ.get("GSB_ORACLE_SEED", "1403"))
OPERATIONS = int(os.environ.get("GSB_ORACLE_OPERATIONS", "9600"))
CHUNKS = 16


def ask(oracle: Oracle, seed: str, operations: int) -> Counter[str]:
    """How many operations ended in which way. Raises Difference with the smallest operation that shows it."""
    ends: Counter[str] = Counter()
    generator = Generator(random.Random(seed), oracle.schema, Values(oracle.registry, oracle.facts), oracle.tokens)
    while ends["answered"] + ends["refused"] < operations:
        operation = generator.operation()
        try:
            ends[oracle.check(operation.source, operation.variables, operation.caller)] += 1
        except Exception as error:
            kind = type(error)
            smallest = shrink(operation, partial(differs, oracle, kind))
            print(f"seed {seed}, a {smallest.caller.kind} key\n\n{smallest.source}\n\nvariables: {smallest.variables}")
            oracle.check(smallest.source, smallest.variables, smallest.caller)
            raise
    return ends


def differs(oracle: Oracle, kind: type[Exception], operation: Operation) -> bool:
    try:
        oracle.check(operation.source, operation.variables, operation.caller)
    except kind:
        return True
    except Exception:
        return False
    return False


@pytest.mark.prove
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_compiled_path_answers_as_graphql_core_would(oracle: Oracle, chunk: int) -> None:
    seed = f"{SEED}/{chunk}"
    ends = ask(oracle, seed, OPERATIONS // CHUNKS)
    count("of our own generator", ends, SEED)
    assert ends["answered"] > 3 * ends["refused"], ends
    assert ends[OVER_LIMITS] < 0.1 * OPERATIONS / CHUNKS, ends


def test_a_first_hundred_operations_answer_as_graphql_core_would(oracle: Oracle) -> None:
    ends = ask(oracle, "first", 100)
    assert ends["answered"] > 3 * ends["refused"], ends


@pytest.mark.parametrize(
    ("operator", "wrong", "where"),
    [
        ("gte", lambda value, operand: None if value is None else value > operand, "{pupils: {gte: 7}}"),
        ("isNull", lambda value, operand: value is None, "{pupils: {isNull: false}}"),
        ("in", lambda value, operand: value == operand[0], '{code: {in: ["0001", "0002"]}}'),
        ("startsWith", lambda value, operand: operand in value, '{code: {startsWith: "1"}}'),
    ],
)
def test_a_comparison_that_is_wrong_by_a_hair_is_seen(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch, operator: str, wrong: object, where: str
) -> None:
    document = f"{{ edu {{ schools(first: 1000, where: {where}) {{ nodes {{ code }} }} }} }}"
    assert oracle.check(document) == "answered"
    monkeypatch.setitem(lists.OPERATORS, operator, wrong)
    with pytest.raises(Difference, match="instead of"):
        oracle.check(document)


@pytest.mark.parametrize("part", ["hasNextPage", "hasPreviousPage", "endCursor", "startCursor"])
def test_a_part_of_a_page_that_is_wrong_is_seen(oracle: Oracle, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    document = f"{{ edu {{ schools(first: 2, orderBy: NAME_ASC) {{ pageInfo {{ {part} }} }} }} }}"
    assert oracle.check(document) == "answered"
    right = parts.PARTS[part]
    other = parts.PARTS["startCursor" if part == "endCursor" else "endCursor"]
    wrong = other if part.endswith("Cursor") else lambda page: not right(page)
    monkeypatch.setitem(parts.PARTS, part, wrong)
    with pytest.raises(Difference, match="instead of"):
        oracle.check(document)


@pytest.mark.parametrize(
    ("document", "module", "name", "wrong"),
    [
        (
            "{ edu { schoolsAggregate { groups { sum { budget } } } } }",
            groups,
            "_sum",
            lambda values, _: str(len(values)),
        ),
        ("{ edu { examsAggregate(groupBy: [SUBJECT]) { groups { count } } } }", groups, "_key", lambda row, _: None),
        ('{ geo { places(search: "تهران") { nodes { id } } } }', ranking.Search, "_rank", lambda _, text: -len(text)),
        ('{ geo { places(search: "تهارن") { nodes { id } } } }', ranking, "FEW", 0),
        ('{ geo { places(where: {name: {contains: "آباد"}}) { totalCount } } }', lists, "read", lambda text: text),
        (
            "{ geo { places(near: {lat: 35.7, lon: 51.4, withinKm: 9}) { edges { distanceKm } } } }",
            around,
            "EARTH_KM",
            6000.0,
        ),
        ("{ geo { placesChanges(since: 3) { nodes { changedFields } } } }", changes, "_differing", lambda *_: ["id"]),
        ('{ geo { places(release: "2026-01-11") { totalCount } } }', readable, "check_readable", lambda *_: None),
        ("{ edu { pupilsAggregate { groups { count } } } }", parts, "count", len),
        ("{ geo { places(orderBy: BY_LETTER_ASC) { nodes { id } } } }", letters, "place", lambda text: text),
        ("{ rateLimit { cost } edu { schools { totalCount } } }", refusals.Inspector, "cost", (2, 20)),
        (
            "{ geo { placesChanges(since: 3, last: 1) { nodes { key { id } } } } }",
            expected,
            "window",
            lambda _: (1, None, False),
        ),
    ],
    ids=[
        "a sum",
        "a key",
        "a rank",
        "likeness",
        "spelling",
        "the Earth",
        "a change",
        "a recall",
        "a cell",
        "an alphabet",
        "a price",
        "an end",
    ],
)
def test_a_mistake_in_anything_but_a_list_is_seen(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch, document: str, module: object, name: str, wrong: object
) -> None:
    assert oracle.check(document) == "answered"
    monkeypatch.setattr(module, name, wrong)
    with pytest.raises(Difference):
        oracle.check(document)


def test_a_planted_difference_is_shrunk_to_what_shows_it(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(parts.PARTS, "totalCount", lambda page: len(page.matching) + 1)
    with pytest.raises(Difference) as caught:
        ask(oracle, "planted", 200)
    assert "totalCount" in str(caught.value)
    told = capsys.readouterr().out
    assert 0 < told.count("{") < 15, told


@pytest.mark.parametrize(
    ("document", "caller"),
    [
        ("{ edu { wages { nodes { bonus } } } }", account.LIVE),
        ("{ edu { wages(where: {bonus: {isNull: false}}) { totalCount } } }", account.LIVE),
        ("{ edu { wages { nodes { archived { totalCount } } } } }", account.LIVE),
        ("{ edu { wages { nodes { badge } } } }", account.GRANTED),
        ("{ edu { wages { nodes { archived { totalCount } } } } }", account.TEST),
        ("{ geo { places { nodes { aka } } } }", account.TEST),
    ],
)
def test_a_door_that_is_open_by_mistake_is_seen(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch, document: str, caller: Caller
) -> None:
    assert oracle.check(document, caller=caller) == "refused"
    monkeypatch.setattr("tests.schema.oracle.oracle.check_access", lambda *_: None)
    with pytest.raises(Difference, match="NOT_PERMITTED"):
        oracle.check(document, caller=caller)


@pytest.mark.parametrize(
    "document",
    [
        "{ edu { wages(orderBy: BONUS_DESC) { nodes { bonus } } } }",
        "{ edu { wages { nodes { archived { totalCount } } } } }",
        "{ old { records { nodes { title wage { bonus } } totalCount } } }",
        "{ edu { wagesAggregate(groupBy: BONUS) { groups { key { bonus } count } } } }",
    ],
)
def test_what_is_granted_is_answered_as_graphql_core_would_and_to_nobody_else(oracle: Oracle, document: str) -> None:
    assert oracle.check(document, caller=account.GRANTED) == "answered"
    assert oracle.check(document, caller=account.LIVE) == "refused"


def test_a_refusal_that_graphql_core_does_not_know_of_is_seen(oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(below, "PAGE_MAX", 10_000)
    with pytest.raises(Difference, match="refused"):
        oracle.check("{ edu { schools(first: 1001) { nodes { code } } } }")
