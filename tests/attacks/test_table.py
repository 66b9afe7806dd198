"""The table is whole, and what it names is there."""

import ast
import re
from pathlib import Path

import pytest
from benchmarks.attacks import beside_requests

from tests.attacks.cases import ATTACKS
from tests.attacks.table import TABLE, Held

TESTS = Path(__file__).resolve().parent.parent


def test_every_number_is_in_the_table_once_and_every_case_belongs_to_one() -> None:
    numbers = [held.number for held in TABLE]
    assert numbers == [f"A{number}" for number in range(1, 30)]
    assert {attack.number for attack in ATTACKS} <= set(numbers)


@pytest.mark.parametrize("held", TABLE, ids=lambda held: held.number)
def test_the_tests_that_hold_it_exist(held: Held) -> None:
    assert held.tests
    for named in held.tests:
        file, _, function = named.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert not function or function in there, named
        assert any(name.startswith("test_") for name in there), named


def test_cases_are_named_once() -> None:
    names = [str(attack) for attack in ATTACKS]
    assert len(set(names)) == len(names)


def test_every_number_has_a_figure_in_the_benchmarks() -> None:
    measured = {attack.number for attack in ATTACKS} | set(re.findall(r"\| (A\d+) \|", beside_requests(0.0, 0.0)))
    assert measured == {held.number for held in TABLE}
