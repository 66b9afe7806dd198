"""An agency's side of the library against a running service: what is cut or killed on the way is released once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from publicgsb.apikeys.model import Actor, Role
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.datasets.agencies.reviewing import set_review
from publicgsb.datasets.agencies.service import list_agencies
from publicgsb.datasets.reviews.model import Review
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from publicgsb_sdk import AsyncPublisher, Conflict, FileRefused, InvalidRequest, NotPermitted, Publisher
from tests.journeys.cutting import cutting
from tests.journeys.test_declaring import RIVERS
from tests.processes import jobs, served, settings_env
from tests.schema.worlds import found

pytestmark = pytest.mark.prove  # each starts a service and its jobs process

GOOD = "code,name,population\nIR,ایران,1\nTR,Türkiye,2\nAF,افغانستان,3\n"
BAD = "code,name,population\nIR,ایران,many\n,Nobody,2\n"
LONG = GOOD + "".join(f"C{at:06},Country {at},{at}\n" for at in range(150_000))


@dataclass
class World:
    """Two people of the agency geo, the address of the service, and what it holds."""

    url: str
    publisher: str
    reviewer: str
    connections: Connections
    folder: Path

    def file(self, text: str) -> Path:
        path = self.folder / "rows.csv"
        path.write_text(text, encoding="utf-8")
        return path

    async def releases(self) -> int:
        async with self.connections.use() as connection:
            count: int = await connection.fetchval(
                "select count(*) from gsb.release join gsb.dataset as d on d.id = dataset_id where d.slug = 'countries'"
            )
        return count

    async def jobs(self) -> int:
        async with self.connections.use() as connection:
            count: int = await connection.fetchval("select count(*) from gsb.job where file_bytes > 1000")
        return count


@pytest.fixture
async def world(settings: Settings, connections: Connections, state_dir: Path, tmp_path: Path) -> AsyncIterator[World]:
    await found(connections, state_dir)
    secrets = load_secrets(settings)
    keys = ApiKeys(connections, OwnerTokens(secrets.signing_key_pem), secrets.pepper)
    agency_id = next(one.id for one in await list_agencies(connections) if one.slug == "geo")
    made = [
        (await keys.create_agency_key(agency_id, name, f"{name}@example.org", Actor("tests", None), role=role)).secret
        for name, role in (("Parisa", Role.PUBLISHER), ("Reza", Role.REVIEWER))
    ]
    env = settings_env(settings)
    with served(env) as server, jobs(env):
        yield World(server.url, made[0], made[1], connections, tmp_path)


async def test_a_file_is_validated_released_once_and_once_more_by_a_key_of_its_own(world: World) -> None:
    async with AsyncPublisher(world.publisher, world.url) as agency:
        file = world.file(GOOD)
        report = await agency.validate(file, dataset="geo.countries")
        assert (report.is_good, report.rows, report.errors) == (True, 3, ())
        steps: list[tuple[str, int, int]] = []
        done = await agency.release(file, "geo.countries", progress=lambda *step: steps.append(step))
        assert (done.is_released, done.release, done.is_new, done.report and done.report.rows) == (True, 2, True, 3)
        size = file.stat().st_size
        assert steps[0] == ("sending", 0, size) and ("sending", size, size) in steps and steps[-1][0] == "released"
        again = await agency.release(file, "geo.countries")
        assert (again.release, again.is_new, await world.releases()) == (2, False, 2)
        more = await agency.release(file, "geo.countries", idempotency_key="once-more")
        assert (more.release, more.is_new) == (3, True)
        with pytest.raises(Conflict, match="another file"):
            await agency.release(world.file(GOOD + "XX,New,4\n"), "geo.countries", idempotency_key="once-more")


async def test_what_is_wrong_is_told_row_by_row_and_refused_as_an_error(world: World) -> None:
    async with AsyncPublisher(world.publisher, world.url, locale="fa") as agency:
        report = await agency.validate(world.file(BAD), dataset="geo.countries")
        assert not report.is_good and report.errors_total == 2
        first = report.errors[0]
        assert (first.row, first.column, first.code, first.looks_like) == (1, "population", "type-error", "aaaa")
        assert any("آ" <= sign <= "ی" for sign in first.message) and first.hint
        with pytest.raises(FileRefused) as told:
            await agency.release(world.file(BAD), "geo.countries")
        assert told.value.report.errors == report.errors
        assert await world.releases() == 1


async def test_a_contract_of_ones_own_judges_a_file_and_tells_its_links(world: World) -> None:
    contract = world.folder / "contract.yaml"
    contract.write_text(RIVERS, encoding="utf-8")
    with Publisher(world.publisher, world.url) as agency:
        file = world.file("name,country_code\nKarun,IR\nAras,TR\nNile,XX\n")
        report = await asyncio.to_thread(lambda: agency.validate(file, contract))
        (link,) = report.links
        assert (link.to, link.matched, link.rows, round(link.rate or 0, 2)) == ("geo/countries", 2, 3, 0.67)
        with pytest.raises(InvalidRequest, match="as in the address"):
            await asyncio.to_thread(lambda: agency.validate(file, contract, dataset="geo.countries"))


async def test_where_releases_are_reviewed_it_tells_where_it_waits_and_then_what_came_of_it(world: World) -> None:
    await set_review(world.connections, "geo", Review.REQUIRED, "tests")
    file = world.file(GOOD)
    async with AsyncPublisher(world.publisher, world.url) as agency, AsyncPublisher(world.reviewer, world.url) as boss:
        waits = await agency.release(file, "geo.countries")
        assert (waits.state, waits.release, waits.is_released) == ("in_review", None, False)
        assert waits.review_at == f"{world.url}/api/v1/submissions/{waits.submission}"
        (seen,) = await boss.submissions("in_review")
        assert (seen.id, seen.submitted_by) == (waits.submission, "Parisa")
        with pytest.raises(NotPermitted, match="own"):
            await agency.approve(seen)
        assert b"<script" not in await boss.review_page(seen.id)
        assert (await boss.approve(seen)).decided_by == "Reza"
        done = await agency.release(file, "geo.countries")
        assert (done.release, done.is_new, done.submission) == (2, False, seen.id)
        other = await agency.submit(world.file(GOOD + "XX,New,4\n"), "geo.countries")
        back = await boss.send_back(other.id, "XX is no country.")
        assert (back.state, (await agency.submission(other.id)).reason) == ("sent_back", "XX is no country.")
        draft = await agency.submit(world.file(GOOD + "YY,New,4\n"), "geo.countries", draft=True)
        assert (await agency.submit_draft(draft.id)).state == "in_review"
        assert (await agency.withdraw(draft.id)).state == "withdrawn"
        assert (await agency.diff("geo.countries"))["isBreaking"] is False


@pytest.mark.parametrize("where", ["body", "answer", "head"])
async def test_a_connection_that_is_cut_makes_one_release(world: World, where: str) -> None:
    """While the file goes out, before its answer comes back, or before a byte went: the call gets there by itself."""
    with cutting(world.url, where, times=2) as proxy:
        with Publisher(world.publisher, proxy.url) as agency:
            file = world.file(LONG)
            done = await asyncio.to_thread(lambda: agency.release(file, "geo.countries"))
        assert (done.release, done.report and done.report.rows, proxy.cuts) == (2, 150_003, 2)
    assert (await world.releases(), await world.jobs()) == (2, 1)


PROGRAM = """
import sys
from publicgsb_sdk import Publisher
def told(stage, done, total):
    print(stage, done, flush=True)
