"""Pacing: a client that asks alone is never refused by a window, whatever the order of its answers."""

import heapq
import random
from collections import deque

import pytest

from publicgsb_sdk.pace import Pace, read_items

POLICY = (
    '"month";q=100000;gsb-unit="points", "burst";q=200;w=10;gsb-unit="points", "at-once";q=8;qu="concurrent-requests"'
)


class SlidingWindow:
    """The service's side: 200 points in ten seconds, in parts of half a second, by a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.taken: deque[tuple[float, int]] = deque()

    def take(self, points: int) -> bool:
        while self.taken and self.taken[0][0] + 10 + 0.5 <= self.now:
            self.taken.popleft()
        if sum(one for _, one in self.taken) + points > 200:
            return False
        self.taken.append((self.now, points))
        return True

    def headers(self) -> dict[str, str]:
        room = 200 - sum(one for _, one in self.taken)
        until = self.taken[0][0] + 10.5 - self.now if self.taken else 0
        return {"ratelimit-policy": POLICY, "ratelimit": f'"burst";r={room};t={max(0, int(until) + 1)}'}


@pytest.mark.parametrize("seed", range(8))
def test_a_client_alone_is_never_refused_however_its_answers_overtake_one_another(seed: int) -> None:
    chance, service = random.Random(seed), SlidingWindow()
    pace = Pace(lambda: service.now)
    events: list[tuple[float, int, str, tuple[int, float, dict[str, str]]]] = [
        (0.0, number, "ask", (chance.randint(1, 60), 0.0, {})) for number in range(150)
    ]
    heapq.heapify(events)
    answered = 0
    while events:
        service.now, number, what, (points, sent_at, headers) = heapq.heappop(events)
        if what == "ask" and (wait := pace.wait(points)):
            heapq.heappush(events, (service.now + wait, number, "ask", (points, 0.0, {})))
        elif what == "ask":
            heapq.heappush(events, (service.now + chance.random(), number, "arrive", (points, service.now, {})))
        elif what == "arrive":
            assert service.take(points), f"refused at {service.now}"
            later = service.now + chance.random()
            heapq.heappush(events, (later, number, "back", (points, sent_at, service.headers())))
        else:
            pace.back(points, points, sent_at, headers)
            answered += 1
    assert answered == 150
    assert service.now < 2 * 150 * 30 / 200 * 10.5, "it waits, and not for ever"


def test_the_first_request_goes_alone_and_no_more_at_once_than_the_plan_allows() -> None:
    pace = Pace(lambda: 0.0)
    assert pace.wait(1) == 0 and pace.wait(1) > 0
    pace.back(1, 1, 0.0, {"ratelimit-policy": POLICY, "ratelimit": '"burst";r=199;t=10'})
    assert [pace.wait(1) > 0 for _ in range(9)] == [False] * 8 + [True]


def test_a_first_request_that_hangs_does_not_hold_up_all_others() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.wait(1) == 0 and pace.wait(1) > 0
    now = 2.0
    assert pace.wait(1) == 0


def test_where_others_ask_by_the_same_key_it_waits_until_there_is_more_and_then_asks() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    pace.wait(1)
    pace.back(1, 0, 0.0, {"ratelimit-policy": POLICY, "ratelimit": '"burst";r=0;t=4'})
    assert pace.wait(5) == 4.0
    now = 4.0
    assert pace.wait(5) == 0


def test_a_service_without_windows_holds_nobody_back() -> None:
    pace = Pace(lambda: 0.0)
    pace.wait(1)
    pace.back(1, 1, 0.0, {"date": "today"})
    assert [pace.wait(1_000) for _ in range(100)] == [0.0] * 100


def test_items_are_read_and_what_is_none_is_passed_over() -> None:
    assert read_items('"a";q=5;w=10, junk, "b";r=1;x="y"') == {"a": {"q": 5, "w": 10}, "b": {"r": 1, "x": "y"}}
    assert read_items("") == {}
