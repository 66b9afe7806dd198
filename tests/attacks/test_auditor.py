"""What the auditor graphql-cop looks for, by the names of its checks, and what it finds here: nothing.

Written anew after what each check is for: the tool itself is in no package registry.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

from tests.app import GRAPHQL, Service

Check = Callable[["Caller"], Awaitable[bool]]  # True: the weakness is there


class Caller:
    """With a key, since without one everything is refused: see the last test."""

    def __init__(self, service: Service, headers: dict[str, str]) -> None:
        self._service = service
        self._headers = headers

    async def post(self, body: Any, **headers: str) -> httpx2.Response:
        sent = {"content-type": "application/json", "accept": GRAPHQL, **self._headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, str) else json.dumps(body)
        return await self._service.http.post("/graphql", content=content, headers=sent)

    async def query(self, document: str) -> httpx2.Response:
        return await self.post({"query": document})

    async def get(self, document: str = "", **headers: str) -> httpx2.Response:
        params = {"query": document} if document else {}
        return await self._service.http.get("/graphql", params=params, headers={**self._headers, **headers})


def is_answered(answer: httpx2.Response) -> bool:
    return answer.status_code == 200 and "errors" not in answer.json()


async def alias_overloading(caller: Caller) -> bool:
    return is_answered(await caller.query("{" + " ".join(f"alias{i}: __typename" for i in range(101)) + "}"))


async def array_based_query_batching(caller: Caller) -> bool:
    return is_answered(await caller.post([{"query": "{ __typename }"}] * 10))


async def directive_overloading(caller: Caller) -> bool:
    answer = await caller.query("{ __typename " + "@aa" * 10 + " }")
    return len(answer.json()["errors"]) >= 10


async def circular_query_by_introspection(caller: Caller) -> bool:
    deep = "{ __schema { types { " + "fields { type { " * 4 + "name" + " } }" * 4 + " } } }"
    return is_answered(await caller.query(deep))


async def field_duplication(caller: Caller) -> bool:
    return is_answered(await caller.query("{ air {" + " __typename" * 501 + " } }"))


async def field_suggestions(caller: Caller) -> bool:
    return "did you mean" in (await caller.query("{ __schema { directive } agncies }")).text.lower()


async def introspection_without_a_price(caller: Caller) -> bool:
    answer = await caller.query("{ __schema { types { name fields { name } } } }")
    return bool(answer.json()["extensions"]["cost"]["actual"] < 1)


async def graphiql_on_the_endpoint(caller: Caller) -> bool:
    pages = [await caller.get(accept="text/html"), await caller.get("{ __typename }", accept="text/html")]
    return any("html" in page.headers.get("content-type", "") or "graphiql" in page.text.lower() for page in pages)


async def mutation_by_get(caller: Caller) -> bool:
    return (await caller.get("mutation { __typename }")).status_code != 405


async def query_by_get_with_a_key_in_the_url(caller: Caller) -> bool:
    """A GET answers only whom its headers name, so a page elsewhere that links here gets nothing for it."""
    answer = await caller._service.http.get("/graphql", params={"query": "{ __typename }", "api_key": "x"})
    return answer.status_code == 200


async def post_of_a_form(caller: Caller) -> bool:
    answer = await caller.post("query=%7B__typename%7D", content_type="application/x-www-form-urlencoded")
    return answer.status_code != 415


async def post_as_plain_text(caller: Caller) -> bool:
    return (await caller.post({"query": "{ __typename }"}, content_type="text/plain")).status_code != 415


async def answers_to_a_cookie(caller: Caller) -> bool:
    key = caller._headers["authorization"].removeprefix("Bearer ")
    cookie = {"cookie": f"authorization=Bearer {key}; x-api-key={key}"}
    answer = await caller._service.http.post("/graphql", json={"query": "{ __typename }"}, headers=cookie)
    return answer.status_code != 401


async def trace_mode(caller: Caller) -> bool:
    answer = await caller.post(
        {"query": "{ __typename }"}, x_apollo_tracing="1", apollo_federation_include_trace="ftv1"
    )
    return "tracing" in answer.text or "ftv1" in answer.text


async def debug_mode(caller: Caller) -> bool:
    answers = [
        await caller.query(document) for document in ("{", "{ nope }", "{ air { airport(by: {icao: 1}) { icao } } }")
    ]
    return any(
        word in answer.text.lower() for answer in answers for word in ("exception", "stack", "traceback", "debug")
    )


async def unhandled_errors(caller: Caller) -> bool:
    answers = [await caller.query(document) for document in ("{ abc: }", "query { __typename @skip }", "fragment")]
    return any(answer.status_code >= 500 or "extensions" not in answer.json()["errors"][0] for answer in answers)


CHECKS: tuple[Check, ...] = (
    alias_overloading, array_based_query_batching, directive_overloading, circular_query_by_introspection,
    field_duplication, field_suggestions, introspection_without_a_price, graphiql_on_the_endpoint, mutation_by_get,
    query_by_get_with_a_key_in_the_url, post_of_a_form, post_as_plain_text, answers_to_a_cookie, trace_mode, debug_mode,
    unhandled_errors,
)  # fmt: skip


async def test_no_check_finds_anything(service: Service, key: str) -> None:
    caller = Caller(service, {"authorization": f"Bearer {key}"})
    assert is_answered(await caller.query("{ __typename }"))  # what is refused below is refused for itself
    assert [check.__name__ for check in CHECKS if await check(caller)] == []


async def test_without_a_key_nothing_is_answered_at_all(service: Service) -> None:
    caller = Caller(service, {})
    answers = [
        await caller.query("{ __typename }"),
        await caller.query("{ __schema { types { name } } }"),
        await caller.get("{ __typename }"),
        await caller.post([{"query": "{ __typename }"}]),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert not any("data" in answer.json() for answer in answers)
