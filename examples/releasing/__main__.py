"""Releasing, shown: the demo's own tables on their way out, what stops them, and what takes them back.

    make run                                 # in one terminal
    .venv/bin/python -m examples.releasing   # in another

An agency that is there for the show alone, two people with keys of their own, real tables, the real service. What it
says is printed as it happens; --json gives the facts of all scenes as one document. The agency's datasets are withdrawn
at the end (--keep leaves them), and nothing of the demo's own is changed, so it can be run again.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from examples.releasing.ground import Ground, open_ground
from examples.releasing.people import Surprise
from examples.releasing.scenes import breaking, files, planted, recalled, reviewed, zeros
from examples.releasing.telling import Teller

Facts = dict[str, Any]


def play(ground: Ground, *, all_tables: bool) -> Facts:
    """The facts of each scene, by its name."""
    tables = {**reviewed.TABLES, **(reviewed.REST if all_tables else {})}
    facts: Facts = {}
    scenes: tuple[tuple[str, str, Callable[[], Facts]], ...] = (
        ("reviewed", "The demo's tables: draft, review, published, certified", lambda: reviewed.show(ground, tables)),
        ("planted", "Personal data in a file: blocked, transformed, released", lambda: planted.show(ground)),
        ("zeros", "Codes that lost their zeros", lambda: zeros.show(ground)),
        ("breaking", "A contract that breaks what others use", lambda: breaking.show(ground)),
        ("recalled", "A recall, timed", lambda: recalled.show(ground)),
        (
            "files",
            "Signed files, read by other people's tools",
            lambda: files.show(ground, facts["zeros"]["padded"]["dataset"]),
        ),
    )
    for number, (name, title, show) in enumerate(scenes, 1):
        ground.tell.scene(number, len(scenes), title)
        began = time.monotonic()
        facts[name] = show()
        facts[name]["seconds"] = round(time.monotonic() - began, 1)
    return facts


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m examples.releasing", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true", help="the facts of all scenes as one JSON document")
    parser.add_argument("--all", action="store_true", help="every table of the demo in the first scene, not six")
    parser.add_argument("--keep", action="store_true", help="leave the show's agency and datasets to look around")
    parser.add_argument(
        "--state", type=Path, default=Path(os.environ.get("GSB_STATE_DIR", ".gsb")), help="folder of the running demo"
    )
    asked = parser.parse_args(arguments)
    tell = Teller(as_json=asked.json)
    try:
        with tempfile.TemporaryDirectory(prefix="gsb-show-") as folder:
            ground = open_ground(asked.state.resolve(), tell, Path(folder))
            tell.line(f"Agency {ground.agency} of {ground.url}: Parisa publishes, Reza reviews.")
            try:
                facts = {"agency": ground.agency, **play(ground, all_tables=asked.all)}
            finally:
                if not asked.keep:
                    ground.clear()
    except Surprise as surprise:
        tell.line("")
        print(f"The show stops here. {surprise}", file=sys.stderr)
        return 1
    tell.line("")
    tell.line(f"All withdrawn again: {len(ground.declared)} datasets." if not asked.keep else "All is left as it is.")
    tell.end(facts)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
