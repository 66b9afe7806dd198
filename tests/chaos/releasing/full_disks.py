"""Disks that are full: of uploads, of rows being checked, of files and of the database's tables.

Each says so, changes nothing for those who read, gives back what had been written, and goes on once there is room.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from publicgsb.platform.kernel.full_disk import REASON
from publicgsb.platform.server.migrate import migrate
from tests.chaos.postgres.own import OwnPostgres
from tests.chaos.releasing.house import House, house
from tests.chaos.releasing.reading import Reading, read_on
from tests.chaos.releasing.ruins import half_published, orphans
from tests.chaos.releasing.small_disk import KIB, MIB, SmallDisk, small_disk
from tests.processes import jobs

COUNT = 20_000  # records of an edition: 0.7 MB as a file, some 4 MB as a table with its indexes
ROOM = 64 * MIB
UNMADE = """
    select count(*) from gsb.release as release
    left join gsb.export as export on export.release_id = release.id
    where export.made_at is null
"""


@dataclass(slots=True)
class DisksOutcome:
    """`told`: what was said, by disk. `kept_bytes`: of all disks, what a failure had not given back."""

    told: dict[str, str] = field(default_factory=dict)
    kept_bytes: int = 0
    wrong: list[str] = field(default_factory=list)
    answers: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    mixed: int = 0

    @property
    def unclear(self) -> list[str]:
        return [f"{disk}: {told}" for disk, told in self.told.items() if told not in (REASON, "objects")]


async def full_disks(redis_url: str, folder: Path) -> DisksOutcome:
    outcome = DisksOutcome()
    with OwnPostgres(folder) as postgres:
        await migrate(postgres.url)
        async with (
            house(postgres.url, redis_url, folder, count=COUNT) as here,
            read_on(here.server.url, here.key, workers=2) as reading,
        ):
            full = _Full(here, outcome)
            await full.uploads()
            with jobs(here.env):
                await full.rows_being_checked()
                await full.files("making", REASON)
                await full.files("objects", "objects")
                await full.tables(postgres)
                outcome.wrong += await half_published(here.connections)
            outcome.wrong += await orphans(here.connections, here.state_dir)
            _tell(outcome, reading)
    return outcome


def _tell(outcome: DisksOutcome, reading: Reading) -> None:
    outcome.answers, outcome.failed, outcome.mixed = reading.answers, dict(reading.others), reading.mixed


class _Full:
    def __init__(self, here: House, outcome: DisksOutcome) -> None:
        self._here = here
        self._outcome = outcome
        self._edition = 1

    async def uploads(self) -> None:
        async with self._disk("uploads", 256 * KIB) as disk:
            answer = await self._here.hand_in(2, "too-large-for-the-disk")
            self._heard("uploads", answer.json())
            if answer.status_code != 503 or "retry-after" not in answer.headers:
                self._outcome.wrong.append(f"an upload without room was answered by {answer.status_code}")
            self._given_back(disk, 0)

    async def rows_being_checked(self) -> None:
        async with self._disk("loading", 256 * KIB) as disk:
            await self._refused("rows being checked")
            self._given_back(disk, 0)
            disk.resize(ROOM)
            await self._published()

    async def files(self, name: str, told: str) -> None:
        """The release itself is current all the same, and its file is answered out of the database."""
        await self._all_made()
        async with self._disk(name, 256 * KIB) as disk:
            await self._published()
            async with asyncio.timeout(60):
                while (why := await self._here.value("select error from gsb.export where made_at is null")) is None:
                    await asyncio.sleep(0.02)
            self._outcome.told[name] = told if why in (told, "UNAVAILABLE") else str(why)
            disk.resize(ROOM)
            await self._all_made()

    async def tables(self, postgres: OwnPostgres) -> None:
        """A tablespace of its own: first too small for the rows, then too small for their indexes."""
        with small_disk(postgres.folder / "small", 512 * KIB, postgres.owner) as disk:
            async with self._here.connections.use() as connection:
                await connection.execute(f"create tablespace small location '{disk.folder}'")
                await connection.execute("alter database publicgsb set default_tablespace = small")
            before = disk.used_bytes
            for name, size in (("rows in the database", 512 * KIB), ("indexes in the database", 2_560 * KIB)):
                disk.resize(size)
                await self._refused(name)
                self._given_back(disk, before)
            disk.resize(ROOM)
            await self._published()
            await self._all_made()
            async with self._here.connections.use() as connection:
                await connection.execute("alter database publicgsb reset default_tablespace")
                await connection.execute("alter table all in tablespace small set tablespace pg_default")
                await connection.execute("alter index all in tablespace small set tablespace pg_default")
                await connection.execute("checkpoint")
                await connection.execute("drop tablespace small")

    @asynccontextmanager
    async def _disk(self, name: str, size: int) -> AsyncIterator[SmallDisk]:
        """What the disk holds in the end is put back into the folder beneath, as an operator would."""
        folder = self._here.state_dir / name
        kept: dict[Path, bytes] = {}
        with small_disk(folder, size) as disk:
            yield disk
            kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for path, content in kept.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    async def _refused(self, name: str) -> None:
        """Tried three times, then told; the file that was handed in is let go of."""
        self._edition += 1
        before = await self._here.current_file()
        job = await self._here.ended(await self._here.queued(self._edition))
        self._heard(name, job.get("error") or {"state": job["state"]})
        if await self._here.current_file() != before:
            self._outcome.wrong.append(f"{name}: another release is current")
        if any((self._here.state_dir / "uploads").iterdir()):
            self._outcome.wrong.append(f"{name}: the upload is still there")

    async def _published(self) -> None:
        self._edition += 1
        job = await self._here.ended(await self._here.queued(self._edition))
        _, found, records = await self._here.file_of(self._edition)
        if (job["state"], found, records) != ("released", {self._edition}, COUNT + self._edition):
            self._outcome.wrong.append(f"with room again: {job['state']}, {records} records of {found}")

    async def _all_made(self) -> None:
        async with asyncio.timeout(90):
            while await self._here.value(UNMADE) > 0:
                await asyncio.sleep(0.02)

    def _heard(self, name: str, problem: Mapping[str, Any]) -> None:
        is_clear = problem.get("code") == "UNAVAILABLE" and "no room" in problem.get("detail", "")
        reason = problem.get("details", {}).get("reason")
        self._outcome.told[name] = str(reason) if is_clear else str(problem)

    def _given_back(self, disk: SmallDisk, before: int) -> None:
        self._outcome.kept_bytes += max(0, disk.used_bytes - before)
