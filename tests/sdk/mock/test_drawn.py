"""Documents that nobody thought of, drawn by the oracle's generator: the mock answers and refuses them as the service.

Data, paths and codes of errors, and prices. Left out is what a mock cannot know: another one's account and history.
"""

import asyncio
import json
import math
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.conftest import own_database
from tests.schema.oracle.account import LIVE
from tests.schema.oracle.facts import Facts
from tests.schema.oracle.generator import Generator, Operation
from tests.schema.oracle.oracle import Oracle
from tests.schema.oracle.values import Values
from tests.sdk.mock.test_same_answers import built, mock_of

from publicgsb.datasets.catalogue import dataset_page
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.engines import Engines
from publicgsb_sdk.testing import KEY, URL, MockService

OPERATIONS = 400
NOT_MOCKED = ("me {", "rateLimit", "agenc", "__schema", "release", "since")
NEW_DOCUMENT = 5  # points, once, for a document that nobody sent before


async def world(connections: Connections, folder: Path, facts: Facts) -> tuple[Registry, MockService]:
    rows = await built(connections, folder, facts)
    async with connections.use() as connection:
        registry = await load_registry(connection)
    return registry, mock_of([dataset_page(one, "") for one in registry.datasets.values()], rows)


def is_mocked(operation: Operation) -> bool:
    said = operation.source + json.dumps(operation.variables, default=str)
    return operation.caller is LIVE and not any(word in said for word in NOT_MOCKED)


@pytest.mark.prove
def test_drawn_documents_are_answered_as_by_the_service(engines: Engines, template: str) -> None:
    facts, ends = Facts(), Counter[str]()
    with own_database(engines.database_url, template) as url, asyncio.Runner() as runner:
        connections = Connections(url, size=2)
        try:
            with tempfile.TemporaryDirectory(prefix="gsb") as folder:
                registry, mock = runner.run(world(connections, Path(folder), facts))
            oracle = Oracle(runner, connections, registry, facts)
            generator = Generator(random.Random(1404), oracle.schema, Values(registry, facts), {})
            while ends["answered"] + ends["refused"] < OPERATIONS:
                operation = generator.operation()
                if is_mocked(operation):
                    ends[compare(oracle, mock, operation)] += 1
        finally:
            runner.run(connections.close())
    assert ends["answered"] > 3 * ends["refused"] > 0


def compare(oracle: Oracle, mock: MockService, operation: Operation) -> str:
    theirs = oracle.compiled(operation.source, operation.variables)
    mine = asked(mock, operation)
    shown = f"{operation.source}\n{operation.variables}"
    if theirs.refusal is not None:
        assert [one["extensions"]["code"] for one in mine["errors"]] == [theirs.refusal.code], shown
        return "refused"
    assert "data" in mine, (shown, mine)
    same(json.loads(json.dumps(theirs.data)), mine["data"], shown)
    failures = {(tuple(map(str, one.path)), one.code) for one in theirs.failures}
    told = {(tuple(one["path"]), one["extensions"]["code"]) for one in mine.get("errors", [])}
    assert told <= failures, shown  # the service also tells of places below records that are not there
    requested = mine["extensions"]["cost"]["requested"]
    assert theirs.price is not None
    assert requested == (theirs.price.points + NEW_DOCUMENT if theirs.price.points else 0), shown
    return "answered"


def asked(mock: MockService, operation: Operation) -> dict[str, Any]:
    """Over the transport, as any client of it asks."""
    variables = json.loads(json.dumps(operation.variables, default=str))
    with httpx2.Client(transport=mock.transport(), base_url=URL) as http:
        answer = http.post(
            "/graphql",
            json={"query": operation.source, "variables": variables},
            headers={"authorization": f"Bearer {KEY}"},
        )
    found: dict[str, Any] = answer.json()
    return found


def same(theirs: Any, mine: Any, shown: str) -> None:
    """To the order of the keys; a cursor is a text of its maker's own, and PostgreSQL rounds quotients its own way."""
    if isinstance(theirs, dict):
        assert isinstance(mine, dict) and list(theirs) == list(mine), shown
        for name, inner in theirs.items():
            same(inner, mine[name], shown)
    elif isinstance(theirs, list):
        assert isinstance(mine, list) and len(theirs) == len(mine), shown
        for one, other in zip(theirs, mine, strict=True):
            same(one, other, shown)
    elif isinstance(theirs, float):
        assert math.isclose(theirs, mine, rel_tol=2**-52), shown
    elif isinstance(mine, str) and mine.startswith("WyJ"):
        assert isinstance(theirs, str), shown
    else:
        assert theirs == mine and isinstance(theirs, bool) is isinstance(mine, bool), shown
