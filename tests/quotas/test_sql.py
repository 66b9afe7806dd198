"""Every statement of quotas is valid on a migrated database, so that a typo needs no test of its own."""

from pathlib import Path

import pytest

import publicgsb.quotas.store as store
from publicgsb.platform.kernel.database import Connections

FILES = sorted((Path(store.__file__).parent / "sql").glob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_statement_begins_with_its_guarantee(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("-- ")


async def test_every_statement_is_valid(connections: Connections) -> None:
    assert FILES
    async with connections.use() as connection:
        for file in FILES:
            await connection.prepare(file.read_text(encoding="utf-8"))


def test_every_statement_is_loaded_by_the_store() -> None:
    source = Path(store.__file__).read_text(encoding="utf-8")
    assert [file.name for file in FILES if f'"sql/{file.name}"' not in source] == []


async def test_a_standing_finds_its_account_and_leases_by_index(connections: Connections) -> None:
    sql = next(file for file in FILES if file.stem == "account_standing").read_text(encoding="utf-8")
    async with connections.transaction() as connection:
        await connection.execute("set local enable_seqscan = off")
        rows = await connection.fetch("explain " + sql, 1, 2, "month", "month")
    plan = "\n".join(row[0] for row in rows)
    assert "quota_account_pkey" in plan
    assert "quota_lease_open_by_account" in plan
    assert "Seq Scan" not in plan
