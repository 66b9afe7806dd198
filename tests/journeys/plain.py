"""Requests as they come over the wire, and the data endpoint that a server asks with them."""

from typing import Any

import orjson

from publicgsb.schema.serving.answer import Answer
from publicgsb.schema.serving.endpoint import GraphQLEndpoint
from tests.app import Service

BODY = orjson.dumps({"query": "{ air { airports(first: 2) { nodes { icao city } } } }"})


def endpoint(service: Service) -> GraphQLEndpoint:
    found = next(route.endpoint for route in service.app.routes if getattr(route, "path", "") == "/graphql")  # type: ignore[attr-defined]
    assert isinstance(found, GraphQLEndpoint)
    return found


def request(key: str, body: bytes = BODY, **more: str) -> bytes:
    headers = {"host": "gsb", "content-type": "application/json", "authorization": f"Bearer {key}"}
    headers |= {name.replace("_", "-"): value for name, value in more.items()} | {"content-length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /graphql HTTP/1.1\r\n{head}\r\n".encode() + body


def headers_of(data: bytes) -> list[tuple[str, str]]:
    lines = data.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


async def long_way(service: Service, key: str, times: int = 1, **more: str) -> Any:
    """Asked over ASGI; the third time everything is at hand."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"} | more
    for _ in range(times):
        answer = await service.http.post("/graphql", content=BODY, headers=headers)
        assert answer.status_code == 200, answer.text
    return answer


async def short_way(service: Service, data: bytes) -> Answer | None:
    """Until the purse has been filled: its units live for 100 ms."""
    for _ in range(5):
        answer = endpoint(service).again(data)
        if answer is not None:
            return answer
        await service.http.post("/graphql", content=BODY, headers=dict(headers_of(data)))
    return None
