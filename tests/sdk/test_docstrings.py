"""The examples in docstrings run, against the recorded service."""

import doctest
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import httpx2
import pytest
from tests.sdk.conftest import KEY, URL, Service

from publicgsb_sdk import Client, F, jalali

MODULES = ("calendar", "client", "dataset", "expressions")
NODES = [{"icao": "OIIE", "openedOn": "1990-01-02"}, {"icao": "OIII", "openedOn": None}]
RECEIPT = {"agency": "aviation", "dataset": "aviation/airports", "release": 3}


def answer(request: httpx2.Request) -> httpx2.Response:
    body = json.loads(request.content)
    if "dryRun" in body["query"]:
        return httpx2.Response(200, json={"data": {"rateLimit": {"cost": 11}, "gsbPrice": {"cost": 11}}})
    found: dict[str, Any] = {"nodes": NODES, "pageInfo": {"hasNextPage": False, "endCursor": "c"}}
    if "totalCount" in body["query"]:
        found = {"totalCount": 2}
    extensions = {"cost": {"requested": 11, "actual": 1, "remaining": 9}, "receipt": [RECEIPT]}
    return httpx2.Response(200, json={"data": {"aviation": {"airports": found}}, "extensions": extensions})


@pytest.fixture
def gsb() -> Iterator[Client]:
    service = Service()
    service.reply(answer)
    with httpx2.Client(transport=httpx2.MockTransport(service)) as http:
        yield Client(KEY, URL, http_client=http)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_do_what_they_say(name: str, gsb: Client) -> None:
    module = import_module(f"publicgsb_sdk.{name}")
    failed, tried = doctest.testmod(module, extraglobs={"gsb": gsb, "F": F, "jalali": jalali})
    assert tried > 0 and failed == 0
