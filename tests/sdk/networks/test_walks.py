"""A walk over a bad line gives every row of one release in its order, or a named error; never less in silence."""

import json
from typing import Any

import httpx2
import pytest
from tests.sdk.conftest import Service
from tests.sdk.networks.paged import FAULTS
from tests.sdk.networks.walks import EXACT, tally, walked

from publicgsb_sdk import Client, ServerError

NAMED = {
    *("AnotherQuestion", "AnswerAltered", "ServerError", "ReleaseRecalled", "ReleaseGone"),
    *("ConnectionFailed", "Unavailable", "RateLimited"),
}


@pytest.mark.parametrize("seed", range(8))
def test_any_line_gives_all_rows_of_one_release_or_a_named_error(seed: int) -> None:
    assert walked(seed).outcome in NAMED | {EXACT}


@pytest.mark.prove
def test_two_hundred_bad_lines_give_all_rows_of_one_release_or_a_named_error() -> None:
    walks = [walked(seed) for seed in range(1000, 1200)]
    ends = tally(walks)
    assert set(ends) <= NAMED | {EXACT}, ends
    assert ends[EXACT] > 80 and len(ends) > 4, ends
    assert {fault for walk in walks for fault in walk.faults} == set(FAULTS)
    survived = {fault for walk in walks if walk.outcome == EXACT for fault in walk.faults}
    assert {"cut", "reset", "lost", "stall", "busy", "limited", "page", "release"} <= survived


def test_a_page_of_another_release_ends_the_walk(client: Client, service: Service) -> None:
    """What answers in place of the service, a cache for one, must not mix two releases in one walk."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        is_first = "after" not in json.loads(request.content)["variables"]
        receipt = {"agency": "aviation", "dataset": "aviation/airports", "release": 3 if is_first else 4}
        return service.page([{"icao": "OIIE"}], cursor="c" if is_first else None, receipt=[receipt])

    service.reply(answer)
    walk = client.dataset("aviation.airports").select("icao").rows()
    found: list[Any] = [next(walk)]
    with pytest.raises(ServerError, match="release 4, and the walk began in 3"):
        found.extend(walk)
    assert found == [{"icao": "OIIE"}]
