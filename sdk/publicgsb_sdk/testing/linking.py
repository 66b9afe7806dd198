"""Synthetic rows of all datasets together, so that links lead somewhere.

Datasets are made in the order in which they refer to one another. Where they refer in a circle, or a dataset to
itself, the links that look ahead are filled in at the end, over rows that are there by then.
"""

import random
from collections.abc import Iterable, Mapping
from typing import Any

from publicgsb_sdk.testing.making import TRIES_MAX, Maker, is_allowed
from publicgsb_sdk.testing.model import Column, Join, MockContract, Name

Rows = list[dict[str, Any]]


def synthetic(
    contracts: Iterable[MockContract], own: Mapping[Name, Rows], records: Mapping[Name, int], seed: int | str
) -> dict[Name, Rows]:
    """Rows of every contract; those that a test brought stay as they are, and links lead to them."""
    wanted = {one.name: one for one in contracts}
    found: dict[Name, Rows] = {name: rows for name, rows in own.items() if name in wanted}
    ahead: list[tuple[MockContract, Join]] = []
    narrower = _narrower(wanted)
    for contract in _ordered(wanted, set(found)):
        maker = Maker(contract, seed, records[contract.name], narrower[contract.name])
        behind = [join for join in _joins(contract, wanted) if join.to in found]
        ahead += [(contract, join) for join in _joins(contract, wanted) if join.to not in found]
        found[contract.name] = _rows(contract, maker, behind, found, records[contract.name])
    for contract, join in ahead:
        _fill(contract, join, found, Maker(contract, seed, records[contract.name]))
    return found


def _narrower(wanted: Mapping[Name, MockContract]) -> dict[Name, dict[str, list[Column]]]:
    """By dataset and column, every column that links lead from there, by however many steps."""
    direct = [
        ((contract.name, here), (join.to, there))
        for contract in wanted.values()
        for join in _joins(contract, wanted)
        for here, there in zip(join.columns, join.to_columns, strict=True)
    ]
    found: dict[Name, dict[str, list[Column]]] = {name: {} for name in wanted}
    for name, contract in wanted.items():
        for column in contract.columns:
            reached = {(name, column.name)}
            while more := {source for source, target in direct if target in reached} - reached:
                reached |= more
            sources = sorted(reached - {(name, column.name)})
            found[name][column.name] = [wanted[dataset].by_name[one] for dataset, one in sources]
    return found


def _ordered(wanted: Mapping[Name, MockContract], there: set[Name]) -> list[MockContract]:
    """Each after those that it links to, as far as there is no circle."""
    left = [one for name, one in wanted.items() if name not in there]
    known, found = set(there), list[MockContract]()
    while left:
        ready = [one for one in left if all(to in known for to in _targets(one, wanted))]
        chosen = ready or [min(left, key=lambda one: len(_targets(one, wanted) - known))]
        found += chosen
        known |= {one.name for one in chosen}
        left = [one for one in left if one not in chosen]
    return found


def _targets(contract: MockContract, wanted: Mapping[Name, MockContract]) -> set[Name]:
    return {join.to for join in _joins(contract, wanted) if join.to != contract.name}


def _joins(contract: MockContract, wanted: Mapping[Name, MockContract]) -> list[Join]:
    """The widest first: what a composite link fixes, a narrower one finds fixed."""
    known = [join for join in contract.joins if join.to in wanted and wanted[join.to].has_records]
    return sorted(known, key=lambda join: -len(join.columns))


def _rows(contract: MockContract, maker: Maker, joins: list[Join], found: Mapping[Name, Rows], count: int) -> Rows:
    """Fewer where keys are made of what they link to, and there is no more of that."""
    rows: Rows = []
    seen: dict[str, set[tuple[Any, ...]]] = {key.name: set() for key in contract.keys}
    for at in range(count):
        for attempt in range(TRIES_MAX):
            row = _row(contract, maker, joins, found, at, attempt)
            names = {key.name: tuple(row.get(one) for one in key.columns) for key in contract.keys}
            if not any(None not in values and values in seen[name] for name, values in names.items()):
                for name, values in names.items():
                    seen[name].add(values)
                rows.append(row)
                break
    return rows


def _row(
    contract: MockContract, maker: Maker, joins: list[Join], found: Mapping[Name, Rows], at: int, attempt: int
) -> dict[str, Any]:
    fixed: dict[str, Any] = {}
    for join in joins:
        dice = maker.dice("link", join.name, at, attempt)
        if _may_be_null(contract, join) and maker.is_null(join.name, at):
            fixed |= {one: None for one in join.columns if one not in fixed}
            continue
        fixed |= _picked(contract, join, found[join.to], fixed, at + attempt, dice)
    return {
        one.name: fixed[one.name] if one.name in fixed else maker.value(one, at, attempt)
        for one in contract.columns
        if not contract.is_withheld(one)
    }


def _picked(
    contract: MockContract, join: Join, targets: Rows, fixed: Mapping[str, Any], at: int, dice: random.Random
) -> dict[str, Any]:
    """Values of some record that the link can lead to, one that agrees with what is fixed already."""
    pairs = list(zip(join.columns, join.to_columns, strict=True))

    def fits(here: str, value: Any) -> bool:
        return value is not None and fixed.get(here, value) == value and is_allowed(contract.by_name[here], value)

    able = [row for row in targets if all(fits(here, row.get(there)) for here, there in pairs)]
    if not able:
        return {}
    row = able[at % len(able)] if dice.random() < 0.5 else dice.choice(able)
    return {here: row[there] for here, there in pairs}


def _fill(contract: MockContract, join: Join, found: Mapping[Name, Rows], maker: Maker) -> None:
    """A link that looks ahead, over rows that are there; what is part of a key stays as it is."""
    in_keys = {name for key in contract.keys for name in key.columns}
    if in_keys & set(join.columns):
        return
    targets = found[join.to]
    for at, row in enumerate(found[contract.name]):
        dice = maker.dice("ahead", join.name, at)
        if _may_be_null(contract, join) and (maker.is_null(join.name, at) or not targets):
            row |= dict.fromkeys(join.columns)
        elif targets:
            row |= _picked(contract, join, targets, {}, at, dice)


def _may_be_null(contract: MockContract, join: Join) -> bool:
    return not any(contract.by_name[one].is_required for one in join.columns)
