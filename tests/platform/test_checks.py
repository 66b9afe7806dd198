"""What start-up refuses, and that the sentence says what to do."""

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tests.redis_server import OwnRedis

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, Unavailable
from publicgsb.platform.server.checks import check_port, check_redis, check_server, check_trigrams
from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.migrate import migrate


async def test_a_good_database_and_redis_pass(connections: Connections, redis_url: str) -> None:
    async with connections.use() as connection:
        await check_server(connection)
        await check_trigrams(connection)
    await check_redis(redis_url)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("encoding 'SQL_ASCII' locale 'C'", "encoded in SQL_ASCII"),
        ("encoding 'UTF8' locale 'C'", "sees no letters in Persian"),
        ("encoding 'UTF8' locale_provider 'builtin' builtin_locale 'C.UTF-8' locale 'C'", "sees no letters"),
    ],
)
async def test_a_database_that_cannot_hold_or_search_persian_is_refused(
    engines: Engines, options: str, sentence: str
) -> None:
    connection = await asyncpg.connect(engines.database_url)
    name = f"test_refused_{abs(hash(options))}"
    try:
        if "builtin" in options and connection.get_server_version().major < 17:
            pytest.skip("servers before 17 have no builtin provider to refuse")
        await connection.execute(f'create database "{name}" template template0 {options}')
        with pytest.raises(Conflict, match=sentence) as refusal:
            await migrate(urlunsplit(urlsplit(engines.database_url)._replace(path=f"/{name}")))
        assert "createdb" in str(refusal.value.hint)
    finally:
        await connection.execute(f'drop database if exists "{name}" with (force)')
        await connection.close()


async def test_a_redis_that_is_away_is_told_in_a_sentence() -> None:
    with pytest.raises(Unavailable, match="Redis does not answer"):
        await check_redis("redis://127.0.0.1:1/0")


async def test_a_redis_that_is_too_old_is_refused() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            body = b"redis_version:5.0.7\r\n"
            writer.write(b"$%d\r\n%s\r\n" % (len(body), body) if b"INFO" in data else b"+OK\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        with pytest.raises(Conflict, match=r"5\.0\.7"):
            await check_redis(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")


@pytest.mark.parametrize(
    ("reason", "options"),
    [
        ("redis_eviction", ["--maxmemory", "8mb", "--maxmemory-policy", "volatile-ttl"]),
        ("redis_cluster", ["--cluster-enabled", "yes"]),
    ],
)
async def test_a_redis_that_would_lose_windows_is_refused(reason: str, options: list[str], state_dir: Path) -> None:
    with OwnRedis(state_dir, options=options) as server, pytest.raises(Conflict) as refusal:
        await check_redis(server.url)
    assert refusal.value.details["reason"] == reason
    assert refusal.value.hint


def test_a_busy_port_names_the_setting() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as busy,
        pytest.raises(Conflict, match="is busy") as refusal,
    ):
        check_port("127.0.0.1", busy.getsockname()[1])
    assert "GSB_PORT" in str(refusal.value.hint)


def test_a_free_port_passes() -> None:
    check_port("127.0.0.1", 0)
