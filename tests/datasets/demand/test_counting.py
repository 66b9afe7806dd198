"""Demand is counted exactly once, in bounded memory, whatever becomes of the database meanwhile."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from tests.schema.worlds import found

from publicgsb.datasets.demand import counting, figures, store
from publicgsb.datasets.demand.counting import Demand
from publicgsb.datasets.demand.store import Cell
from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.ids import BootId

DAY = date(2026, 10, 5)


def demand(connections: Connections) -> Demand:
    return Demand(connections, BootId(uuid4()), lambda: DAY)


async def sums(connections: Connections) -> dict[tuple[int, str, int], int]:
    async with connections.use() as connection:
        rows = await connection.fetch("select * from gsb.demand_day")
    return {(row["dataset_id"], row["field"], row["organisation_id"]): row["requests"] for row in rows}


async def test_sums_of_two_workers_and_of_several_batches_add_up(connections: Connections) -> None:
    one, other = demand(connections), demand(connections)
    for worker in (one, other, one):
        worker.note(7, [(1, "manager"), (2, "")])
        await worker.flush()
    other.note(8, [(2, "")])
    await other.flush()
    await other.flush()
    assert await sums(connections) == {(1, "manager", 7): 3, (2, "", 7): 3, (2, "", 8): 1}


async def test_a_batch_whose_acknowledgement_was_lost_counts_once(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = store.add
    lost = True

    async def written_and_lost(connection: Connection, boot_id: BootId, seq: int, cells: Sequence[Cell]) -> None:
        nonlocal lost
        await add(connection, boot_id, seq, cells)
        if lost:
            lost = False
            raise Unavailable("The database does not answer.")

    monkeypatch.setattr(store, "add", written_and_lost)
    worker = demand(connections)
    worker.note(7, [(1, "a")])
    with pytest.raises(Unavailable):
        await worker.flush()
    worker.note(7, [(1, "a"), (1, "b")])  # comes while the first batch waits
    await worker.flush()
    assert await sums(connections) == {(1, "a", 7): 2, (1, "b", 7): 1}


async def test_what_finds_no_room_is_told_as_lost_and_what_is_there_goes_on(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "OPEN_MAX", 2)
    worker = demand(connections)
    for field in ("a", "b", "c", "a"):
        worker.note(7, [(1, field)])
    assert worker.lost == 1
    await worker.flush()
    assert await sums(connections) == {(1, "a", 7): 2, (1, "b", 7): 1}


async def test_closing_writes_what_waits_and_an_absent_database_is_survived() -> None:
    away = Connections("postgresql://127.0.0.1:1/none", size=1)
    worker = demand(away)
    await worker.start()
    worker.note(7, [(1, "a")])
    await worker.close()


async def test_closing_writes_what_waits(connections: Connections) -> None:
    worker = demand(connections)
    await worker.start()
    worker.note(7, [(1, "a")])
    await worker.close()
    assert await sums(connections) == {(1, "a", 7): 1}


async def test_old_days_and_silent_workers_are_forgotten(connections: Connections) -> None:
    worker = demand(connections)
    worker.note(7, [(1, "a")])
    await worker.flush()
    now = datetime.now(UTC)
    await figures.forget(connections, now)
    assert len(await sums(connections)) == 1
    await figures.forget(connections, datetime(2026, 10, 5, tzinfo=UTC) + timedelta(days=401))
    assert await sums(connections) == {}


@pytest.mark.parametrize(("organisations", "is_shown"), [(2, False), (3, True)])
async def test_a_month_is_shown_from_three_organisations_on(
    connections: Connections, state_dir: Path, organisations: int, is_shown: bool
) -> None:
    await found(connections, state_dir)
    async with connections.use() as connection:
        dataset_id = await connection.fetchval("select min(id) from gsb.dataset")
    worker = demand(connections)
    for organisation in range(organisations):
        for _ in range(5):
            worker.note(organisation + 1, [(dataset_id, "a")])
    await worker.flush()
    shown = await figures.public_months(connections, None, date(2026, 11, 1))
    assert [(one.month, one.requests, one.organisations) for one in shown] == [
        (date(2026, 10, 1), 5 * organisations, organisations)
    ] * is_shown
    assert await figures.public_months(connections, None, date(2026, 10, 31)) == []
