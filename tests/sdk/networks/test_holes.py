"""Whatever a server does or leaves, a call ends by its deadline: that is promised, within half a second."""

from pathlib import Path

import pytest
from tests.sdk.networks.calls import CALLS, Ended, Sleeper, in_tasks, in_threads, sleeping
from tests.sdk.networks.holes import KINDS, hole

from publicgsb_sdk import Client, Dataset, Datasets, Publisher

DEADLINE_SECONDS = 3.0
OVERRUN_SECONDS_MAX = 0.5
WAKINGS = 3  # that a call takes one after the other to end, each as late as this machine wakes anybody
# They ask nothing: they make a query, a client or a part of one, or end one.
ASKING_NOTHING = {
    *("Client.budget", "Client.close", "Client.dataset", "Client.datasets", "Client.last_response", "Client.publish"),
    *("Client.spending", "Client.with_options", "Client.with_clock", "Publisher.close"),
    *(f"Dataset.{name}" for name in ("id", "limit", "near", "order_by", "release", "search", "select", "where")),
}


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """What a call loads when it is first made is not what is measured."""
    for name in ("duckdb", "pandas", "polars", "pyarrow", "pyarrow.parquet"):
        __import__(name)


def check(ended: list[Ended], sleeper: Sleeper) -> None:
    assert {one.name: one.error for one in ended} == dict.fromkeys(CALLS, "DeadlineExceeded")
    seconds_max = DEADLINE_SECONDS + OVERRUN_SECONDS_MAX + WAKINGS * sleeper.late_seconds_max
    assert not {one.name: one.seconds for one in ended if one.seconds > seconds_max}


def test_every_call_that_asks_is_in_the_table() -> None:
    kinds = (Client, Dataset, Datasets, Publisher)
    public = {f"{kind.__name__}.{name}" for kind in kinds for name in dir(kind) if not name.startswith("_")}
    assert public - ASKING_NOTHING == set(CALLS)


@pytest.mark.prove
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_call_ends_by_its_deadline(kind: str, tmp_path: Path) -> None:
    with hole(kind) as black, sleeping() as sleeper:
        check(in_threads(black.url, tmp_path, DEADLINE_SECONDS), sleeper)


@pytest.mark.prove
@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_every_awaited_call_ends_by_its_deadline(kind: str, tmp_path: Path) -> None:
    with hole(kind) as black, sleeping() as sleeper:
        check(await in_tasks(black.url, tmp_path, DEADLINE_SECONDS), sleeper)
