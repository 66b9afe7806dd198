"""The query texts of every part, so that a typo in one needs no test of its own."""

from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("apikeys", "datasets", "quotas", "schema", "platform/kernel")
FILES = sorted(file for part in PARTS for file in (ROOT / part).rglob("*.sql"))


def test_every_part_has_some() -> None:
    assert all(any(file.is_relative_to(ROOT / part) for file in FILES) for part in PARTS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_statement_begins_with_its_guarantee_and_is_loaded_by_the_code_beside_it(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("-- ")
    named = f'"{file.parent.name}/{file.name}"'
    assert any(named in code.read_text(encoding="utf-8") for code in file.parent.parent.glob("*.py"))


async def test_every_statement_is_valid_on_a_migrated_database(connections: Connections) -> None:
    async with connections.use() as connection:
        for file in FILES:
            await connection.prepare(file.read_text(encoding="utf-8"))
