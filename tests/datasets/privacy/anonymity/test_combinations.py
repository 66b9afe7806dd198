"""Groups are counted exactly: held against a reference that looks at rows, one by one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations, product
from math import log
from random import Random
from typing import Any

import pytest

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.privacy import Profile
from publicgsb.datasets.privacy.anonymity import combinations as counted
from publicgsb.datasets.privacy.anonymity import generalising
from publicgsb.datasets.privacy.anonymity.combinations import Combinations
from publicgsb.datasets.privacy.anonymity.counting import Table, is_met
from publicgsb.datasets.privacy.anonymity.model import BOUNDS, Alone, Anonymity, Bounds, Unit

_LABEL = {"fa": "نمونه", "en": "Sample"}
Rows = Sequence[dict[str, str]]


def anonymity(rows: Rows, fields: Sequence[dict[str, Any]], batch: int = 100, **privacy: Any) -> Anonymity | None:
    contract = parse(
        {
            "agency": "sample", "dataset": "things", "version": "1.0.0", "recordName": "Thing", "title": _LABEL,
            "description": _LABEL, "access": "open", "licence": "CC0-1.0", "attribution": "Sample",
            "source": {"name": "Sample"}, "theme": "society", "cadence": "once", "contact": "data@example.org",
            "fields": [{"label": _LABEL, "type": "string", **field} for field in fields],
            **({"privacy": privacy} if privacy else {}),
        }
    )  # fmt: skip
    seen = Combinations(contract)
    for start in range(0, len(rows), batch):
        seen.observe({field["name"]: [row[field["name"]] for row in rows[start : start + batch]] for field in fields})
    return seen.anonymity()


def reference(rows: Rows, columns: Sequence[str], sensitive: Sequence[str], contributor: str | None, at: Bounds) -> Any:
    groups: dict[Any, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in columns)].append(row)
    small, sizes = 0, []
    for members in groups.values():
        size = len({one[contributor] for one in members}) if contributor else len(members)
        is_alike = any(len({one[name] for one in members}) < at.l for name in sensitive)
        small += len(members) if size < at.k or is_alike else 0
        sizes.append(size)
    return len(groups), min(sizes), sum(len(members) == 1 for members in groups.values()), small


def told(one: Alone) -> Any:
    return one.groups, one.k_min, one.unique_rows, one.rows_below


FIELDS = [{"name": name} for name in ("sex", "city", "work", "age", "wedded", "illness", "firm")]


OF_PROFILE: dict[str, dict[str, Any]] = {"sensitive": {"sensitive": ["illness"]}, "business": {"contributor": "firm"}}


def people_rows(seed: int, rows: int) -> Rows:
    random = Random(seed)
    sizes = {"sex": 2, "city": 5, "work": 4, "age": 9, "wedded": 2, "illness": 3, "firm": 20}
    return [{name: str(random.randrange(size)) for name, size in sizes.items()} for _ in range(rows)]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("profile", ["standard", "sensitive", "business"])
def test_every_set_of_up_to_four_columns_is_counted_as_row_by_row(seed: int, profile: str) -> None:
    rows = people_rows(seed, 40 + 97 * seed)
    quasi = ["sex", "city", "work", "age", "wedded"][: 3 + seed % 3]
    of_profile: dict[str, dict[str, Any]] = {
        "sensitive": {"sensitive": ["illness"]},
        "business": {"contributor": "firm"},
    }
    terms = of_profile.get(profile, {})
    made = anonymity(rows, FIELDS, profile=profile, quasiIdentifiers=quasi, **terms)
    assert made is not None and made.is_declared
    bounds = made.bounds
    contributor = "firm" if bounds.unit is Unit.CONTRIBUTORS else None
    expected = {
        columns: reference(rows, columns, terms.get("sensitive", []), contributor, bounds)
        for size in range(1, 5)
        for columns in combinations(quasi, size)
    }
    assert all(told(one) == expected[one.columns] for one in made.subsets)
    assert len(made.subsets) == min(counted.SUBSETS_TOLD, len(expected))
    assert made.is_met == all(figures[3] == 0 for figures in expected.values())
    assert made.subsets[0].rows_below == max(figures[3] for figures in expected.values())


def test_the_proposed_generalisation_is_the_cheapest_of_all_ways_and_serves() -> None:
    random = Random(9)
    rows = [
        {
            "age": str(random.randrange(20, 60)),
            "code": f"{random.randrange(4):02d}{random.randrange(30):02d}",
            "sex": random.choice("fm"),
        }
        for _ in range(1_500)
    ]
    fields = [{"name": "age", "type": "integer"}, {"name": "code"}, {"name": "sex"}]
    made = anonymity(rows, fields, quasiIdentifiers=["age", "code", "sex"])
    assert made is not None and made.generalised is not None
    assert made.generalised.before.rows_below > 0
    assert made.generalised.after.rows_below == 0 and made.generalised.after.k_min >= 5
    assert made.generalised.is_cheapest
    steps = {proposal.field: proposal.told for proposal in made.generalised.proposals}
    assert steps == cheapest_by_hand(rows)


def test_the_search_is_bounded_by_all_that_it_counts_also_for_each_set_of_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows, quasi = people_rows(1, 400), ["sex", "city", "work", "age", "wedded"]
    tables: list[int] = []

    def seen(table: Table) -> tuple[bool, int]:
        tables.append(len(table.counts))
        return is_met(table)

    monkeypatch.setattr(generalising, "is_met", seen)
    made = anonymity(rows, FIELDS, quasiIdentifiers=quasi)
    assert made is not None and made.generalised is not None and made.generalised.is_cheapest
    combinations_ = len({tuple(row[name] for name in quasi) for row in rows})
    monkeypatch.setattr(generalising, "WORK_MAX", (len(tables) - 1) * combinations_)
    made = anonymity(rows, FIELDS, quasiIdentifiers=quasi)
    assert made is not None and made.generalised is not None and not made.generalised.is_cheapest
    assert made.generalised.after.k_min >= 5


def test_ways_that_two_columns_rule_out_are_not_counted_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes of places in four lengths and a day of birth: 2,000 ways and more, nearly all of which fail by a pair."""
    random, tables = Random(3), list[int]()
    codes = [f"{random.randrange(30):02d}{random.randrange(20):02d}{number:04d}" for number in range(600)]
    rows = [
        {"village": code, "county": code[:4], "province": code[:2], "born": f"{random.randrange(1950, 2000)}-03-21"}
        for code in codes * 2
    ]
    fields = [{"name": name} for name in ("village", "county", "province")] + [{"name": "born", "type": "date"}]

    def seen(table: Table) -> tuple[bool, int]:
        tables.append(len(table.counts))
        return is_met(table)

    monkeypatch.setattr(generalising, "is_met", seen)
    made = anonymity(rows, fields, quasiIdentifiers=[field["name"] for field in fields])
    assert made is not None and made.generalised is not None and made.generalised.is_cheapest
    assert made.generalised.after.rows_below == 0
    assert len(tables) < 40


