"""Every statement of schema/serving is valid on a migrated database."""

from pathlib import Path

import pytest

import publicgsb.schema.serving.history as history
from publicgsb.platform.kernel.database import Connections

FILES = sorted((Path(history.__file__).parent / "sql").glob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_statement_begins_with_its_guarantee(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("-- ")


async def test_every_statement_is_valid(connections: Connections) -> None:
    assert FILES
    async with connections.use() as connection:
        for file in FILES:
            await connection.prepare(file.read_text(encoding="utf-8"))
