"""The short form of what a hit costs: it asks nobody, and a busy worker asks seldom. Never how fast."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.hit import HIT_SHORT, hit, hit_worker
from tests.chaos.worker_scenarios import CALLS_PER_REQUEST_MAX

pytestmark = pytest.mark.prove

HITS = 500
TALKING = ("connect", "connect_ex", "recv", "recv_into", "recvmsg", "send", "sendall", "sendmsg", "sendto")


@pytest.fixture
def talked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every call of this process to a socket, whoever makes it: stores are asked over nothing else."""
    calls: list[str] = []

    def counting(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            calls.append(name)
            return original(*arguments, **options)

        return call

    for name in TALKING:
        monkeypatch.setattr(socket.socket, name, counting(name, getattr(socket.socket, name)))
    return calls


async def test_a_hit_asks_nobody_and_what_is_no_hit_asks_a_store(
    database_url: str, state_dir: Path, talked: list[str]
) -> None:
    hits = misses = 0
    async with hit_worker(database_url, state_dir) as worker:
        while hits < HITS:
            before, commands = len(talked), (worker.calls.redis, worker.calls.database)
            if worker.hit(1):
                hits += 1
                assert talked[before:] == []
                assert (worker.calls.redis, worker.calls.database) == commands
            else:
                misses += 1
                await worker.request(1)
                assert len(talked) > before
    assert 0 < misses < HITS


async def test_a_worker_that_a_key_keeps_busy_asks_the_stores_once_in_twenty_requests_at_most(
    database_url: str, state_dir: Path
) -> None:
    """A count of commands and statements, those of the worker's own upkeep among them, over counted requests."""
    outcome = await hit(database_url, state_dir, HIT_SHORT)
    print(outcome)
    assert outcome.requests == HIT_SHORT.seconds * HIT_SHORT.paced_per_second
    assert sum(outcome.calls) > 0
    assert outcome.calls_per_request <= CALLS_PER_REQUEST_MAX
