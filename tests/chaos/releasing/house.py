"""Where releases are made: an agency with one dataset, its publisher, a startup's key, and `gsb serve` that answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr

from publicgsb.apikeys.model import Actor
from publicgsb.datasets.agencies.service import add_agency, list_agencies
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings, load_settings
from tests.chaos.releasing import editions
from tests.chaos.releasing.editions import AGENCY, DATASET, NAME
from tests.journeys.load import keys_of, unlimited
from tests.processes import Server, served, settings_env
from tests.schema.worlds import declare, release

WORKERS = 2
JOB_SECONDS = 120.0
UPLOADS = f"/api/v1/agencies/{AGENCY}/datasets/{DATASET}/releases"
DONE = frozenset({"released", "refused", "failed"})


@dataclass(frozen=True, slots=True)
class House:
    """`publisher`: a client with the key of a person of the agency. `count`: of records, in an edition of number 0."""

    settings: Settings
    connections: Connections
    server: Server
    publisher: httpx2.AsyncClient
    key: str
    count: int

    @property
    def state_dir(self) -> Path:
        return self.settings.state_dir

    @property
    def env(self) -> dict[str, str]:
        return _env(self.settings)

    def file(self, edition: int) -> Path:
        """Beside the state folder, so that a full one has room for it."""
        return editions.write(self.state_dir.parent, edition, self.count)

    async def hand_in(self, edition: int, name: str | None = None) -> httpx2.Response:
        headers = {"content-type": "text/csv", "idempotency-key": name or f"edition-{edition}"}
        content = editions.rows(edition, self.count).encode()
        return await self.publisher.post(UPLOADS, content=content, headers=headers)

    async def queued(self, edition: int) -> str:
        """Hands it in; where its job is told."""
        answer = await self.hand_in(edition)
        assert answer.status_code == 202, answer.text
        return str(answer.headers["location"])

    async def ended(self, location: str) -> dict[str, Any]:
        """The job once it has ended."""
        async with asyncio.timeout(JOB_SECONDS):
            while True:
                answer = await self.publisher.get(location)
                if answer.status_code == 200 and (job := dict(answer.json()))["state"] in DONE:
                    return job
                await asyncio.sleep(0.02)

    async def current_file(self) -> tuple[int, set[int], int]:
        """The number of the current release, the editions that are in its file, and the records in it."""
        answer = await self.publisher.get(f"/files/{NAME}/latest.csv", headers={"authorization": f"Bearer {self.key}"})
        assert answer.status_code == 200, answer.text
        records = answer.text.splitlines()[1:]
        return int(answer.headers["gsb-release"]), {int(line.split(",")[1]) for line in records}, len(records)

    async def file_of(self, edition: int) -> tuple[int, set[int], int]:
        """As soon as the workers answer from this edition, which is moments after it was published; else what they do
        answer from.
        """
        async with asyncio.timeout(60):
            for _ in range(200):
                found = await self.current_file()
                if found[1] == {edition}:
                    break
                await asyncio.sleep(0.05)
        return found

    async def value(self, query: str, *arguments: object) -> Any:
        async with self.connections.use() as connection:
            return await connection.fetchval(query, *arguments)


@asynccontextmanager
async def house(database_url: str, redis_url: str, folder: Path, *, count: int) -> AsyncIterator[House]:
    """The first edition is released; `folder` has a short path, as its engines have sockets."""
    settings = load_settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        redis_timeout_ms=5_000,
        state_dir=folder / "state",
        pepper=SecretStr("tests-only " * 4),
    )
    settings.state_dir.mkdir(mode=0o700)
    connections = Connections(database_url, size=4)
    try:
        await add_agency(connections, AGENCY, Label("هوانوردی", "Aviation"), "tests")
        for contract in (editions.GROUPS_CONTRACT, editions.MARKS_CONTRACT):
            await declare(connections, contract)
        await release(connections, settings.state_dir, "air/groups", editions.GROUP_ROWS)
        first = await release(connections, settings.state_dir, NAME, editions.rows(1, count))
        assert first.release is not None, first.report.as_table("en")
        await unlimited(connections)
        keys = keys_of(settings, connections)
        key = (await keys.register("A startup", "a@example.org", "Trying it")).key.secret
        agency_id = next(one.id for one in await list_agencies(connections) if one.slug == AGENCY)
        issued = await keys.create_agency_key(agency_id, "A person", "p@example.org", Actor("tests", None))
        headers = {"authorization": f"Bearer {issued.secret}"}
        with served(_env(settings), workers=WORKERS) as server:
            async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as publisher:
                yield House(settings, connections, server, publisher, key, count)
    finally:
        await connections.close()


def _env(settings: Settings) -> dict[str, str]:
    """Requests may take long: many tests share the cores, and a machine that is slow says nothing of a release."""
    return settings_env(settings, request_seconds="60", statement_seconds="50")
