"""Usage facts: written once whatever happens, and summed without counting an operation twice."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.ids import BootId
from publicgsb.quotas import facts as facts_module
from publicgsb.quotas import store
from publicgsb.quotas.facts import Facts, register_operation, usage, usage_of_datasets

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _answer(facts: Facts, points: int = 2) -> None:
    facts.record_answer(4, "k", "h", ((10, 100), (11, 110)), points=points, bytes=50, errors=0, ms=3)


async def _usage(connections: Connections) -> list[tuple[int, int, int, int]]:
    until = datetime.now(UTC) + timedelta(seconds=1)
    async with connections.use() as connection:
        sums = await usage(connection, LONG_AGO, until) + await usage_of_datasets(connection, LONG_AGO, until)
    return [(one.application_id, one.dataset_id, one.requests, one.points) for one in sums]


async def test_answers_of_a_second_become_one_fact_and_one_for_each_dataset(connections: Connections) -> None:
    facts = Facts(connections, BootId(uuid4()))
    _answer(facts)
    _answer(facts)
    await facts.flush()
    assert await _usage(connections) == [(4, 0, 2, 4), (4, 10, 2, 2), (4, 11, 2, 2)]
    async with connections.use() as connection:
        assert await connection.fetchval("select count(*) from gsb.usage_fact") == 3


async def test_operations_of_one_second_that_share_a_dataset_are_one_fact_of_it(connections: Connections) -> None:
    facts = Facts(connections, BootId(uuid4()))
    _answer(facts)
    facts.record_answer(4, "k", "h", ((10, 100),), points=1, bytes=5, errors=1, ms=1)
    await facts.flush()
    assert await _usage(connections) == [(4, 0, 2, 3), (4, 10, 2, 2), (4, 11, 1, 1)]


async def test_a_batch_that_is_sent_twice_counts_once(connections: Connections) -> None:
    boot_id = BootId(uuid4())
    fact = store.Fact(1, LONG_AGO, 4, "k", 0, 0, "h", 1, 2, 50, 0, 3)
    for _ in range(2):
        async with connections.use() as connection:
            await store.facts_add(connection, boot_id, [fact])
    assert await _usage(connections) == [(4, 0, 1, 2)]


async def test_facts_wait_for_the_database_and_are_not_lost(connections: Connections) -> None:
    away = Connections("postgresql://nobody@127.0.0.1:1/nothing", size=1)
    facts = Facts(away, BootId(uuid4()))
    _answer(facts)
    with pytest.raises(Unavailable):
        await facts.flush()
    facts._connections = connections
    _answer(facts)
    await facts.close()
    assert (await _usage(connections))[0] == (4, 0, 2, 4)


async def test_the_memory_of_facts_is_bounded_and_a_loss_is_counted(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts_module, "OPEN_MAX", 4)
    facts = Facts(connections, BootId(uuid4()))
    for application in range(5):
        facts.record_answer(application, "k", "h", (), points=1, bytes=1, errors=0, ms=1)
    assert facts.lost == 3


async def test_an_answer_that_finds_no_room_is_lost_as_a_whole(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts_module, "OPEN_MAX", 5)
    facts = Facts(connections, BootId(uuid4()))
    for key_id in ("k", "l"):
        facts.record_answer(4, key_id, "h", ((10, 100), (11, 110)), points=1, bytes=5, errors=0, ms=1)
    await facts.flush()
    assert facts.lost == 1
    assert await _usage(connections) == [(4, 0, 1, 1), (4, 10, 1, 1), (4, 11, 1, 0)]


async def test_an_operation_is_new_once_and_its_fields_are_kept(connections: Connections) -> None:
    async with connections.transaction() as connection:
        assert await register_operation(connection, "h1", [(10, 1, "name"), (10, 1, "city")])
        assert not await register_operation(connection, "h1", [(10, 1, "name")])
        assert await connection.fetchval("select count(*) from gsb.operation_field") == 2


async def test_a_further_shape_of_a_known_operation_adds_its_fields_and_is_not_new(connections: Connections) -> None:
    async with connections.transaction() as connection:
        await register_operation(connection, "h1", [(10, 1, "name")])
        assert not await register_operation(connection, "h1", [(11, 2, "code"), (10, 1, "name"), (11, 2, "code")])
        rows = await connection.fetch("select dataset_id, major, field from gsb.operation_field order by dataset_id")
    assert [tuple(row) for row in rows] == [(10, 1, "name"), (11, 2, "code")]


async def test_a_batch_whose_acknowledgement_was_lost_is_sent_again_and_counts_once(connections: Connections) -> None:
    """The database has it, this worker does not know: the same numbers go out again, with what came since."""
    facts = Facts(connections, BootId(uuid4()))
    _answer(facts)
    facts._close_second(datetime.now(UTC))
    async with connections.use() as connection:
        await store.facts_add(connection, facts._boot_id, facts._pending)
    _answer(facts, points=5)
    await facts.flush()
    assert await _usage(connections) == [(4, 0, 2, 7), (4, 10, 2, 4), (4, 11, 2, 3)]


async def test_the_time_of_the_database_is_shared_by_the_datasets_to_the_microsecond(connections: Connections) -> None:
    facts = Facts(connections, BootId(uuid4()))
    for us in (400, 301):
        facts.record_answer(4, "k", "h", ((10, 1), (11, 1)), points=1, bytes=1, errors=0, ms=1, database_us=us)
    await facts.flush()
    async with connections.use() as connection:
        rows = await connection.fetch("select dataset_id, database_us from gsb.usage_fact order by 1")
    assert [tuple(row) for row in rows] == [(0, 701), (10, 351), (11, 350)]


async def test_an_application_is_shown_with_its_test_keys(connections: Connections) -> None:
    facts = Facts(connections, BootId(uuid4()))
    for application in (4, -4, 5):
        facts.record_answer(application, "k", "h", ((10, 1),), points=3, bytes=1, errors=0, ms=1)
    await facts.flush()
    assert await _usage(connections) == [(4, 0, 2, 6), (5, 0, 1, 3), (4, 10, 2, 6), (5, 10, 1, 3)]
    async with connections.use() as connection:
        (only,) = await usage(connection, LONG_AGO, application_id=4)
    assert only.points == 6
