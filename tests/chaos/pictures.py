"""The pictures of docs/reliability.md, drawn anew from what is kept of each scenario."""

from collections.abc import Mapping
from pathlib import Path

from tests.chaos.plans import LIMIT, WINDOW_SECONDS
from tests.chaos.report.book import Entry
from tests.chaos.report.over_time import Panel, plot

_WINDOWS = {
    "crowd": "Nothing wrong, 16 processes",
    "flushall": "FLUSHALL",
    "kill_and_empty_restart": "kill -9 and empty restart of Redis",
    "stall": "Redis stopped for 3 s",
    "absent": "Redis absent",
    "bad_line": "A line that delays and cuts",
}


def draw(entries: Mapping[str, Entry], folder: Path) -> dict[str, str]:
    """Writes them beside the page; file names by what they show."""
    panels = [
        Panel(title, {"admitted": series["admitted"]}, series["faults"], LIMIT)
        for name, title in _WINDOWS.items()
        if name in entries and (series := entries[name].finding.series)
    ]
    if not panels:
        return {}
    title = f"Units admitted in the {WINDOW_SECONDS} s before each moment, at most {LIMIT}; faults are shaded"
    (folder / "reliability-windows.svg").write_text(plot(title, "units", panels), encoding="utf-8")
    return {title: "reliability-windows.svg"}
