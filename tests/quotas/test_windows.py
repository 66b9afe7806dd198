"""The script against a real server: exact in every true window, all or nothing, and honest when the server is away."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from redis.asyncio import Redis

from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.platform.kernel.ids import BootId
from publicgsb.platform.server.engines.binaries import valkey_program
from publicgsb.quotas.model import Account, Plan
from publicgsb.quotas.windows import HORIZON_MS, Slots, Verdict, Windows, connect, window_key

from .hammer import plan_of
from .processes import last_answer, start

ACCOUNT: Account = (5, 50)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    redis = connect(redis_url, timeout_seconds=5.0)
    yield redis
    await redis.aclose()


@pytest.fixture
def windows(redis: Redis) -> Windows:
    return Windows(redis, BootId(uuid4()))


def _most_in_any(grants: list[tuple[int, int]], span_ms: int) -> int:
    """The most units in any true span, by brute force over the grants in order of time."""
    grants = sorted(grants)
    most = total = first = 0
    for at, units in grants:
        total += units
        while grants[first][0] <= at - span_ms:
            total -= grants[first][1]
            first += 1
        most = max(most, total)
    return most


async def test_four_processes_never_exceed_the_limit_in_any_window_and_nearly_reach_it(redis_url: str) -> None:
    running = [start("hammer.py", redis_url, 100, 1, 4, seed) for seed in range(4)]
    answers = [await anyio.to_thread.run_sync(last_answer, one) for one in running]
    grants = [(at, units) for answer in answers for at, units in answer]
    # A unit may be used until HORIZON_MS after its grant, so the grants of window + horizon are what must fit.
    assert 90 <= _most_in_any(grants, 1_000 + HORIZON_MS) <= 100


async def test_a_window_without_room_refuses_for_all_and_charges_none(windows: Windows) -> None:
    plan = _plan(100, 40)
    await windows.grant(ACCOUNT, plan, want=35, minimum=35)
    refused = await windows.grant(ACCOUNT, plan, want=10, minimum=10)
    assert refused.verdict is Verdict.NO_ROOM
    assert refused.policy is plan.windows[1]
    assert [state.remaining for state in refused.states] == [65, 5]


async def test_a_grant_is_cut_to_the_smallest_room(windows: Windows) -> None:
    granted = await windows.grant(ACCOUNT, _plan(100, 40), want=70, minimum=1)
    assert granted.granted == 40


async def test_more_than_the_limit_never_fits_and_names_the_window(windows: Windows) -> None:
    plan = _plan(100, 40)
    refused = await windows.grant(ACCOUNT, plan, want=41, minimum=41)
    assert (refused.verdict, refused.policy) == (Verdict.NEVER_FITS, plan.windows[1])


@pytest.mark.parametrize(("want", "minimum"), [(-1, -1), (1, 2), (5, -5)])
async def test_negative_units_reach_no_window(windows: Windows, want: int, minimum: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        await windows.grant(ACCOUNT, _plan(10, 10), want=want, minimum=minimum)


async def test_given_back_units_fit_again_and_no_more_than_were_taken_are_given_back(windows: Windows) -> None:
    plan = _plan(10, 10)
    taken = await windows.grant(ACCOUNT, plan, want=10, minimum=10)
    again = await windows.grant(ACCOUNT, plan, want=4, minimum=4, unused=[(taken.granted_ms, 4)])
    assert again.verdict is Verdict.GRANTED
    seen = await windows.grant(ACCOUNT, plan, want=0, minimum=0, unused=[(taken.granted_ms, 1_000)])
    assert [state.remaining for state in seen.states] == [10, 10]


async def test_every_key_of_an_account_expires_and_stands_on_the_node_of_its_organisation(
    windows: Windows, redis: Redis
) -> None:
    await windows.grant(ACCOUNT, _plan(10, 10), want=1, minimum=1, slots=Slots(0, 1, 1))
    keys = [key for key in await redis.keys("*") if isinstance(key, bytes)]
    assert len(keys) == 2
    assert all(key.startswith(b"{o:5}:") for key in keys)
    assert all([await redis.pttl(key) > 0 for key in keys])
    assert window_key(ACCOUNT, _plan(10, 10).windows[0]).encode() in keys


async def test_without_the_server_nothing_is_granted_and_it_recovers_by_itself(state_dir: Path) -> None:
    server = _Server(state_dir)
    redis = connect(server.url, timeout_seconds=0.25)
    windows = Windows(redis, BootId(uuid4()))
    plan = _plan(100, 100)
    try:
        server.start()
        assert await _until_granted(windows, plan)
        server.stop()
        began = time.monotonic()
        with pytest.raises(Unavailable) as refused:
            await windows.grant(ACCOUNT, plan, want=1, minimum=1)
        assert refused.value.retry_after_seconds == 1
        assert time.monotonic() - began < 2
        server.start()
        assert await _until_granted(windows, plan)
    finally:
        server.stop()
        await redis.aclose()


class _Server:
    """A Valkey of the test's own, stopped and started again on the same socket."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "own.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        arguments = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--logfile", "/dev/null"]
        self._process = subprocess.Popen([str(valkey_program()), *arguments], cwd=self._socket.parent)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


async def _until_granted(windows: Windows, plan: Plan) -> bool:
    with anyio.fail_after(10):
        while True:
            try:
                return (await windows.grant(ACCOUNT, plan, want=1, minimum=1)).verdict is Verdict.GRANTED
            except Unavailable:
                await asyncio.sleep(0.01)


def _plan(first: int, second: int) -> Plan:
    """Two windows of 10 and 100 seconds."""
    plan = plan_of(first, 10)
    burst, long, month = plan.policies
    return Plan("two", (burst, replace(long, limit=second), month))
