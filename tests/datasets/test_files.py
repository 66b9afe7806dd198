"""A release's file says what the release holds, in the contract's own spelling."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from publicgsb.datasets.downloading import while_readable
from publicgsb.datasets.files import Downloads
from publicgsb.datasets.registry import ReleaseRef
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import ReleaseRecalled

Documents = Callable[..., dict[str, Any]]
Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Any]]

_COPYING = """
select count(*) from pg_stat_activity
where datname = current_database() and query ilike 'copy %' and pid <> pg_backend_pid()
"""
ROWS = [
    ["code", "name", "whole", "big", "float", "exact", "truth", "day", "moment", "year"],
    ["007", 'a "b", c', "-1", "9007199254740993", "0.1", "10.50", "true", "0001-01-01", "2013-01-01T05:00:00Z", "1405"],
    ["خط", "", "", "", "", "", "", "", "", ""],
]


async def _current(connections: Connections) -> ReleaseRef:
    async with connections.use() as connection:
        current = (await load_registry(connection)).dataset("standards", "countries").current
    assert current is not None
    return current


def _every_type(country: Documents) -> dict[str, Any]:
    types: dict[str, dict[str, Any]] = {
        "whole": {"type": "integer"},
        "big": {"type": "integer", "constraints": {"maximum": 2**62}},
        "float": {"type": "number"},
        "exact": {"type": "number", "format": "decimal"},
        "truth": {"type": "boolean"},
        "day": {"type": "date"},
        "moment": {"type": "datetime"},
        "year": {"type": "year"},
    }
    document = country()
    document["fields"] += [{"name": n, "label": {"fa": n, "en": n}, **t} for n, t in types.items()]
    return document


async def test_a_file_released_again_gives_the_same_release(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(_every_type(country))
    first = await release("standards/countries", ROWS)
    chunks = [bytes(c) async for c in Downloads(connections).chunks(await _current(connections), has_bom=False)]
    lines = b"".join(chunks).decode().splitlines()
    assert lines[1] == '007,"a ""b"", c",-1,9007199254740993,0.1,10.50,true,0001-01-01,2013-01-01T05:00:00+00:00,1405'
    assert lines[2] == "خط,,,,,,,,,"
    again = await release("standards/countries", [lines[0].split(","), *ROWS[1:]])
    assert again.release.sha256 == first.release.sha256


async def test_a_client_that_leaves_frees_its_connection(
    connections: Connections,
    declare: Declare,
    country: Documents,
    release: Release,
    eventually: Callable[..., Awaitable[None]],
) -> None:
    await declare(country())
    await release("standards/countries", [["code", "name"], *([f"{n:05}", "x" * 100] for n in range(100_000))])
    chunks = Downloads(connections).chunks(await _current(connections), has_bom=False)

    async def copying() -> int:
        async with connections.use() as connection:
            count: int = await connection.fetchval(_COPYING)
        return count

    async def is_gone() -> bool:
        return await copying() == 0

    assert await anext(chunks)
    assert await copying() == 1
    await chunks.aclose()
    await eventually(is_gone)


async def test_a_file_that_may_be_read_no_longer_breaks_off(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    rows = [[f"{number:06}", "a name that fills the file"] for number in range(20_000)]
    await release("standards/countries", [["code", "name"], *rows])
    seen = 0

    def check() -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            raise ReleaseRecalled("It was recalled.")

    chunks = while_readable(Downloads(connections).chunks(await _current(connections), has_bom=False), check)
    assert len(await anext(chunks)) < 20_000 * 30
    with pytest.raises(ReleaseRecalled):
        await anext(chunks)
