"""What agencies do at the mock: they release rows, take them back, withhold them, and announce an end."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from publicgsb_sdk.query import dataset_id
from publicgsb_sdk.testing.clock import Clock
from publicgsb_sdk.testing.grouping import cells
from publicgsb_sdk.testing.linking import synthetic
from publicgsb_sdk.testing.model import MockContract, Name
from publicgsb_sdk.testing.refusals import MockSetup
from publicgsb_sdk.testing.rows import read_rows
from publicgsb_sdk.testing.state import PLACE, Dataset, Release, World, sha256_of

RECORDS = 20  # of a synthetic release, unless the test says how many

Rows = Iterable[Mapping[str, Any]]
Value = TypeVar("Value")


class Agencies:
    """All of them; each call is one change of the world. Raises MockSetup for what the test got wrong."""

    def __init__(self, world: World, clock: Clock, seed: int | str) -> None:
        self._world = world
        self._clock = clock
        self._seed = seed

    def begin(
        self, contracts: Iterable[MockContract], own: Mapping[str, Rows], records: int | Mapping[str, int]
    ) -> None:
        """The first release of each: rows of the test's `own`, or so many synthetic `records`."""
        known = {one.name: one for one in contracts}
        brought = {_name(name): rows for name, rows in own.items()}
        for name in brought:
            _known(known, name)
        self._world.datasets = {name: Dataset(one) for name, one in known.items()}
        made = synthetic(
            [one for one in known.values() if one.access != "withheld"],
            {name: read_rows(known[name], rows) for name, rows in brought.items()},
            _counts(known, records),
            self._seed,
        )
        for name, found in made.items():
            self._add(known[name], found)
        self._changed()

    def dataset(self, name: str) -> Dataset:
        """`agency.dataset`, which the mock has a contract of."""
        return _known(self._world.datasets, _name(name))

    def release(
        self,
        name: str,
        rows: Rows | None,
        contract: MockContract | None,
        as_of: date | None,
        notes: Mapping[str, str] | None,
    ) -> int:
        """Of synthetic rows unless there are own ones; its number."""
        dataset = self.dataset(name)
        if contract is not None:
            if contract.name != dataset.contract.name:
                raise MockSetup(f"This is the contract of {contract.id}, not of {dataset.contract.id}.")
            dataset.contract = contract
        found = self._synthetic(dataset) if rows is None else read_rows(dataset.contract, rows)
        seq = self._add(dataset.contract, found, as_of, notes)
        if dataset.state == "withdrawn":
            dataset.state, dataset.sunset_on, dataset.successor = "active", None, None
        self._changed()
        return seq

    def recall(self, name: str, release: int) -> None:
        """The one before, if any, is current again."""
        dataset = self.dataset(name)
        released(dataset, release)
        dataset.recalled.add(release)
        if dataset.current == release:
            dataset.current = dataset.readable[0].seq if dataset.readable else None
        self._changed()

    def forget(self, name: str, release: int) -> None:
        """Its retention is over."""
        dataset = self.dataset(name)
        released(dataset, release)
        if dataset.current == release:
            raise MockSetup(f"Release {release} of {dataset.contract.id} is current, and stays readable.")
        dataset.gone.add(release)
        self._changed()

    def withdraw(self, name: str, successor: str | None) -> None:
        """The whole dataset."""
        dataset = self.dataset(name)
        dataset.successor = successor and dataset_id(successor)
        dataset.state, dataset.current = "withdrawn", None
        dataset.sunset_on = self._clock.now.date() if successor else None
        self._changed()

    def deprecate(self, name: str, until: date, successor: str | None) -> None:
        """Its end is announced."""
        dataset = self.dataset(name)
        dataset.successor = successor and dataset_id(successor)
        dataset.state, dataset.sunset_on = "deprecated", until
        self._changed()

    def withhold(self, name: str, field: str | None) -> None:
        """The dataset, or one field of it."""
        dataset = self.dataset(name)
        dataset.contract = _withheld(dataset.contract, field)
        self._changed()

    def _add(
        self,
        contract: MockContract,
        rows: list[dict[str, Any]],
        as_of: date | None = None,
        notes: Mapping[str, str] | None = None,
    ) -> int:
        dataset = self._world.datasets[contract.name]
        records, suppressed = len(rows), 0
        if not contract.has_records:
            rows, suppressed = cells(contract, rows)
        placed = tuple({**row, PLACE: place} for place, row in enumerate(rows))
        seq = max(dataset.releases, default=0) + 1
        now = self._clock.now
        sha256 = sha256_of(contract, placed)
        day = as_of or now.date()
        dataset.releases[seq] = Release(seq, contract, placed, now, day, sha256, records, suppressed, notes)
        dataset.current = seq
        return seq

    def _synthetic(self, dataset: Dataset) -> list[dict[str, Any]]:
        """Another seed for each release; links lead to what is current."""
        contracts = [one.contract for one in self._world.datasets.values() if one.current is not None]
        others = {
            name: [dict(row) for row in release.rows]
            for name, one in self._world.datasets.items()
            if one is not dataset and (release := one.current_release) is not None
        }
        current = dataset.current_release
        count = current.records if current else RECORDS
        if dataset.contract not in contracts:
            contracts.append(dataset.contract)
        seed = f"{self._seed}/{max(dataset.releases, default=0) + 1}"
        return synthetic(contracts, others, {dataset.contract.name: count}, seed)[dataset.contract.name]

    def _changed(self) -> None:
        self._world.changed(self._clock.now.date())


def released(dataset: Dataset, release: int | None) -> Release:
    """The release of that number. Raises MockSetup."""
    if release is None or release not in dataset.releases:
        there = f"It has {sorted(dataset.releases)}." if dataset.releases else "It has none at all."
        what = "no current release" if release is None else f"no release {release}"
        raise MockSetup(f"{dataset.contract.id} has {what}.", hint=there)
    return dataset.releases[release]


def _name(text: str) -> Name:
    agency, _, dataset = dataset_id(text).partition("/")
    return agency, dataset


def _known(known: Mapping[Name, Value], name: Name) -> Value:
    if name not in known:
        there = ", ".join(".".join(one) for one in sorted(known))
        raise MockSetup(f"The mock has no contract of {'.'.join(name)}.", hint=f"It has {there}.")
    return known[name]


def _counts(known: Mapping[Name, MockContract], records: int | Mapping[str, int]) -> dict[Name, int]:
    if isinstance(records, int):
        found = dict.fromkeys(known, records)
    else:
        found = dict.fromkeys(known, RECORDS) | {_name(name): count for name, count in records.items()}
        for name in found:
            _known(known, name)
    if any(count < 0 for count in found.values()):
        raise MockSetup("records= is how many there are: zero or more.")
    return found


def _withheld(contract: MockContract, field: str | None) -> MockContract:
    """The contract and its page, with the dataset or one field of it withheld."""
    page = dict(contract.page)
    if field is None:
        page["contract"] = {**page["contract"], "access": "withheld"}
        return replace(contract, page=page, access="withheld")
    if field not in contract.by_name:
        raise MockSetup(f"{contract.id} has no field {field!r}.", hint=f"It has {', '.join(contract.by_name)}.")
    page["contract"] = {
        **page["contract"],
        "fields": [
            {**one, "access": "withheld"} if one["name"] == field else one for one in page["contract"]["fields"]
        ],
    }
    columns = tuple(replace(one, access="withheld") if one.name == field else one for one in contract.columns)
    return replace(contract, page=page, columns=columns)
