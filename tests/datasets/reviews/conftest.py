"""An agency whose releases are reviewed, with a publisher, a reviewer and one more of each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.jobs.service import receive
from publicgsb.datasets.jobs.worker import run_one
from publicgsb.datasets.releases.service import list_releases
from publicgsb.datasets.reviews import service, store
from publicgsb.datasets.reviews.model import Review, Submission, Submitter
from publicgsb.datasets.reviews.rights import submitter_of
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connections

FIRST = b"code,name\nIR,Iran\nJP,Japan\n"
SECOND = b"code,name\nIR,Iran (Islamic Republic of)\nDE,Germany\n"


@dataclass
class Desk:
    """What the people of the agency `standards` do with its dataset `countries`."""

    connections: Connections
    state_dir: Path
    publisher: Caller
    other_publisher: Caller
    reviewer: Caller
    handed_in: int = 0

    async def hand_in(
        self,
        content: bytes = FIRST,
        *,
        by: Caller | None = None,
        key: str | None = None,
        submitter: Submitter | None = None,
        **more: Any,
    ) -> Submission:
        async def chunks() -> AsyncIterator[bytes]:
            yield content

        self.handed_in += 1
        upload = await receive(self.state_dir, chunks(), 1_000_000)
        made, _ = await service.hand_in(
            *(
                self.connections,
                submitter or submitter_of(by or self.publisher),
                "standards",
                "countries",
                key or f"k{self.handed_in}",
                upload,
            ),
            **more,
        )
        return made

    async def in_review(self, content: bytes = FIRST, **more: Any) -> Submission:
        made = await self.hand_in(content, **more)
        await self.work()
        return await self.now(made)

    async def published(self, content: bytes = FIRST) -> Submission:
        made = await self.in_review(content)
        await service.approve(self.connections, self.reviewer, made.id)
        await self.work()
        return await self.now(made)

    async def work(self) -> None:
        """Until the jobs process would find nothing more to do."""
        while await run_one(self.connections, self.state_dir):
            pass

    async def now(self, submission: Submission) -> Submission:
        async with self.connections.use() as connection:
            found = await store.by_id(connection, submission.id)
        assert found is not None
        return found

    async def releases(self) -> list[tuple[int, str, bool]]:
        lines = await list_releases(self.connections, "standards", "countries")
        return [(line.seq, line.state, line.is_current) for line in lines]

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.state_dir / "uploads").glob("*.upload"))

    async def told(self) -> list[str]:
        async with self.connections.use() as connection:
            rows = await connection.fetch("select kind from gsb.outbox where kind like 'submission.%' order by id")
        return [row["kind"] for row in rows]

    async def set_embargo(self, submission: Submission, until: datetime) -> None:
        """As if the time had come."""
        async with self.connections.use() as connection:
            await connection.execute("update gsb.submission set embargo_until = $2 where id = $1", submission.id, until)
            await connection.execute(
                "update gsb.job set lease_until = $2 where submission_id = $1", submission.id, until
            )


@pytest.fixture
async def desk(
    connections: Connections,
    state_dir: Path,
    declare: Callable[..., Awaitable[Any]],
    country: Callable[..., dict[str, Any]],
) -> Desk:
    await declare(country())
    await set_review(connections, "standards", Review.REQUIRED, "test")
    people = []
    async with connections.use() as connection:
        agency_id = await connection.fetchval("select id from gsb.agency where slug = 'standards'")
        for name, role in (("Parisa", "publisher"), ("Omid", "publisher"), ("Reza", "reviewer")):
            person_id = await connection.fetchval(
                "insert into gsb.person (name, email, agency_id, role) values ($1, $2, $3, $4) returning id",
                *(name, f"{name.lower()}@example.org", agency_id, role),
            )
            people.append(
                Caller(f"key{person_id}", KeyKind.AGENCY, 0, 0, "", agency_id=agency_id, person_id=person_id, role=role)
            )
    publisher, other_publisher, reviewer = people
    return Desk(connections, state_dir, publisher, other_publisher, reviewer)
