"""A dataset with every type, and its files made the way the jobs process makes them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import httpx2
import pytest
from tests.datasets.test_http import House

from publicgsb.datasets.exports.due import make_due
from publicgsb.datasets.exports.model import Made
from publicgsb.datasets.exports.objects import Objects, open_objects
from publicgsb.datasets.exports.store import made_of
from publicgsb.datasets.registry import DatasetEntry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections

Document: TypeAlias = dict[str, Any]
Documents: TypeAlias = Callable[..., Document]
Declare: TypeAlias = Callable[[Document], Awaitable[Any]]
Release: TypeAlias = Callable[..., Awaitable[Any]]
Make: TypeAlias = Callable[[], Awaitable[Made]]
Entry: TypeAlias = Callable[[], Awaitable[DatasetEntry]]

NAME = "standards/countries"
TYPES: Document = {
    "whole": {"type": "integer"},
    "big": {"type": "integer", "constraints": {"maximum": 2**62}},
    "float": {"type": "number"},
    "exact": {"type": "number", "format": "decimal"},
    "truth": {"type": "boolean"},
    "day": {"type": "date"},
    "moment": {"type": "datetime"},
    "year": {"type": "year"},
}
ROWS = [
    ["code", "name", *TYPES],
    ["خط", "", "", "", "", "", "", "", "", ""],
    [
        "007",
        'a "b",\nc',
        "-1",
        "9007199254740993",
        "0.1",
        "10.50",
        "true",
        "1900-02-01",
        "2013-01-01T05:00:00Z",
        "1405",
    ],
    ["008", "=1+1", "2", "1", "1e300", "0.125", "false", "2026-11-27", "2026-11-27T08:00:00.123456Z", "1406"],
]


@pytest.fixture
def every_type(country: Documents) -> Document:
    document = country()
    document["fields"] += [{"name": n, "label": {"fa": n, "en": n}, **t} for n, t in TYPES.items()]
    return document


@pytest.fixture
def objects(state_dir: Path) -> Objects:
    return open_objects(None, state_dir)


@pytest.fixture
def entry(connections: Connections) -> Entry:
    async def loaded() -> DatasetEntry:
        async with connections.use() as connection:
            return (await load_registry(connection)).dataset(*NAME.split("/"))

    return loaded


@pytest.fixture
def make(connections: Connections, objects: Objects, state_dir: Path, entry: Entry) -> Make:
    """Makes all files that are due, and gives those of the current release."""

    async def made() -> Made:
        await make_due(connections, objects, state_dir)
        current = (await entry()).current
        assert current is not None
        async with connections.use() as connection:
            return (await made_of(connection, [current.id]))[current.id]

    return made


@pytest.fixture
async def house(connections: Connections, state_dir: Path) -> House:
    return House(connections, state_dir)


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=house.app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://gsb.example") as client:
        yield client


async def content(objects: Objects, sha256: str, size: int) -> bytes:
    return b"".join([chunk async for chunk in objects.read(sha256, 0, size)])