def tens(text: str, ten: int) -> str:
    """Half to even, as numbers are rounded."""
    whole, rest = divmod(int(text), ten)
    return str(ten * (whole + (rest * 2 > ten or (rest * 2 == ten and whole % 2 == 1))))


Rung = Callable[[str], str] | None
LADDERS: dict[str, dict[str, Rung]] = {
    "age": {"": str, "round(-1)": lambda v: tens(v, 10), "round(-2)": lambda v: tens(v, 100), "drop": None},
    "code": {"": str, "prefix(3)": lambda v: v[:3], "prefix(2)": lambda v: v[:2], "prefix(1)": lambda v: v[:1],
             "drop": None},
    "sex": {"": str, "drop": None},
}  # fmt: skip


def cheapest_by_hand(rows: Rows) -> dict[str, str]:
    """Every way, by what it leaves of each column's values."""

    def cost(name: str, rung: Rung) -> float:
        values = {row[name] for row in rows}
        return 1.0 if rung is None else 1 - log(1 + len(set(map(rung, values)))) / log(1 + len(values))

    serving: list[tuple[float, dict[str, str]]] = []
    for way in product(*(ladder.items() for ladder in LADDERS.values())):
        rungs = dict(zip(LADDERS, way, strict=True))
        groups = Counter(tuple(rung(row[name]) for name, (_, rung) in rungs.items() if rung) for row in rows)
        if min(groups.values()) >= BOUNDS[Profile.STANDARD].k:
            total = sum(cost(name, rung) for name, (_, rung) in rungs.items())
            serving.append((total, {name: word for name, (word, _) in rungs.items() if word}))
    return min(serving, key=lambda one: one[0])[1]


def test_columns_that_are_guessed_are_told_and_nothing_is_held_to_them() -> None:
    rows = [{"sex": "f", "province": str(at), "height": "1"} for at in range(30)]
    made = anonymity(rows, [{"name": "sex"}, {"name": "province"}, {"name": "height", "type": "number"}])
    assert made is not None
    assert (made.columns, made.is_declared, made.is_met, made.is_blocking) == (("sex", "province"), False, False, False)


def test_places_alone_describe_nobody() -> None:
    rows = [{"city": str(at), "province": "1", "village": "2"} for at in range(30)]
    assert anonymity(rows, [{"name": "city"}, {"name": "province"}, {"name": "village"}]) is None


def test_more_combinations_than_can_be_counted_are_refused_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "COMBINATIONS_MAX", 50)
    rows = [{"sex": "f", "work": str(at)} for at in range(200)]
    made = anonymity(rows, FIELDS[:1] + FIELDS[2:3], batch=10, quasiIdentifiers=["sex", "work"])
    assert made is not None
    assert (made.is_overfull, made.is_met, made.is_blocking) == (True, False, True)


def test_no_value_stands_in_what_is_told() -> None:
    rows = [{"sex": "f", "work": f"worker-{at}"} for at in range(40)]
    made = anonymity(rows, FIELDS[:1] + FIELDS[2:3], quasiIdentifiers=["sex", "work"])
    assert made is not None
    assert "worker-" not in str(made.as_json())
