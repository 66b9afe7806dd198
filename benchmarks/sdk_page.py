"""docs/sdk-figures.md out of what was measured."""

import os
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.sdk.networks.holes import KINDS
from tests.sdk.networks.paged import FAULTS
from tests.sdk.networks.walks import EXACT

WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Lines:
    """How walks and downloads over bad lines ended; `met` is by fault how many walks met it, and were exact."""

    runs: int
    walks: Counter[str]
    met: Mapping[str, tuple[int, int]]
    downloads: Counter[str]


@dataclass(frozen=True, slots=True)
class Hole:
    """All calls of one half against one kind of black hole."""

    kind: str
    half: str
    calls: int
    overrun_seconds: float


@dataclass(frozen=True, slots=True)
class Frames:
    """One dataset whole: through its files into one table, and through pages of JSON."""

    rows: int
    arrow_seconds: float
    paged_seconds: float
    arrow_mib: float
    paged_mib: float

    @property
    def ratio(self) -> float:
        return self.paged_seconds / self.arrow_seconds


@dataclass(frozen=True, slots=True)
class Figures:
    """All of one run."""

    lines: Lines
    holes: Sequence[Hole]
    deadline_seconds: float
    frames: Frames
    imports: Sequence[str]


def page(found: Figures) -> str:
    """The whole page."""
    return "\n".join([*_head(), *_lines(found.lines), *_holes(found), *_frames(found.frames), *_imports(found.imports)])


def _head() -> list[str]:
    return [
        "# Figures of the SDK",
        "",
        "Written by `python -m benchmarks.sdk`; no figure is typed in. "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, everything on one machine.",
        "",
    ]


def _lines(lines: Lines) -> list[str]:
    named = {
        "walks": {name: count for name, count in lines.walks.items() if name != EXACT},
        "downloads": {name: count for name, count in lines.downloads.items() if name != WHOLE},
    }
    return [
        "## Bad networks",
        "",
        "Each run is told by a seed. A **walk** is `pages()` to the end, half of them by `AsyncClient`, with answers",
        "verified; any request may meet a fault. It passes when every row of one release came once, in order and",
        "unchanged, or when an error that is named ended it after such rows from the first on. A **download** passes",
        "when each file has the bytes that were listed, or an error is named and no wrong file is in place.",
        "",
        *_table(
            ("what was done", "runs", "exact", "named errors", "rows or bytes lost, doubled or wrong"),
            [
                ("walks (`rows`, `pages`)", lines.runs, lines.walks[EXACT], _told(named["walks"]), 0),
                ("downloads", lines.runs, lines.downloads[WHOLE], _told(named["downloads"]), 0),
            ],
        ),
        "",
        "A run that lost, doubled or changed a row or byte would have ended the measurement. What the walks met:",
        "",
        *_table(
            ("the line or the service", "walks that met it", "exact all the same"),
            [(FAULTS[name], met, exact) for name, (met, exact) in lines.met.items()],
        ),
        "",
        "A flipped bit and a stale answer are noticed because these clients verify (`Client(verify=key_set)`). Without",
        "it, TLS keeps a line from flipping bits, and a page of another release still ends the walk; contracts are not",
        "signed.",
        "",
    ]


def _holes(found: Figures) -> list[str]:
    return [
        "## Deadlines",
        "",
        f"Every call that asks the service, thirteen at a time, with a deadline of {found.deadline_seconds:g} seconds",
        "and `timeout=60`. Each ended with `DeadlineExceeded`. The promise is half a second after the deadline.",
        "",
        *_table(
            ("a server that", "half", "calls", "worst, after the deadline"),
            [(KINDS[one.kind], one.half, one.calls, f"{one.overrun_seconds * 1000:.0f} ms") for one in found.holes],
        ),
        "",
    ]


def _frames(frames: Frames) -> list[str]:
    return [
        "## A whole dataset",
        "",
        f"`transport.flights`, {frames.rows:,} rows of 19 columns: median of three in turns, each in a process of its",
        "own, with pyarrow loaded before. Memory is what the process grew by at its peak.",
        "",
        *_table(
            ("way", "seconds", "memory"),
            [
                ("`to_arrow()`, from Parquet files", f"{frames.arrow_seconds:.2f}", f"{frames.arrow_mib:.0f} MiB"),
                ("`pages()`, 1,000 rows of JSON each", f"{frames.paged_seconds:.1f}", f"{frames.paged_mib:.0f} MiB"),
            ],
        ),
        "",
        f"The table is there **{frames.ratio:.0f} times** sooner (20 were wanted).",
        "",
    ]


def _imports(imports: Iterable[str]) -> list[str]:
    told = [line.partition(": ") for line in imports]
    return [
        "## Imports",
        "",
        "CPU time above httpx2, of fifteen processes (`python sdk/import_time.py`).",
        "",
        *_table(("import", "time"), [(f"`{what}`", taken) for what, _, taken in told]),
        "",
    ]


def _told(named: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(named.items())) or "none"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines]
