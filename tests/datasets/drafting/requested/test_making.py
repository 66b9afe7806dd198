"""Files that are handed in for a draft: what the jobs process makes of them, and that none stays."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from publicgsb.datasets.drafting.requested import making, service
from publicgsb.datasets.drafting.requested.model import KEPT_MAX, WAITING_MAX, DraftRequest, DraftState
from publicgsb.datasets.jobs.service import receive
from publicgsb.datasets.jobs.worker import remove_orphaned_uploads
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import RateLimited

Ask = Callable[[bytes], Awaitable[DraftRequest]]


@pytest.fixture
async def caller(connections: Connections, declare: Callable[..., Awaitable[Any]], country: Any) -> Caller:
    await declare(country())
    async with connections.use() as connection:
        agency_id = (await load_registry(connection)).agencies["standards"].id
        person_id = await connection.fetchval(
            "insert into gsb.person (name, email, agency_id, role) values ('P', 'p@example.org', $1, 'publisher')"
            " returning id",
            agency_id,
        )
    return caller_of(agency_id, person_id)


def caller_of(agency_id: int, person_id: int) -> Caller:
    return Caller("k", KeyKind.AGENCY, 0, 0, "open", agency_id=agency_id, person_id=person_id, role="publisher")


@pytest.fixture
def ask(connections: Connections, state_dir: Path, caller: Caller) -> Ask:
    async def asked(content: bytes) -> DraftRequest:
        async def body() -> AsyncIterator[bytes]:
            yield content

        upload = await receive(state_dir, body(), 1_000_000)
        return await service.ask(connections, caller, "standards", "rivers", upload)

    return asked


def uploads(state_dir: Path) -> list[Path]:
    return list((state_dir / "uploads").glob("*"))


async def test_a_file_comes_back_as_a_contract_and_goes(
    connections: Connections, state_dir: Path, caller: Caller, ask: Ask
) -> None:
    made = await ask(b"code,name\n01,Karun\n02,Aras\n")
    assert (made.state, len(uploads(state_dir))) == (DraftState.QUEUED, 1)
    assert await making.make_drafts(connections, state_dir) == 1
    found = await service.request_of(connections, caller, made.id)
    assert found.state is DraftState.MADE and found.proposal is not None and found.yaml is not None
    assert [field["name"] for field in found.proposal["contract"]["fields"]] == ["code", "name"]
    assert "a text: a value begins with 0" in found.yaml
    assert (uploads(state_dir), await making.make_drafts(connections, state_dir)) == ([], 0)


async def test_a_file_that_is_none_ends_with_what_is_wrong_with_it_and_goes(
    connections: Connections, state_dir: Path, caller: Caller, ask: Ask
) -> None:
    made = await ask(b"PK\x03\x04 no zip")
    await making.make_drafts(connections, state_dir)
    found = await service.request_of(connections, caller, made.id)
    assert found.state is DraftState.FAILED and found.error is not None
    assert (found.error["code"], uploads(state_dir)) == ("INVALID_REQUEST", [])


async def test_a_cell_that_the_database_cannot_hold_is_no_obstacle(
    connections: Connections, state_dir: Path, caller: Caller, ask: Ask
) -> None:
    made = await ask(b'[{"kind": "a\\u0000"}, {"kind": "b"}' + b', {"kind": "b"}, {"kind": "a\\u0000"}' * 20 + b"]")
    await making.make_drafts(connections, state_dir)
    assert (await service.request_of(connections, caller, made.id)).state is not DraftState.QUEUED


async def test_a_file_that_kills_its_process_is_given_up_after_three_times(
    connections: Connections, state_dir: Path, caller: Caller, ask: Ask
) -> None:
    made = await ask(b"code\n1\n")
    async with connections.use() as connection:
        await connection.execute("update gsb.draft_request set attempts = 3")
    await making.make_drafts(connections, state_dir)
    found = await service.request_of(connections, caller, made.id)
    assert found.error is not None and found.error["details"]["reason"] == "attempts"
    assert uploads(state_dir) == []


async def test_what_waits_is_not_swept_and_bounded(connections: Connections, state_dir: Path, ask: Ask) -> None:
    for at in range(WAITING_MAX):
        await ask(b"code\n%d\n" % at)
    with pytest.raises(RateLimited):
        await ask(b"code\nx\n")
    async with connections.use() as connection:
        await connection.execute("update gsb.draft_request set created_at = now() - interval '3 hours'")
    for path in uploads(state_dir):
        old = path.stat().st_mtime - 10_000
        os.utime(path, (old, old))
    assert await remove_orphaned_uploads(connections, state_dir) == 0
    assert len(uploads(state_dir)) == WAITING_MAX


async def test_a_draft_is_forgotten_after_a_day_and_no_more_than_so_many_are_kept(
    connections: Connections, state_dir: Path, caller: Caller, ask: Ask
) -> None:
    await ask(b"code\n1\n")
    await making.make_drafts(connections, state_dir)
    async with connections.use() as connection:
        await connection.execute(
            "insert into gsb.draft_request (id, agency_id, dataset, actor, file_name, file_sha256, file_bytes, state,"
            " error, finished_at)"
            " select 'drf_' || lpad(n::text, 22, '0'), $1, 'x', 'x', 'x', 'x', 1, 'failed', '{}',"
            " now() - interval '1 hour' * (n % 23)"
            " from generate_series(1, $2) as n",
            caller.agency_id,
            KEPT_MAX - 1,
        )
    with pytest.raises(RateLimited) as refused:
        await ask(b"code\n2\n")
    assert 6_900 < (refused.value.retry_after_seconds or 0) <= 7_200  # the first of them ends two hours from now
    async with connections.use() as connection:
        await connection.execute("update gsb.draft_request set finished_at = now() - interval '25 hours'")
    assert (await ask(b"code\n2\n")).state is DraftState.QUEUED  # what is over is not counted, forgotten or not
    await making.make_drafts(connections, state_dir)
    assert (await ask(b"code\n2\n")).state is DraftState.QUEUED
