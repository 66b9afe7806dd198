"""`python -m benchmarks.sdk` measures the SDK and writes docs/sdk-figures.md: bad networks, deadlines, frames, imports.

What is promised (exact rows and bytes, an end by the deadline) is asserted by tests as well; times are only told here.
The data of frames are the demo's, fetched once into the state folder (.gsb, or GSB_STATE_DIR).
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvloop
from tests.sdk.downloads.test_download import random_run
from tests.sdk.networks.calls import CALLS, Ended, in_tasks, in_threads
from tests.sdk.networks.holes import KINDS, hole
from tests.sdk.networks.paged import FAULTS
from tests.sdk.networks.walks import EXACT, Walk, walked

from benchmarks import servers
from benchmarks.place import FLIGHTS, LOOKUPS, Place, place
from benchmarks.sdk_page import Figures, Frames, Hole, Lines, page
from publicgsb.datasets.exports.making import make_files
from publicgsb.datasets.exports.objects import open_objects
from publicgsb.platform.server.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "sdk-figures.md"
RUNS = range(1000, 1200)
DEADLINE_SECONDS = 3.0
ROUNDS = 3
CHILD = r"""
import json, pathlib, re, sys, time
import pyarrow, pyarrow.parquet
from publicgsb_sdk import Client
peak = lambda: int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path("/proc/self/status").read_text())[1]) / 1024
with Client(sys.argv[2], sys.argv[1], deadline=600) as client:
    flights, before, began = client.dataset("transport.flights"), peak(), time.perf_counter()
    {work}
    print(json.dumps(dict(seconds=time.perf_counter() - began, rows=rows, mib=peak() - before)))
"""
ARROW = "rows = flights.to_arrow().num_rows"
PAGED = "rows = sum(len(page.rows) for page in flights.pages())"


def main() -> None:
    """Measures all of it."""
    frames = uvloop.run(_frames())
    imports = _imports()
    loaded()
    walks = [walked(seed) for seed in RUNS]
    _say(f"walks: {Counter(walk.outcome for walk in walks)}")
    downloads = Counter(_downloaded())
    _say(f"downloads: {downloads}")
    holes = [measured for kind in KINDS for measured in _holes(kind)]
    _say(f"holes: worst {max(one.overrun_seconds for one in holes):.3f} s")
    lines = Lines(len(walks), Counter(walk.outcome for walk in walks), _met(walks), downloads)
    PAGE.write_text(page(Figures(lines, holes, DEADLINE_SECONDS, frames, imports)), encoding="utf-8")
    _say(f"{PAGE} is written.")


def loaded() -> None:
    """What a call loads when it is first made is not what is measured."""
    for name in ("duckdb", "pandas", "polars", "pyarrow", "pyarrow.parquet"):
        __import__(name)


def _met(walks: list[Walk]) -> dict[str, tuple[int, int]]:
    """By fault: in how many walks it came, and how many of those were exact all the same."""
    return {
        fault: (
            sum(fault in walk.faults for walk in walks),
            sum(fault in walk.faults and walk.outcome == EXACT for walk in walks),
        )
        for fault in FAULTS
    }


def _downloaded() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        for seed in RUNS:
            yield random_run(seed, Path(folder, str(seed)))


def _holes(kind: str) -> Iterator[Hole]:
    ways: dict[str, Callable[[str, Path], list[Ended]]] = {
        "Client": lambda url, folder: in_threads(url, folder, DEADLINE_SECONDS),
        "AsyncClient": lambda url, folder: asyncio.run(in_tasks(url, folder, DEADLINE_SECONDS)),
    }
    for name, way in ways.items():
        with hole(kind) as black, tempfile.TemporaryDirectory() as folder:
            ended = way(black.url, Path(folder))
        assert {one.error for one in ended} == {"DeadlineExceeded"}, ended
        yield Hole(kind, name, len(CALLS), max(one.seconds for one in ended) - DEADLINE_SECONDS)


def _imports() -> list[str]:
    command = [sys.executable, str(ROOT / "sdk" / "import_time.py")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


async def _frames() -> Frames:
    settings = load_settings()
    async with place(settings, LOOKUPS | FLIGHTS, _say) as here:
        await _make_files(here)
        with servers.ours(here) as port:
            url = f"http://127.0.0.1:{port}"
            turns = [ARROW, PAGED] * ROUNDS
            done = [await asyncio.to_thread(_child, work, url, here.key) for work in turns]
    arrow, paged = done[::2], done[1::2]
    rows = {one["rows"] for one in (*arrow, *paged)}
    assert len(rows) == 1, rows
    return Frames(
        rows.pop(),
        *(statistics.median(one["seconds"] for one in each) for each in (arrow, paged)),
        *(max(one["mib"] for one in each) for each in (arrow, paged)),
    )


async def _make_files(here: Place) -> None:
    entry = (await here.registry()).dataset("transport", "flights")
    assert entry.current is not None
    objects = open_objects(here.settings.object_store_url, here.settings.state_dir)
    await make_files(here.connections, objects, here.settings.state_dir, entry, entry.current)


def _child(work: str, url: str, key: str) -> Any:
    command = [sys.executable, "-c", CHILD.replace("{work}", work), url, key]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    _say(f"{work}: {done.stdout.strip()} ({time.perf_counter() - began:.1f} s with start)")
    return json.loads(done.stdout)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
