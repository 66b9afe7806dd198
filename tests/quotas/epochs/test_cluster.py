"""Windows in a cluster: one organisation is on one node, and wherever its slot goes, what was taken stays taken."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest
from tests.quotas.epochs.workers import ACCOUNT, ONE, StartWindows, starting, store_of, take
from tests.redis_cluster import PRIMARIES, OwnCluster

from publicgsb.quotas.epochs.words import epoch_key
from publicgsb.quotas.windows import Verdict

pytestmark = pytest.mark.prove

KEY = epoch_key(ACCOUNT[0])


@pytest.fixture
def cluster(state_dir: Path) -> Iterator[OwnCluster]:
    with OwnCluster(state_dir, replicas=True) as cluster:
        yield cluster


@pytest.fixture
async def start_windows(database_url: str, cluster: OwnCluster) -> AsyncIterator[StartWindows]:
    async with starting(database_url, cluster.url) as start:
        yield start


async def test_each_organisation_has_its_windows_on_one_node_and_all_nodes_have_some(
    start_windows: StartWindows, cluster: OwnCluster
) -> None:
    first, second = await start_windows(), await start_windows()
    accounts = [(organisation, 1) for organisation in range(1, 31)]
    for account in accounts:
        await take(first, 4, account=account)
        await take(second, 6, account=account)
    refused = [(await take(second, 1, account=account)).verdict for account in accounts]
    assert set(refused) == {Verdict.NO_ROOM}
    assert len({store_of(first, account) for account in accounts}) == PRIMARIES
    owners = {account: cluster.owner(epoch_key(account[0])) for account in accounts}
    for number, node in enumerate(cluster.primaries):
        here = {key.partition(b"}")[0] for key in node.say("KEYS", "{o:*")}
        assert here == {b"{o:%d" % organisation for (organisation, _), owner in owners.items() if owner == number}


async def test_a_slot_that_moved_takes_along_what_was_taken(start_windows: StartWindows, cluster: OwnCluster) -> None:
    first, second = await start_windows(), await start_windows()
    await take(first, 5)
    await take(second, 4)
    there = (cluster.owner(KEY) + 1) % PRIMARIES
    cluster.begin_moving(KEY, there)
    cluster.move_keys(KEY, there)
    cluster.end_moving(KEY, there)
    assert (await take(first, 2)).verdict is Verdict.NO_ROOM
    assert (await take(second, 1)).verdict is Verdict.GRANTED
    assert cluster.owner(KEY) == there


async def test_a_slot_that_is_half_moved_loses_and_gives_nothing(
    start_windows: StartWindows, cluster: OwnCluster
) -> None:
    first, second = await start_windows(), await start_windows()
    await take(first, 8)
    there = (cluster.owner(KEY) + 1) % PRIMARIES
    cluster.begin_moving(KEY, there)
    cluster.move_keys(KEY, there, count=1)
    assert (await take(second, 1)).verdict is Verdict.GRANTED
    assert (await take(first, 2)).verdict is Verdict.NO_ROOM
    cluster.move_keys(KEY, there)
    cluster.end_moving(KEY, there)
    assert (await take(second, 2)).verdict is Verdict.NO_ROOM
    assert (await take(first, 1)).verdict is Verdict.GRANTED


async def test_a_replica_that_took_over_without_the_last_writes_is_not_believed(
    start_windows: StartWindows, cluster: OwnCluster
) -> None:
    first, second = await start_windows(), await start_windows()
    await take(first, 1)
    await take(second, 1)
    number = cluster.owner(KEY)
    cluster.hold_back(number)
    await take(first, 7)
    cluster.take_over(number)
    assert (await take(second, 2)).verdict is Verdict.NO_ROOM
    assert (await take(second, 1)).verdict is Verdict.GRANTED
    assert (await take(first, 1)).verdict is Verdict.NO_ROOM


async def test_while_a_node_is_gone_postgres_grants_and_windows_are_back_when_another_took_its_place(
    start_windows: StartWindows, cluster: OwnCluster
) -> None:
    windows = await start_windows()
    await take(windows, 5)
    number = cluster.owner(KEY)
    cluster.primaries[number].kill()
    assert (await take(windows, 4)).verdict is Verdict.GRANTED
    assert store_of(windows) is None
    cluster.take_over(number)
    with anyio.fail_after(60):
        while store_of(windows) is None:
            await asyncio.sleep(0.05)
    assert (await take(windows, 2)).verdict is Verdict.NO_ROOM
    assert (await take(windows, 1, ONE)).verdict is Verdict.GRANTED
