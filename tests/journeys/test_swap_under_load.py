"""Releases land while everybody reads: no walk mixes two of them, and no request fails."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.releases.service import rollback, withdraw
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.settings import Settings
from tests.journeys.load import Line, kept_up, keys_of, lines, unlimited, until
from tests.processes import served, settings_env
from tests.schema.worlds import COMMON, declare, release

WORKERS = 2
RELEASES, RELEASES_MAX = 12, 60
PAGE = 2

MARKS = (
    COMMON
    + """
agency: air
dataset: marks
recordName: Mark
title: { fa: "نشانه‌ها", en: "Marks" }
primaryKey: [code]
fields:
  - { name: code, type: string, label: { fa: "کد", en: "Code" }, constraints: { required: true }, filters: [eq] }
  - { name: edition, type: integer, label: { fa: "نسخه", en: "Edition" }, constraints: { required: true } }
"""
)
WALK = """query($first: Int!, $after: String) { air { marks(first: $first, after: $after) {
            totalCount nodes { code edition } pageInfo { hasNextPage endCursor } } } }"""


def rows(edition: int) -> str:
    """Every row says its edition, and the number of rows does too; all editions share the first codes."""
    return "code,edition\n" + "".join(f"{number:04},{edition}\n" for number in range(20 + edition))


@dataclass(frozen=True, slots=True)
class Landed:
    """An edition became current at some moment between the two."""

    edition: int
    begun: float
    returned: float


@dataclass(frozen=True, slots=True)
class Walk:
    worker: str
    began: float
    first_page: float
    ended: float
    editions: frozenset[int]
    codes: tuple[str, ...]

    def outlived(self, landed: list[Landed]) -> bool:
        """Whether another edition was everywhere before the walk in its own had ended."""
        return any(self.began < one.returned < self.ended and {one.edition} != self.editions for one in landed)


@dataclass(slots=True)
class Walks:
    """Walks through the whole dataset, page after page, and what each has seen."""

    key: str
    done: list[Walk] = field(default_factory=list)

    async def step(self, line: Line) -> None:
        began, after, first_page, seen = time.monotonic(), None, 0.0, []
        while True:
            asked = await line.ask(self.key, WALK, {"first": PAGE, "after": after})
            assert asked.status == 200, asked.body
            assert "errors" not in asked.body
            first_page = first_page or asked.ended
            page = asked.body["data"]["air"]["marks"]
            seen += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        editions = frozenset(row["edition"] for row in seen)
        self.done.append(
            Walk(line.worker, began, first_page, asked.ended, editions, tuple(row["code"] for row in seen))
        )

    def workers_after(self, moment: float) -> int:
        """How many workers have finished a walk that began after a moment."""
        return len({walk.worker for walk in self.done if walk.began > moment})


@pytest.fixture
async def key(settings: Settings, connections: Connections, state_dir: Path) -> str:
    """The dataset in its first edition, and a key that may read it without end."""
    await add_agency(connections, "air", Label("هوانوردی", "Aviation"), "tests")
    await declare(connections, MARKS)
    await release(connections, state_dir, "air/marks", rows(1))
    await unlimited(connections)
    return (await keys_of(settings, connections).register("A startup", "a@example.org", "Trying it")).key.secret


@pytest.fixture
async def to_all(key: str, settings: Settings) -> AsyncIterator[list[Line]]:
    with served(settings_env(settings), workers=WORKERS) as server:
        async with lines(server.url, workers=WORKERS, each=2) as to_all:
            yield to_all


async def land(connections: Connections, state_dir: Path, edition: int) -> Landed:
    begun = time.monotonic()
    outcome = await release(connections, state_dir, "air/marks", rows(edition))
    assert outcome.release is not None
    assert outcome.release.workers_behind == 0
    return Landed(edition, begun, time.monotonic())


async def back_to(connections: Connections, edition: int) -> Landed:
    begun = time.monotonic()
    done = await rollback(connections, "air", "marks", edition, "tests")
    assert (done.workers, done.workers_behind) == (WORKERS, 0)
    return Landed(edition, begun, time.monotonic())


@pytest.mark.prove
async def test_each_walk_sees_one_release_and_everybody_sees_a_new_one_once_it_is_announced(
    to_all: list[Line], key: str, connections: Connections, state_dir: Path
) -> None:
    walks, landed = Walks(key), [Landed(1, 0.0, 0.0)]
    async with kept_up(to_all, walks.step):
        # On a slow machine it may take longer to hear of a release than to walk: then more of them are made.
        while landed[-1].edition < RELEASES or sum(walk.outlived(landed) for walk in walks.done) < RELEASES:
            landed.append(await land(connections, state_dir, landed[-1].edition + 1))
            await until(lambda: walks.workers_after(landed[-1].returned) == WORKERS)
            assert len(landed) < RELEASES_MAX, "no walk is under way when a release lands"
        landed.append(await back_to(connections, landed[-1].edition - 3))
        await until(lambda: walks.workers_after(landed[-1].returned) == WORKERS)
    for walk in walks.done:
        (edition,) = walk.editions
        assert walk.codes == tuple(f"{number:04}" for number in range(20 + edition))
        told = max(at for at, one in enumerate(landed) if one.returned <= walk.began)
        assert edition in {one.edition for one in landed[told:] if one.begun <= walk.first_page}


async def test_no_request_sent_after_withdraw_returned_is_answered_with_data(
    to_all: list[Line], key: str, connections: Connections
) -> None:
    statuses: list[tuple[float, str, object]] = []

    async def step(line: Line) -> None:
        asked = await line.ask(key, "{ air { marks(first: 1) { nodes { code } } } }")
        error = asked.body["errors"][0]["extensions"]["code"] if "errors" in asked.body else None
        has_data = bool((asked.body.get("data") or {}).get("air", {}).get("marks"))
        assert has_data == (error is None), asked.body
        statuses.append((asked.began, line.worker, error))

    async with kept_up(to_all, step):
        await until(lambda: len({worker for _, worker, _ in statuses}) == WORKERS)
        done = await withdraw(connections, "air", "marks", Label("اشتباه", "A mistake"), "tests")
        gone = time.monotonic()
        await until(lambda: len({worker for began, worker, _ in statuses if began > gone}) == WORKERS)
    assert (done.workers, done.workers_behind) == (WORKERS, 0)
    assert {error for began, _, error in statuses if began > gone} == {"DATASET_WITHDRAWN"}
    assert {error for _, _, error in statuses} == {None, "DATASET_WITHDRAWN"}
