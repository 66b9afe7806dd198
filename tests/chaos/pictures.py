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


_WINDOWS_TITLE = f"Units admitted in the {WINDOW_SECONDS} s before each moment, at most {LIMIT}; faults are shaded"
_AWAY_TITLE = "Requests per second while PostgreSQL is away (shaded)"
_AWAY = {"postgres_away_15": "15 s without PostgreSQL", "postgres_away_60": "60 s without PostgreSQL"}


def draw(entries: Mapping[str, Entry], folder: Path) -> dict[str, str]:
    """Writes them beside the page; file names by what they show."""
    windows = [
        Panel(title, {"admitted": series["admitted"]}, series["faults"], LIMIT)
        for name, title in _WINDOWS.items()
        if name in entries and (series := entries[name].finding.series)
    ]
    away = [
        Panel(f"{title}: {what}", {told: series[line] for told, line in lines.items()}, series["faults"])
        for name, title in _AWAY.items()
        if name in entries and (series := entries[name].finding.series)
        for what, lines in (
            ("requests for points", {"given": "points given", "refused": "points refused"}),
            ("answers of gsb serve", {"200": "answers 200", "503": "answers 503"}),
        )
    ]
    pictures = {
        _WINDOWS_TITLE: ("reliability-windows.svg", "units", windows),
        _AWAY_TITLE: ("reliability-postgres.svg", "per second", away),
    }
    drawn = {title: picture for title, picture in pictures.items() if picture[2]}
    for title, (file, y_name, panels) in drawn.items():
        (folder / file).write_text(plot(title, y_name, panels), encoding="utf-8")
    return {title: file for title, (file, _, _) in drawn.items()}
