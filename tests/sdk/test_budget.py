"""A budget is never overspent: what could, is refused before it is sent, by threads and tasks alike."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from publicgsb_sdk import Client, ConnectionFailed, InvalidRequest, OverBudget

PRICE = 12


class PricedService:
    """Each question reserves 12 points and costs 7; it counts what it was paid."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.paid = 0
        self.dry = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if "dryRun" in json.loads(request.content)["query"]:
            self.dry += 1
            return httpx2.Response(200, json={"data": {"gsbPrice": {"cost": PRICE}}})
        with self.lock:
            self.paid += 7
        cost = {"requested": PRICE, "actual": 7, "remaining": 1}
        return httpx2.Response(200, json={"data": {"a": 1}, "extensions": {"cost": cost}})


def test_a_job_stops_before_it_overspends(client: Client, service: Any) -> None:
    priced = PricedService()
    service.reply(priced)
    job = client.budget(points=60)
    asked = 0
    with pytest.raises(OverBudget, match="12 points"):
        while True:
            job.graphql("{ a }")
            asked += 1
    assert asked == 7 and job.spending is not None
    assert (job.spending.spent, job.spending.left, priced.paid, priced.dry) == (49, 11, 49, 1)


def test_the_first_asking_of_a_new_document_is_set_aside_with_what_it_costs_more(client: Client, service: Any) -> None:
    service.reply(PricedService())
    with pytest.raises(OverBudget, match="17 points"):
        client.budget(points=16).graphql("{ a }")
    assert client.budget(points=17).graphql("{ a }").data == {"a": 1}


def test_threads_that_share_a_budget_never_overspend_it(client: Client, service: Any) -> None:
    priced = PricedService()
    service.reply(priced)
    job = client.budget(points=200)

    def ask(_: int) -> bool:
        try:
            job.graphql("{ a }")
        except OverBudget:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        answered = sum(pool.map(ask, range(100)))
    assert job.spending is not None
    assert priced.paid == 7 * answered == job.spending.spent <= 200
    assert job.spending.left == 200 - job.spending.spent, "nothing stays reserved"


def test_what_is_refused_costs_nothing_and_what_breaks_counts_in_full(client: Client, service: Any) -> None:
    def broken(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadError("cut")

    service.reply(PricedService())
    job = client.budget(points=100)
    job.graphql("{ a }")
    service.reply(service.refusal(200, "INVALID_REQUEST"))
    with pytest.raises(InvalidRequest):
        job.graphql("{ a }")
    assert job.spending is not None and job.spending.spent == 7
    service.reply(broken)
    with pytest.raises(ConnectionFailed):
        job.graphql("{ a }")
    assert (job.spending.spent, job.spending.left) == (19, 81)


def test_pages_of_a_walk_are_priced_once_and_other_clients_are_not_held(client: Client, service: Any) -> None:
    pages: list[Callable[[httpx2.Request], httpx2.Response] | httpx2.Response] = [
        httpx2.Response(200, json={"data": {"gsbPrice": {"cost": 11}}}),
        service.page([{"icao": "A"}], "c1", cost={"requested": 16, "actual": 6, "remaining": 1}),
        service.page([{"icao": "B"}], "c2", cost={"requested": 11, "actual": 1, "remaining": 1}),
        service.page([{"icao": "C"}], cost={"requested": 11, "actual": 1, "remaining": 1}),
    ]
    service.reply(*pages)
    job = client.budget(points=20)
    assert len(list(job.dataset("aviation.airports").select("icao").rows())) == 3
    assert job.spending is not None and job.spending.spent == 8
    assert client.spending is None
