"""`python -m tests.chaos [--short] [--out FILE] [NAME …]`: plays scenarios one by one, prints and keeps them."""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.settings import load_settings
from tests.chaos import windows
from tests.chaos.scale import CROWD_LONG, CROWD_SHORT, LONG, SHORT, Scale
from tests.chaos.stage import ROOT, Stage
from tests.conftest import migrated_template, own_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="the form of make prove")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "chaos.json")
    parser.add_argument("names", nargs="*", help="of scenarios, e.g. flushall; all by default")
    asked = parser.parse_args()
    scale, crowd = (SHORT, CROWD_SHORT) if asked.short else (LONG, CROWD_LONG)
    plays: list[tuple[windows.Play, Scale]] = [(windows.nothing_wrong, crowd)]
    plays += [(fault, scale) for fault in windows.FAULTS]
    outcomes = []
    with Engines(load_settings(state_dir=ROOT / ".gsb" / "tests"), is_temporary=True) as engines:
        template = migrated_template(engines.database_url)
        for play, its_scale in plays:
            if asked.names and play.__name__ not in asked.names:
                continue
            with (
                own_database(engines.database_url, template) as database_url,
                tempfile.TemporaryDirectory(prefix="gsb") as folder,
            ):
                outcome = asyncio.run(play(Stage(database_url, Path(folder)), its_scale))
            print(json.dumps(outcome.as_json()), flush=True)
            outcomes.append(outcome.as_json())
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(outcomes, indent=2) + "\n")


if __name__ == "__main__":
    main()
