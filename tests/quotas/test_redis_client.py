"""Addresses of one server and of a cluster, and that a client repeats nothing by itself."""

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from publicgsb.quotas.redis_client import close, connect, names_cluster


@pytest.mark.parametrize(
    ("url", "places", "user"),
    [
        ("redis+cluster://one:7001,two:7002,[::1]:7003", ["one:7001", "two:7002", "::1:7003"], None),
        ("redis+cluster://one,two", ["one:6379", "two:6379"], None),
        ("rediss+cluster://me:a%40b@one:7001,two:7002", ["one:7001", "two:7002"], "me"),
    ],
)
async def test_a_cluster_is_named_by_some_of_its_nodes(url: str, places: list[str], user: str | None) -> None:
    client = connect(url, timeout_seconds=0.1)
    assert isinstance(client, RedisCluster)
    assert {node.name for node in client.startup_nodes} == set(places)
    options = client.get_connection_kwargs()
    assert (options.get("username"), options.get("password")) == (user, user and "a@b")
    assert client.retry.get_retries() == 0
    await close(client)


@pytest.mark.parametrize("url", ["redis://one:7001/2", "rediss://one", "unix:///run/redis.sock?db=3"])
async def test_a_single_server_is_not_taken_for_a_cluster(url: str) -> None:
    client = connect(url, timeout_seconds=0.1)
    assert isinstance(client, Redis)
    assert not names_cluster(url)
    await close(client)
