"""Contracts, files and declared datasets for the tests of this folder."""

import asyncio
import csv
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from publicgsb.datasets.agencies.service import add_agency, add_dataset
from publicgsb.datasets.contracts.model import Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.releases.model import Outcome
from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.service import release_file
from publicgsb.platform.kernel.database import Connections

Document: TypeAlias = dict[str, Any]
Documents: TypeAlias = Callable[..., Document]
Eventually: TypeAlias = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]
Declare: TypeAlias = Callable[[Document], Awaitable[Contract]]
WriteCsv: TypeAlias = Callable[[Iterable[Iterable[object]]], Path]
Release: TypeAlias = Callable[..., Awaitable[Outcome]]


def column(name: str, type_: str = "string", **more: Any) -> Document:
    return {"name": name, "type": type_, "label": {"fa": name, "en": name.title()}, **more}


def country_document(**changes: Any) -> Document:
    """A contract with one key and no links; a change of None removes the member."""
    document: Document = {
        "agency": "standards",
        "dataset": "countries",
        "version": "1.0.0",
        "recordName": "Country",
        "title": {"fa": "کشورها", "en": "Countries"},
        "description": {"fa": "کشورهای جهان", "en": "Countries of the world"},
        "licence": "CC0-1.0",
        "attribution": "The standards people",
        "source": {"name": "standards.example", "year": 2026},
        "theme": "transport",
        "cadence": "yearly",
        "contact": "data@standards.example",
        "primaryKey": ["code"],
        "fields": [column("code", filters=["eq"]), column("name", filters=["eq", "startsWith"])],
        "orderings": ["name"],
    }
    return {name: value for name, value in (document | changes).items() if value is not None}


def airport_document(**changes: Any) -> Document:
    """Links to countries, and has a nullable number to order by."""
    link = {
        "name": "countryRecord",
        "fields": ["country"],
        "to": "standards/countries",
        "toFields": ["code"],
        "reverse": "airports",
        "label": {"fa": "کشور", "en": "Country"},
    }
    members: Document = {
        "agency": "aviation",
        "dataset": "airports",
        "recordName": "Airport",
        "primaryKey": ["icao"],
        "fields": [
            column("icao", filters=["eq", "in"], constraints={"maxLength": 4}),
            column("name", filters=["eq", "startsWith"]),
            column("country", filters=["eq"]),
            column("elevation", "number", unit="m", filters=["range"]),
        ],
        "orderings": ["name", {"name": "highest", "fields": ["elevation", "name"]}],
        "links": [link],
    }
    return country_document(**(members | changes))


@pytest.fixture
def eventually() -> Eventually:
    """Waits until the claim holds; fails after thirty seconds."""

    async def held(claim: Callable[[], Awaitable[bool]]) -> None:
        for _ in range(1500):
            if await claim():
                return
            await asyncio.sleep(0.02)
        raise AssertionError("it did not come true within thirty seconds")

    return held


@pytest.fixture
def country() -> Documents:
    return country_document


@pytest.fixture
def airport() -> Documents:
    return airport_document


@pytest.fixture
def declare(connections: Connections) -> Declare:
    """Adds the agency when it is new, and declares the contract."""

    async def declared(document: Document) -> Contract:
        contract = parse(document)
        await add_agency(connections, contract.agency, Label("سازمان", "Agency"), "test", is_sample=True)
        await add_dataset(connections, contract, "test")
        return contract

    return declared


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    def written(rows: Iterable[Iterable[object]]) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return path

    return written


@pytest.fixture
def release(connections: Connections, state_dir: Path, write_csv: WriteCsv) -> Release:
    """Releases rows, the header first, for "agency/dataset"."""

    async def released(name: str, rows: Iterable[Iterable[object]], mode: Mode = Mode.FULL) -> Outcome:
        agency, dataset = name.split("/")
        return await release_file(connections, state_dir, agency, dataset, write_csv(rows), "test", mode=mode)

    return released
