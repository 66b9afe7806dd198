"""Identifiers that were split over two columns are put together again; columns that only look so are left alone."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest

from publicgsb.datasets.contracts.model import Field, FieldType, Label
from publicgsb.datasets.privacy.split import SplitGate


def kinds(
    columns: Mapping[str, Sequence[str]], type_: FieldType = FieldType.STRING
) -> set[tuple[str, str, str | None]]:
    gate = SplitGate([Field(name, name, type_, Label(name, name)) for name in columns])
    rows = len(next(iter(columns.values())))
    for start in range(0, rows, 4_096):
        gate.observe({name: values[start : start + 4_096] for name, values in columns.items()})
    return {(found.kind.value, found.field, found.partner) for found in gate.findings()}


@pytest.mark.parametrize(
    ("make", "kind"), [("national_id", "national-id"), ("mobile", "mobile"), ("card", "bank-card")]
)
@pytest.mark.parametrize("cut", [3, 4, 6])
def test_both_halves_are_blocked_whichever_comes_first(people: Any, make: str, kind: str, cut: int) -> None:
    whole = [getattr(people, make)() for _ in range(60)]
    head, tail = [one[:cut] for one in whole], [one[cut:] for one in whole]
    wide, narrow = ("b", "a") if len(tail[0]) >= len(head[0]) else ("a", "b")
    assert (kind, wide, narrow) in kinds({"a": head, "n": ["x"] * 60, "b": tail})
    assert kind in {found[0] for found in kinds({"b": tail, "a": head})}


def test_halves_that_lost_their_zeros_as_numbers_are_found(people: Any) -> None:
    whole = [people.national_id("0") for _ in range(3_000)]
    columns = {"a": [str(int(one[:4])) for one in whole], "b": [str(int(one[4:])) for one in whole]}
    assert ("national-id", "b", "a") in kinds(columns, FieldType.INTEGER)


def test_columns_of_codes_whose_widths_add_up_are_left_alone(people: Any) -> None:
    random = Random(3)
    columns = {
        "county": [f"{random.randrange(10_000):04d}" for _ in range(5_000)],
        "serial": [f"{at:06d}" for at in range(5_000)],
        "clock": [f"{at % 24:02d}{at % 60:02d}" for at in range(5_000)],
        "twelve": [people.digits(12) for _ in range(5_000)],
        "eight": [people.digits(8) for _ in range(5_000)],
    }
    assert kinds(columns) == set()


def test_numbers_in_a_row_beside_a_code_are_left_alone_where_the_row_comes_to_nine() -> None:
    """A tenth of them look like mobile numbers, all in one place: what came before stands against them."""
    random = Random(7)
    rows = 100_000
    columns = {
        "serial": [str(at) for at in range(rows)],
        "county": [f"{random.randrange(10_000):05d}" for _ in range(rows)],
    }
    assert kinds(columns) == set()
    nines = [at for at in range(rows) if at >= 90_000]
    assert kinds({name: [values[at] for at in nines] for name, values in columns.items()}) == set()


def test_a_pair_that_only_chance_fits_is_not_even_counted(people: Any) -> None:
    names = [f"c{at}" for at in range(40)]
    gate = SplitGate([Field(name, name, FieldType.STRING, Label(name, name)) for name in names])
    gate.observe({name: [people.digits(5) for _ in range(128)] for name in names})
    assert not gate._tallies


def test_among_very_many_columns_of_digits_neighbours_are_put_together(people: Any) -> None:
    whole = [people.national_id() for _ in range(60)]
    columns = {f"c{at}": [people.digits(5) for _ in range(60)] for at in range(80)}
    columns |= {"c40": [one[:5] for one in whole], "c41": [one[5:] for one in whole]}
    assert {found[1] for found in kinds(columns)} <= {"c40", "c41"} != set()
    assert kinds(columns)
    assert not kinds({**columns, "c41": columns["c1"], "c60": [one[5:] for one in whole]})
