"""What start-up refuses, each in one sentence that says what to do."""

import errno
import socket
from collections.abc import Mapping
from typing import Any

import asyncpg

from publicgsb.platform.kernel.database import Connection
from publicgsb.platform.kernel.errors import Conflict, Unavailable
from publicgsb.quotas.redis_client import TROUBLE, close, connect, names_cluster, told

POSTGRES_MIN = 15
REDIS_MIN = (6, 2)


async def check_server(connection: Connection) -> None:
    """Before any migration: the server is new enough and the database holds Persian text."""
    number = int(await connection.fetchval("show server_version_num"))
    if number < POSTGRES_MIN * 10_000:
        raise Conflict(
            f"The database server is PostgreSQL {number // 10_000}; {POSTGRES_MIN} or newer is needed.",
            hint="Point GSB_DATABASE_URL at a newer server, or unset it for the embedded one.",
            reason="postgres_version",
        )
    encoding = await connection.fetchval("show server_encoding")
    if encoding != "UTF8":
        raise Conflict(
            f"The database is encoded in {encoding}; Persian text needs UTF8.",
            hint="Make one: createdb --encoding=UTF8 --locale=C.UTF-8 --template=template0 publicgsb",
            reason="database_encoding",
        )


async def check_trigrams(connection: Connection) -> None:
    """After the extension is there: LC_CTYPE=C and the builtin C.UTF-8 provider see no letters in Persian."""
    if not await connection.fetchval("select show_trgm('داده')"):
        raise Conflict(
            "The database's locale sees no letters in Persian text, so search in it would find nothing.",
            hint="Make one: createdb --encoding=UTF8 --locale-provider=libc --locale=C.UTF-8 "
            "--template=template0 publicgsb",
            reason="database_locale",
        )


async def check_redis(url: str) -> None:
    """Redis 6.2 or any Valkey answers at `url`, is addressed as what it is, and never forgets what it was told."""
    try:
        client = connect(url, timeout_seconds=2, protocol=2)
        try:
            servers = await told(client)
        finally:
            await close(client)
    except (*TROUBLE, ValueError) as error:
        raise Unavailable(
            "Redis does not answer.",
            hint="See GSB_REDIS_URL (each name in redis+cluster:// is a node of one cluster that covers all slots), or "
            "unset it for the embedded Valkey.",
            reason="redis",
        ) from error
    for server in servers:
        _check_redis_server(server, is_named_as_cluster=names_cluster(url))


def _check_redis_server(told: Mapping[str, Any], *, is_named_as_cluster: bool) -> None:
    version = str(told["redis_version"])  # Valkey says 7.2.4 here, the protocol that it speaks
    if tuple(int(part) for part in version.split(".")[:2]) < REDIS_MIN:
        raise Conflict(
            f"The Redis server is {version}; 6.2 or newer, or Valkey, is needed.",
            hint="Point GSB_REDIS_URL at a newer server, or unset it for the embedded one.",
            reason="redis_version",
        )
    if told.get("cluster_enabled") and not is_named_as_cluster:
        raise Conflict(
            "The Redis server is a node of a cluster, and GSB_REDIS_URL names it as a single server.",
            hint="Write redis+cluster://host:port,host:port with some of the cluster's nodes.",
            reason="redis_cluster",
        )
    if told.get("maxmemory") and told.get("maxmemory_policy") != "noeviction":
        raise Conflict(
            f"The Redis server evicts keys when it is full ({told['maxmemory_policy']}): windows would be given twice.",
            hint="Set its maxmemory-policy to noeviction; when it is full then, windows are kept in PostgreSQL.",
            reason="redis_eviction",
        )


def check_port(host: str, port: int) -> None:
    """Nobody else listens there; asked before anything slow begins."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why, hint = "is busy", "Set GSB_PORT to a free one, or stop who listens there."
            else:
                why, hint = f"cannot be used ({error.strerror})", "See GSB_HOST and GSB_PORT."
            raise Conflict(f"Port {port} on {host} {why}.", hint=hint, reason="port") from error


async def connect_for_checks(url: str) -> Connection:
    """A connection for start-up work; what fails here is told as a sentence without the URL."""
    try:
        return await asyncpg.connect(url, timeout=10, server_settings={"application_name": "publicgsb start"})
    except asyncpg.InvalidCatalogNameError as error:
        raise Unavailable(
            "The database that GSB_DATABASE_URL names does not exist.",
            hint="Make it: createdb --encoding=UTF8 --locale=C.UTF-8 --template=template0 publicgsb",
            reason="database",
        ) from error
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError) as error:
        raise Unavailable(
            "The database refuses the user or password of GSB_DATABASE_URL.", reason="database"
        ) from error
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise Unavailable(
            "The database does not answer.",
            hint="See GSB_DATABASE_URL, or unset it for the embedded one.",
            reason="database",
        ) from error
