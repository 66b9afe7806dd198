"""Clients of Redis or Valkey: of one server, or of all nodes of a cluster."""

from typing import Any, TypeAlias
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

TROUBLE = (RedisError, RedisClusterException, OSError, TimeoutError)  # a cluster's exception is no RedisError

_CLUSTER = "+cluster"
_PORT = 6379
_CONNECTIONS_MAX = 10_000  # to each node of a cluster: as good as any number, as to a single server

RedisClient: TypeAlias = "Redis | RedisCluster"


def connect(url: str, *, timeout_seconds: float, protocol: int | None = None) -> "RedisClient":
    """A client with short timeouts and no retry of its own: what may be repeated is decided by who asks.

    `redis+cluster://user:password@host:port,host:port` names nodes of a cluster; one that answers tells of the others.
    """
    options: dict[str, Any] = {
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "retry": Retry(NoBackoff(), 0),
        "protocol": protocol,
    }
    if not names_cluster(url):
        return Redis.from_url(url, **options)
    scheme, _, rest = url.replace(_CLUSTER, "", 1).partition("://")
    credentials, at, hosts = rest.rpartition("@")
    first, *others = hosts.split(",")
    nodes = [
        ClusterNode(place.hostname or "", place.port or _PORT) for place in (urlsplit(f"//{one}") for one in others)
    ]
    return RedisCluster.from_url(
        f"{scheme}://{credentials}{at}{first}", startup_nodes=nodes, max_connections=_CONNECTIONS_MAX, **options
    )


def names_cluster(url: str) -> bool:
    return url.partition("://")[0].endswith(_CLUSTER)


async def answer(client: "RedisClient") -> None:
    """Returns when the server has answered, or every primary of the cluster; raises one of TROUBLE."""
    if isinstance(client, RedisCluster):
        await client.ping(target_nodes=RedisCluster.PRIMARIES)
    else:
        await client.ping()


async def told(client: "RedisClient") -> list[dict[str, Any]]:
    """What the server, or every primary of the cluster, tells of itself; raises one of TROUBLE."""
    if isinstance(client, RedisCluster):
        return list((await client.info(target_nodes=RedisCluster.PRIMARIES)).values())
    return [await client.info()]


async def close(client: "RedisClient") -> None:
    """Leaves no connection open: a cluster's client that was about to look for its nodes again would leave them all."""
    await client.aclose()
    if isinstance(client, RedisCluster):
        await client.nodes_manager.aclose()
        await client.nodes_manager.aclose("startup_nodes")
