"""Every query text of datasets/ is understood by the migrated database."""

from pathlib import Path

import pytest

from publicgsb.platform.kernel.database import Connections

_FOLDER = Path(__file__).resolve().parents[2] / "datasets"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in _FOLDER.rglob("*.sql")}


@pytest.mark.parametrize("name", sorted(TEXTS))
async def test_it_can_be_prepared_and_begins_with_its_guarantee(connections: Connections, name: str) -> None:
    text = TEXTS[name]
    assert text.startswith("-- ")
    async with connections.use() as connection:
        await connection.prepare(text)
