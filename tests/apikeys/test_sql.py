"""Every statement of apikeys is valid on a migrated database, so that a typo needs no test of its own."""

from pathlib import Path

import pytest

import publicgsb.apikeys.store as store
from publicgsb.platform.kernel.database import Connections

FILES = sorted((Path(store.__file__).parent / "sql").glob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_statement_begins_with_its_guarantee(file: Path) -> None:
    first = file.read_text(encoding="utf-8").split("\n", 1)[0]
    assert first.startswith("-- ")
    assert first.endswith(".")


async def test_every_statement_is_valid(connections: Connections) -> None:
    async with connections.use() as connection:
        for file in FILES:
            await connection.prepare(file.read_text(encoding="utf-8"))


def test_every_statement_is_loaded_by_the_store() -> None:
    source = Path(store.__file__).read_text(encoding="utf-8")
    assert [file.name for file in FILES if f'"sql/{file.name}"' not in source] == []


async def test_a_key_is_found_by_its_primary_key_alone(connections: Connections) -> None:
    sql = next(file for file in FILES if file.stem == "key_record").read_text(encoding="utf-8")
    async with connections.transaction() as connection:
        await connection.execute("set local enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch("explain " + sql, "abcdefgh"))
    assert "api_key_pkey" in plan
    assert "Seq Scan" not in plan
