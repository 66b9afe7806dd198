"""A key is rotated while it is in use, again and again: no call fails in the overlap, whichever secret it carries.

ROTATIONS=100 for more of them.
"""

import os
import time
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

import httpx2
import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import LOOK_UP, Asked, Line, kept_up, keys_of, lines, until
from tests.journeys.watch import serving
from tests.processes import Server
from tests.schema.worlds import found

WORKERS, ROTATIONS = 2, int(os.environ.get("ROTATIONS", "10"))


@pytest.fixture
async def server(settings: Settings, connections: Connections, state_dir: Path) -> AsyncIterator[Server]:
    async with serving(found, settings, connections, state_dir, WORKERS) as server:
        yield server


class Client:
    """A startup that asks without a pause, with all the secrets that it holds in turn."""

    def __init__(self, secret: str) -> None:
        self.secrets = [secret]
        self.asked: list[tuple[str, Asked]] = []
        self._turn = count()

    async def step(self, line: Line) -> None:
        secret = self.secrets[next(self._turn) % len(self.secrets)]
        self.asked.append((secret, await line.ask(secret, LOOK_UP)))

    def has_used(self, secret: str, since: float) -> bool:
        """Whether every worker has answered it five times to requests sent since then."""
        got = [one.worker for used, one in self.asked if used == secret and one.began > since]
        return len(set(got)) == WORKERS and all(got.count(worker) >= 5 for worker in set(got))


@pytest.mark.prove
async def test_no_call_fails_while_a_key_is_rotated_under_load(
    server: Server, settings: Settings, connections: Connections, record_property: Callable[[str, object], None]
) -> None:
    made = await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")
    headers = {"authorization": f"Bearer {made.owner_token.text}"}
    client, key_id = Client(made.key.secret), str(made.key.key.id)
    async with (
        lines(server.url, workers=WORKERS, each=3) as to_all,
        httpx2.AsyncClient(base_url=server.url, timeout=30, headers=headers) as owner,
        kept_up(to_all, client.step),
    ):
        for _ in range(ROTATIONS):
            answer = await owner.post(f"/api/v1/keys/{key_id}/rotate", json={"overlapHours": 1})
            assert answer.status_code == 201, answer.text
            (old,), new = client.secrets, answer.json()["key"]
            client.secrets = [old, new["secret"]]
            since = time.monotonic()
            await until(lambda: all(client.has_used(secret, since) for secret in client.secrets))  # noqa: B023
            client.secrets = [new["secret"]]
            since = time.monotonic()
            await until(lambda: client.has_used(new["secret"], since))  # noqa: B023 - every line has let the old one go
            assert (await owner.delete(f"/api/v1/keys/{key_id}")).json()["effective"] == "everywhere"
            key_id = new["id"]
    record_property("calls", len(client.asked))
    record_property("failed", sum(one.status != 200 for _, one in client.asked))
    assert {one.status for _, one in client.asked} == {200}
    assert len({secret for secret, _ in client.asked}) == ROTATIONS + 1
