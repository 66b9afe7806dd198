"""The limits that an answer tells of, read by a parser of structured fields (RFC 9651) that is not ours."""

from typing import Any

import http_sf
import httpx2


def items_of(field: bytes) -> dict[str, dict[str, Any]]:
    """A list of strings with parameters; fails on anything else, and on a name that comes twice."""
    parsed: Any = http_sf.parse(field, tltype="list")
    found: dict[str, dict[str, Any]] = {}
    for name, parameters in parsed:
        assert type(name) is str
        assert name not in found
        found[name] = dict(parameters)
    return found


def room_of(answer: httpx2.Response) -> dict[str, dict[str, Any]]:
    """The items of RateLimit, each of which RateLimit-Policy names; fails unless all is as the draft says."""
    policy = items_of(answer.headers["ratelimit-policy"].encode())
    room = items_of(answer.headers["ratelimit"].encode()) if "ratelimit" in answer.headers else {}
    assert policy.keys() >= room.keys()
    for item in policy.values():
        assert type(item["q"]) is int
        assert item["q"] > 0
        assert item.get("w", 1) > 0
    for item in room.values():
        assert {type(item["r"]), type(item["t"])} == {int}
        assert min(item["r"], item["t"]) >= 0
    return room


def seconds_to_wait(answer: httpx2.Response) -> int:
    """Retry-After as whole seconds, at least one."""
    parsed: Any = http_sf.parse(answer.headers["retry-after"].encode(), tltype="item")
    seconds = parsed[0]
    assert type(seconds) is int
    assert seconds >= 1
    return int(seconds)
