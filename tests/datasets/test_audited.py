"""Every change of agencies, datasets and releases writes an entry, or cannot commit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.audited import refuse_what_is_not_audited

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.jobs.service import receive, submit
from publicgsb.datasets.jobs.worker import run_one
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.datasets.releases.service import rollback, withdraw
from publicgsb.datasets.releases.sweep import sweep
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.audit import Filters, entries, verify

ROWS = [["code", "name"], ["IR", "Iran"]]


async def _body() -> AsyncIterator[bytes]:
    yield b"code,name\nJP,Japan\n"


async def test_every_change_of_agencies_datasets_and_releases_is_audited(
    connections: Connections,
    state_dir: Path,
    declare: Callable[..., Awaitable[Any]],
    country: Callable[..., dict[str, Any]],
    release: Callable[..., Awaitable[Any]],
) -> None:
    await refuse_what_is_not_audited(connections)
    await declare(country())
    await declare(country(version="1.0.1"))
    await release("standards/countries", ROWS)
    async with connections.use() as connection:
        agency_id = (await load_registry(connection)).agencies["standards"].id
    upload = await receive(state_dir, _body(), 1_000)
    await submit(connections, "standards", "countries", "one", upload, "person:1", agency_id=agency_id)
    await run_one(connections, state_dir)
    await rollback(connections, "standards", "countries", 1, "test")
    await withdraw(connections, "standards", "countries", Label("خطا", "Wrong"), "test")
    await sweep(connections, state_dir, keep_releases=0, keep_days=0, grace_seconds=0)
    written = [entry.action for entry in reversed(await entries(connections, Filters()))]
    assert written == [
        "agency.add",
        "dataset.declare",
        "dataset.declare",
        "dataset.release",
        "dataset.upload",
        "dataset.release",
        "dataset.rollback",
        "dataset.withdraw",
        "release.retire",
        "release.retire",
        "release.drop",
        "release.drop",
    ]
    assert (await verify(connections)).problems == ()
