"""That the limits which the bench compares are limits, each of them, on a store that counts. Never how fast."""

import asyncio
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from benchmarks.effort import QUICK
from benchmarks.guarded import KINDS
from benchmarks.guarding import find, guarded_by, store_bytes, store_of


@pytest.mark.parametrize(("kind", "fourth"), [("none", 200), ("slowapi", 429), ("moving", 429), ("ours", 429)])
@pytest.mark.prove
async def test_each_of_them_refuses_the_fourth_request_of_an_address(state_dir: Path, kind: str, fourth: int) -> None:
    with (
        store_of(state_dir) as (_, store_port),
        guarded_by(kind, f"redis://127.0.0.1:{store_port}/0", "3/hour", 5.0) as port,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http,
    ):
        addresses = ["203.0.113.1"] * 4 + ["203.0.113.2"]
        answers = [http.get("/limited", headers={"x-forwarded-for": address}) for address in addresses]
        assert [answer.status_code for answer in answers] == [200, 200, 200, fourth, 200]
        assert (await store_bytes(store_port, 0) > 0) == (kind != "none")


@pytest.mark.prove
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
async def test_two_processes_let_an_address_through_as_often_as_each_of_them_says_and_not_once_more(
    state_dir: Path, kind: str
) -> None:
    """The short form of the comparison by address: what is compared admits the same."""
    address = {"x-forwarded-for": "203.0.113.1"}
    with store_of(state_dir) as (_, store_port), ExitStack() as stack:
        url = f"redis://127.0.0.1:{store_port}/0"
        ports = [stack.enter_context(guarded_by(kind, url, "50/hour", 5.0)) for _ in range(2)]
        async with httpx2.AsyncClient(timeout=30, headers=address) as http:
            asked = [http.get(f"http://127.0.0.1:{ports[number % 2]}/limited") for number in range(150)]
            answers = await asyncio.gather(*asked)
    assert Counter(answer.status_code for answer in answers) == {200: 50, 429: 100}


@pytest.mark.prove
async def test_all_of_them_are_measured_and_none_refuses_or_fails_a_request_meanwhile(state_dir: Path) -> None:
    """In the stall of their store too: `find` raises when anything is answered otherwise than by 200."""
    found = await find(state_dir, QUICK)
    assert set(found) == set(KINDS)
    assert all(one.store_bytes > 0 for kind, one in found.items() if kind != "none")
    assert all(one.worst_ms > 0 and one.one_address and one.many_addresses for one in found.values())