with Publisher(sys.argv[1], sys.argv[2]) as agency:
    print(agency.release(sys.argv[3], "geo.countries", progress=told), flush=True)
"""


def killed_when(world: World, file: Path, is_time: Callable[[str], bool]) -> None:
    """kill -9 at the first line that says so."""
    command = [sys.executable, "-c", PROGRAM, world.publisher, world.url, str(file)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if is_time(line):
                process.send_signal(signal.SIGKILL)
                break
        process.stdout.read()
        assert process.wait() == -signal.SIGKILL


async def test_a_process_that_is_killed_in_the_middle_makes_one_release(world: World) -> None:
    """While it sends, just after, and while it follows: whoever runs it again is told of the one release."""
    file = world.file(LONG)
    size = file.stat().st_size
    times: list[Callable[[str], bool]] = [
        lambda line: line.startswith("sending") and 0 < int(line.split()[1]) < size,
        lambda line: line == f"sending {size}\n",
        lambda line: not line.startswith("sending"),
    ]
    for is_time in times:
        await asyncio.to_thread(killed_when, world, file, is_time)
    async with AsyncPublisher(world.publisher, world.url) as agency:
        done = await agency.release(file, "geo.countries")
    assert (done.release, done.is_new) == (2, False)
    assert (await world.releases(), await world.jobs()) == (2, 1)


async def test_a_file_that_changes_while_it_is_sent_is_not_handed_in(world: World) -> None:
    file = world.file(LONG)

    def change(stage: str, done: int, total: int) -> None:
        if done:
            file.write_text(LONG.replace("Country 149999", "Another 149999"), encoding="utf-8")

    async with AsyncPublisher(world.publisher, world.url) as agency:
        with pytest.raises(InvalidRequest, match="changed while"):
            await agency.release(file, "geo.countries", progress=change)
    assert (await world.releases(), await world.jobs()) == (1, 0)


async def test_memory_stays_flat_however_long_the_file_is(world: World) -> None:
    """The body is read in pieces of a mebibyte; a file of 64 may not come to stand in memory."""
    import tracemalloc  # noqa: PLC0415 - it slows all that runs after it

    file = world.folder / "long.csv"
    with file.open("wb") as out:
        for _ in range(64):
            out.write(b"x" * (1 << 20))
    with Publisher(world.publisher, world.url) as agency:
        tracemalloc.start()
        try:
            await asyncio.to_thread(lambda: agency.release(file, "geo.countries", wait=False))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 16 << 20
