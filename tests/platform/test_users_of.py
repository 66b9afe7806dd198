"""Who used which fields of a dataset: the right ones, found without reading what others asked of other datasets."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.schema.worlds import found

from publicgsb.platform.kernel.database import Connection, Connections
from publicgsb.platform.kernel.sql import load
from publicgsb.platform.server.noticing import users_of

Fact = Callable[..., Awaitable[None]]

USERS = load("publicgsb.platform.server", "noticing_sql/users.sql")
FACT = """
    insert into gsb.usage_fact
      (worker_boot, seq, second, application_id, key_id, dataset_id, release_id, operation_hash, requests, points,
       bytes, errors, ms)
    values (gen_random_uuid(), 1, now() - $6 * interval '1 day', $1, 'k', $2, $3, $4, $5, 1, 1, 0, 1)
"""


@pytest.fixture
async def countries(connections: Connections, state_dir: Path) -> tuple[int, int]:
    """The number of the dataset, and of its release; two operations have read it, one of them a name."""
    await found(connections, state_dir)
    async with connections.use() as connection:
        row = await connection.fetchrow(
            "select d.id as dataset, r.id as release from gsb.dataset as d join gsb.release as r on r.dataset_id = d.id"
            " where d.slug = 'countries'"
        )
        assert row is not None
        await connection.execute("insert into gsb.operation (hash) values ('names'), ('codes')")
        await connection.execute(
            "insert into gsb.operation_field (operation_hash, dataset_id, major, field)"
            " values ('names', $1, 1, 'name'), ('names', $1, 1, 'code'), ('codes', $1, 1, 'code'),"
            " ('codes', $1, 2, 'name')",
            row["dataset"],
        )
        for name in ("first", "second", "third"):
            organisation = await connection.fetchval(
                "insert into gsb.organisation (name, email, purpose) values ($1, 'a@example.org', 'b') returning id",
                name,
            )
            await connection.execute(
                "insert into gsb.application (organisation_id, name) values ($1, $2)", organisation, f"app of {name}"
            )
    return row["dataset"], row["release"]


async def _application(connection: Connection, of: str) -> int:
    number: int = await connection.fetchval("select id from gsb.application where name = $1", f"app of {of}")
    return number


async def test_uses_of_the_major_in_90_days_count_by_whatever_key_and_way(
    connections: Connections, countries: tuple[int, int]
) -> None:
    dataset, release = countries
    async with connections.use() as connection:
        first, second, third = [await _application(connection, of) for of in ("first", "second", "third")]
        for application, operation, requests, days in (
            (first, "names", 2, 3), (first, "codes", 3, 1), (-second, "codes", 4, 2), (0, "file", 9, 1),
            (third, "names", 5, 91), (second, "file", 1, 80),
        ):  # fmt: skip
            await connection.execute(FACT, application, dataset, release, operation, requests, days)
        await connection.execute(FACT, third, 0, 0, "names", 7, 1)  # a whole answer
        users = await users_of(connection, dataset, 1, ["name"])
        told = [(one.organisation, one.application, one.fields, one.requests) for one in users]
        assert told == [("first", "app of first", ("name",), 5), ("second", "app of second", ("name",), 5)]
        assert await users_of(connection, dataset, 2, ["name"]) == []
        assert [one.fields for one in await users_of(connection, dataset, 1, [])] == [(), ()]


async def test_the_facts_of_a_dataset_are_found_by_their_index(
    connections: Connections, countries: tuple[int, int]
) -> None:
    dataset, release = countries
    async with connections.use() as connection:
        first = await _application(connection, "first")
        await connection.execute(
            """
            insert into gsb.usage_fact
              (worker_boot, seq, second, application_id, key_id, dataset_id, release_id, operation_hash, requests,
               points, bytes, errors, ms)
            select gen_random_uuid(), n, now() - n * interval '1 minute', $1, 'k', 1000 + n % 200, 0, 'names', 1, 1, 1,
              0, 1
            from generate_series(1, 20000) as n
            """,
            first,
        )
        await connection.execute(FACT, first, dataset, release, "names", 1, 1)
        await connection.execute("analyze gsb.usage_fact")
        for mode in ("force_custom_plan", "force_generic_plan"):
            await connection.execute(f"set plan_cache_mode = {mode}")
            plan = await connection.fetch(f"explain {USERS}", dataset, 1, ["name"])
            assert "usage_fact_by_dataset" in "\n".join(row[0] for row in plan)
