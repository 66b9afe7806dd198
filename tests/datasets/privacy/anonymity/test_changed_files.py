"""A file of changes is held to the groups of the whole table that it makes, not to its own few rows."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from publicgsb.datasets.releases.modes import Mode
from publicgsb.datasets.releases.service import release_file
from publicgsb.platform.kernel.database import Connections

Declare = Callable[..., Awaitable[Any]]
Documents = Callable[..., dict[str, Any]]
WriteCsv = Callable[..., Path]


async def test_appended_rows_count_with_those_that_are_there(
    connections: Connections, state_dir: Path, declare: Declare, country: Documents, write_csv: WriteCsv
) -> None:
    label = {"fa": "ا", "en": "E"}
    fields = [{"name": name, "type": "string", "label": label} for name in ("code", "sex", "work")]
    terms = {"quasiIdentifiers": ["sex", "work"]}
    await declare(country(fields=fields, orderings=None, privacy=terms))

    async def released(rows: list[list[str]], mode: Mode) -> Any:
        file = write_csv([["code", "sex", "work"], *rows])
        return await release_file(connections, state_dir, "standards", "countries", file, "test", mode=mode)

    assert (await released([[f"a{at}", "f", "nurse"] for at in range(5)], Mode.FULL)).release is not None
    appended = await released([["b1", "f", "nurse"]], Mode.APPEND)
    assert appended.release is not None, appended.report.as_table()
    assert appended.report.privacy.anonymity.rows == 6
    alone = await released([["c1", "m", "judge"]], Mode.APPEND)
    assert alone.release is None
    assert alone.report.privacy.anonymity.subsets[0].rows_below == 1
