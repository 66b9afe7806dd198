"""The nightly sync against the demo: its table is the release to the last value, killed or not, within its points."""

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from publicgsb_sdk import Client
from tests.journeys.demo import Demo

pytestmark = pytest.mark.prove

ROOT = Path(__file__).resolve().parents[2]
DATASET = "aviation.airports"
KILLS = 6

Rows = list[tuple[Any, ...]]


def command(file: Path, *arguments: str) -> list[str]:
    return [sys.executable, "examples/nightly_sync.py", DATASET, str(file), *arguments]


def sync(running: Demo, file: Path, *arguments: str) -> str:
    done = subprocess.run(
        command(file, *arguments), env=running.environment, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def held(file: Path) -> tuple[int, Rows]:
    """The release that the file says it holds, and the rows that it does hold; release 0 is none."""
    with duckdb.connect(str(file)) as db:
        if not db.execute("select * from duckdb_tables() where table_name = 'synced'").fetchall():
            assert db.execute("select * from duckdb_tables()").fetchall() == []
            return 0, []
        ((release,),) = db.execute("select release from synced").fetchall()
        return release, db.execute("select * from airports order by icao").fetchall()


@pytest.fixture(scope="module")
def released(running_demo: Demo) -> dict[int, Rows]:
    """What the service itself says that each release holds."""
    with Client(running_demo.key, running_demo.url) as gsb, duckdb.connect() as db:
        found: dict[int, Rows] = {0: []}
        for release in (1, 2):
            gsb.dataset(DATASET).release(release).duckdb(db, table="airports")
            found[release] = db.execute("select * from airports order by icao").fetchall()
        return found


@pytest.fixture(scope="module")
def first(running_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that was synced when release 1 was current."""
    file = tmp_path_factory.mktemp("sync") / "first.duckdb"
    assert re.search(
        "from its files, 28426 rows; [16] of 100", sync(running_demo, file, "--release", "1")
    )  # 5: it is new
    return file


@pytest.fixture
def file(first: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(first, tmp_path / "airports.duckdb"))


def test_the_second_run_takes_what_changed_and_says_what_it_cost(
    running_demo: Demo, file: Path, released: dict[int, Rows]
) -> None:
    assert held(file) == (1, released[1])
    told = sync(running_demo, file)
    assert "release 1 to 2: 166 added, 262 changed, 294 removed, 28298 rows" in told
    (points,) = re.findall(r"; (\d+) of 100 points", told)
    assert 20 < int(points) <= 40
    assert held(file) == (2, released[2])
    assert "nothing to do; 1 of 100 points" in sync(running_demo, file)


def test_what_the_points_do_not_pay_for_is_taken_from_the_files(
    running_demo: Demo, file: Path, released: dict[int, Rows]
) -> None:
    assert "release 2 from its files, 28298 rows; 1 of 20 points" in sync(running_demo, file, "--points", "20")
    assert held(file) == (2, released[2])


def test_an_earlier_release_is_taken_from_its_files(running_demo: Demo, file: Path, released: dict[int, Rows]) -> None:
    sync(running_demo, file)
    assert "release 1 from its files" in sync(running_demo, file, "--release", "1")
    assert held(file) == (1, released[1])


@pytest.mark.parametrize("begins", ["before the first run", "at release 1"])
def test_a_run_that_is_killed_leaves_the_file_whole(
    running_demo: Demo, first: Path, tmp_path: Path, released: dict[int, Rows], begins: str
) -> None:
    """At moments that chance chooses, and at the first byte that it writes of its transaction."""
    chance, came_to = random.Random(begins), []
    for turn in range(KILLS):
        file = tmp_path / f"{turn}.duckdb"
        if begins == "at release 1":
            shutil.copy(first, file)
        killed(running_demo, file, 0.0 if turn % 2 else chance.uniform(0.3, 2.0))
        release, rows = held(file)
        assert rows == released[release]
        came_to.append(release)
    sync(running_demo, file)
    assert held(file) == (2, released[2])
    assert (0 if begins.startswith("before") else 1) in came_to, "no run was killed before its end"


def killed(running: Demo, file: Path, after_seconds: float) -> None:
    """Begun, and ended by SIGKILL after so long; 0 is as soon as there is a log of its transaction."""
    process = subprocess.Popen(
        command(file), env=running.environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    log, until = file.with_name(f"{file.name}.wal"), time.monotonic() + (after_seconds or 60)
    while time.monotonic() < until and process.poll() is None and (after_seconds or not log.exists()):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait(60)
