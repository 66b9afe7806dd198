"""What is counted while a file is read is what its table says, whichever way the release was made."""

import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.datasets.conftest import column, country_document

from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.ingest.service import ingest
from publicgsb.datasets.quality.counting import count, put_right
from publicgsb.datasets.quality.model import Counted
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.modes import Mode
from publicgsb.platform.kernel.database import Connections

Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Any]]

FIELDS = [
    column("code"),
    column("name"),
    column("people", "integer", missingValues=["", "NA"], apply=[{"suppress": 5}]),
    {
        "name": "short",
        "type": "string",
        "label": {"fa": "k", "en": "k"},
        "derive": {"from": "name", "apply": [{"prefix": 1}]},
    },
]
HEADER = ["code", "name", "people"]
ROWS = [["a", "x", "9"], ["b", "", "NA"], ["c", "y", "3"], ["d", "", ""]]


async def both(connections: Connections) -> tuple[Counted, Counted]:
    """As it was released, and as the table is counted now."""
    async with connections.use() as connection:
        current = (await load_registry(connection)).dataset("standards", "countries").current
        assert current is not None and current.counted is not None
        again = await count(connection, current.contract, current.table, current.counted.cells_read // 3, {})
    return current.counted, again


@pytest.fixture
async def declared(declare: Declare) -> None:
    await declare(country_document(fields=FIELDS))


@pytest.mark.usefixtures("declared")
async def test_null_texts_suppressed_numbers_and_derived_fields_are_counted(
    connections: Connections, release: Release
) -> None:
    await release("standards/countries", [HEADER, *ROWS])
    read, scanned = await both(connections)
    assert read == scanned == Counted({"code": 4, "name": 2, "people": 1, "short": 2}, 12, 0)


@pytest.mark.usefixtures("declared")
async def test_of_a_file_of_changes_the_whole_release_is_counted_and_its_own_cells(
    connections: Connections, release: Release
) -> None:
    await release("standards/countries", [HEADER, *ROWS])
    await release("standards/countries", [HEADER, ["b", "z", "7"]], Mode.UPSERT)
    read, scanned = await both(connections)
    assert read == scanned == Counted({"code": 4, "name": 3, "people": 2, "short": 3}, 3, 0)


cells = st.lists(st.tuples(st.sampled_from(["", "x", "y"]), st.sampled_from(["", "NA", "9"])), min_size=1, max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(found=cells, is_packed=st.booleans())
def test_any_file_is_counted_as_it_is_read(found: list[tuple[str, str]], is_packed: bool, tmp_path: Path) -> None:
    text = "code,name,people\n" + "".join(f"c{at},{name},{people}\n" for at, (name, people) in enumerate(found))
    path = tmp_path / "rows.csv"
    path.write_bytes(gzip.compress(text.encode()) if is_packed else text.encode())
    ingested = ingest(parse(country_document(fields=FIELDS)), path, tmp_path / "1-a.copy")
    names = sum(1 for name, _ in found if name)
    people = sum(1 for _, number in found if number == "9")
    assert ingested.filled == {"code": len(found), "name": names, "people": people, "short": names}


def test_only_what_restores_a_cell_is_a_repair() -> None:
    changes = {"digits:a": 3, "letters:b": 2, "zeroPad:c": 4, "prefix:d": 100, "round:e": 7, "suppress:f": 1}
    assert put_right(changes.items()) == 9
