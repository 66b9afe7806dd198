"""A key that is a function is asked for before each try, so that a key is rotated without a restart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.sdk.conftest import KEY, URL

from publicgsb_sdk import AsyncClient, Client, Unauthenticated
from publicgsb_sdk.key import checksum

NEW_BODY = "gsbl_" + "n" * 8 + "t" * 32
NEW = NEW_BODY + checksum(NEW_BODY)


def good(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={"data": {"a": 1, "gsbPrice": {"cost": 4}}})


def connected(service: Any, key: Callable[[], str]) -> Client:
    return Client(key, URL, http_client=httpx2.Client(transport=httpx2.MockTransport(service)), max_retries=0)


def other_each_time(service: Any) -> Callable[[], str]:
    """Another key once a request was sent."""
    return lambda: (KEY, NEW)[len(service.requests) % 2]


def keys(service: Any) -> list[str]:
    return [request.headers["authorization"].removeprefix("Bearer ") for request in service.requests]


def test_a_file_that_holds_another_key_is_used_with_the_next_call(service: Any, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    client = connected(service, file.read_text)
    service.reply(good)
    client.graphql("{ a }")
    file.write_text(NEW)
    client.with_options(locale="fa").graphql("{ a }")
    client.budget(points=99).graphql("{ a }")
    assert keys(service)[0] == KEY and set(keys(service)[1:]) == {NEW}


def test_a_key_that_ended_while_a_call_was_under_way_is_replaced_once(service: Any) -> None:
    """Even of a call that may change something: nothing was done for a key that does not count."""
    ended = service.refusal(401, "UNAUTHENTICATED", details={"reason": "revoked"})
    service.reply(ended, good)
    assert connected(service, other_each_time(service)).graphql("mutation { a }").data["a"] == 1
    assert keys(service) == [KEY, NEW]


def test_keys_that_are_all_refused_end_the_call(service: Any) -> None:
    service.reply(service.refusal(401, "UNAUTHENTICATED", details={"reason": "revoked"}))
    with pytest.raises(Unauthenticated):
        connected(service, other_each_time(service)).graphql("{ a }")
    assert keys(service) == [KEY, NEW]


def test_a_key_that_stays_is_not_tried_again(service: Any) -> None:
    service.reply(service.refusal(401, "UNAUTHENTICATED", details={"reason": "revoked"}))
    with pytest.raises(Unauthenticated):
        connected(service, lambda: KEY).graphql("{ a }")
    assert keys(service) == [KEY]


def test_a_damaged_key_is_told_before_anything_is_sent(service: Any) -> None:
    with pytest.raises(Unauthenticated, match="cut off"):
        connected(service, lambda: KEY[:20]).graphql("{ a }")
    assert service.requests == []


def test_what_the_function_raises_is_the_callers_own(service: Any) -> None:
    """Also a RuntimeError, which of the connections would mean that they are closed."""

    def broken() -> str:
        raise RuntimeError("the vault is sealed")

    job = connected(service, broken).budget(points=50)
    with pytest.raises(RuntimeError, match="sealed"):
        job.graphql("{ a }")
    assert job.spending is not None and job.spending.left == 50


def test_the_function_is_not_called_before_it_is_needed_and_not_shown(service: Any) -> None:
    client = connected(service, lambda: KEY)
    assert KEY not in repr(client)


async def test_tasks_take_the_new_key_too(service: Any) -> None:
    service.reply(good)
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(service)) as http:
        client = AsyncClient(other_each_time(service), URL, http_client=http)
        await client.graphql("{ a }")
        await client.graphql("{ a }")
    assert keys(service) == [KEY, NEW]
