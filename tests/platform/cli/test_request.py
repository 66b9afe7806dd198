"""`gsb request`: the operator reads data requests, answers for the agency that was asked, and removes what must go."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.schema.worlds import found

from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.requests.service import Asked, DataRequests
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.cli import main
from publicgsb.platform.server.settings import Settings

TEXT = "Please release where the stations stand that measure the air."


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    assert settings.database_url and settings.redis_url and settings.pepper
    return {
        "GSB_DATABASE_URL": settings.database_url.get_secret_value(),
        "GSB_REDIS_URL": settings.redis_url.get_secret_value(),
        "GSB_STATE_DIR": str(settings.state_dir),
        "GSB_PEPPER": settings.pepper.get_secret_value(),
    }


@pytest.fixture
def numbers(database_url: str, state_dir: Path) -> list[int]:
    """Three requests to the agency air."""

    async def ask(connections: Connections) -> list[int]:
        async def registry() -> Registry:
            async with connections.use() as connection:
                return await load_registry(connection)

        await found(connections, state_dir)
        requests = DataRequests(connections, registry)
        return [(await requests.ask(Asked("air", f"Air station {name}", TEXT))).id for name in "abc"]

    return asyncio.run(_with(database_url, ask))


async def _with(database_url: str, work: Callable[[Connections], Awaitable[list[int]]]) -> list[int]:
    connections = Connections(database_url, size=2)
    try:
        return await work(connections)
    finally:
        await connections.close()


def gsb(environment: dict[str, str], *arguments: object, code: int = 0) -> Any:
    result = CliRunner().invoke(main, ["--json", "request", *map(str, arguments)], env=environment)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout if code == 0 else result.stderr.splitlines()[-1])


def test_requests_are_listed_shown_and_counted(environment: dict[str, str], numbers: list[int]) -> None:
    assert [one["id"] for one in gsb(environment, "list", "--agency", "air")] == numbers[::-1]
    assert [one["id"] for one in gsb(environment, "list", "--before", numbers[1])] == [numbers[0]]
    assert gsb(environment, "list", "--state", "no_answer") == []
    assert gsb(environment, "show", numbers[0])["title"] == "Air station a"
    assert gsb(environment, "figures")[0]["asked"] == 3
    assert gsb(environment, "show", 999, code=4)["error"]["code"] == "NOT_FOUND"


def test_the_operator_answers_refuses_and_removes(environment: dict[str, str], numbers: list[int]) -> None:
    first, second, third = numbers
    assert gsb(environment, "acknowledge", first)["state"] == "acknowledged"
    partly = gsb(environment, "answer", first, "--dataset", "air/airports", "--legal-ground", "IR-FOI-14")
    assert (partly["state"], partly["history"][-1]["by"]) == ("partly_released", "operator")
    assert gsb(environment, "answer", first, "--dataset", "air/airports")["state"] == "released"
    assert gsb(environment, "refuse", second)["state"] == "refused_without_ground"
    assert gsb(environment, "refuse", second, "--legal-ground", "IR-FOI-13")["state"] == "refused"
    assert gsb(environment, "refuse", second, "--legal-ground", "IR-FOI-13", code=5)["error"]["code"] == "CONFLICT"
    assert gsb(environment, "answer", third, "--not-held", code=3)["error"]["details"]["reason"] == "message"
    removed = gsb(environment, "remove", third, "--reason", "A name stood in it.")
    assert (removed["state"], removed["title"], removed["text"]) == ("removed", "", "")
