"""`python -m tests.chaos [--short] [--list] [NAME …]`: plays scenarios one by one and writes what they found.

The long form is kept in docs/reliability.json, where the results of scenarios that are not played stay, and
docs/reliability.md is written from it. The short form shows that everything runs; its page is build/reliability.md.
Either way build/chaos.json has the results of this run. The exit code is 1 when something that must hold did not.
"""

import argparse
import asyncio
import json
import time

from tests.chaos.catalogue import SCENARIOS, Scenario
from tests.chaos.ground import ROOT, Ground, ground
from tests.chaos.pictures import draw
from tests.chaos.report import book
from tests.chaos.report.finding import Finding, broken
from tests.chaos.report.page import page

BUILD = ROOT / "build"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="everything much smaller, as in make prove")
    parser.add_argument("--list", action="store_true", help="the scenarios, and about how long each takes")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of scenarios; all by default")
    asked = parser.parse_args()
    unknown = set(asked.names) - {one.name for one in SCENARIOS}
    if unknown:
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}; --list names them")
    wanted = [one for one in SCENARIOS if not asked.names or one.name in asked.names]
    if asked.list:
        _list(wanted)
        return
    played = _play(wanted, is_short=asked.short)
    _write(played, is_short=asked.short)
    raise SystemExit(not all(entry.finding.is_met for entry in played.values()))


def _list(scenarios: list[Scenario]) -> None:
    for one in scenarios:
        print(f"{one.name:<24} row {one.row:>2}   about {one.seconds:>4} s")
    print(f"{len(scenarios)} scenarios, about {sum(one.seconds for one in scenarios) / 60:.0f} minutes")


def _play(scenarios: list[Scenario], *, is_short: bool) -> dict[str, book.Entry]:
    played: dict[str, book.Entry] = {}
    with ground(is_short=is_short) as here:
        for number, one in enumerate(scenarios, 1):
            expected = "" if is_short else f", about {one.seconds} s"
            print(f"{number}/{len(scenarios)} {one.name}{expected}", flush=True)
            began = time.monotonic()
            entry = book.entry_of(asyncio.run(_find(one, here)), time.monotonic() - began)
            played[one.name] = entry
            for claim in entry.finding.claims:
                print(f"    {'met   ' if claim.is_met else 'MISSED'} {claim.says}: {claim.found}")
            for figure in entry.finding.figures:
                print(f"           {figure}")
            print(f"           took {entry.took_seconds} s", flush=True)
            _keep(played)
    return played


async def _find(one: Scenario, here: Ground) -> Finding:
    """What breaks a scenario is a finding too, and the next one is played."""
    try:
        return await one.play(here)
    except Exception as error:
        return broken(f"`{one.name}` broke off", f"{type(error).__name__}: {error}"[:300])


def _keep(played: dict[str, book.Entry]) -> None:
    BUILD.mkdir(exist_ok=True)
    text = json.dumps({name: entry.as_json() for name, entry in played.items()}, ensure_ascii=False, indent=1)
    (BUILD / "chaos.json").write_text(text + "\n", encoding="utf-8")


def _write(played: dict[str, book.Entry], *, is_short: bool) -> None:
    folder = BUILD if is_short else ROOT / "docs"
    known = {} if is_short else book.read(folder / "reliability.json")
    entries = {one.name: entry for one in SCENARIOS if (entry := played.get(one.name) or known.get(one.name))}
    if not is_short:
        book.write(folder / "reliability.json", entries)
    target = folder / "reliability.md"
    target.write_text(page(SCENARIOS, entries, draw(entries, folder)), encoding="utf-8")
    print(f"{target.relative_to(ROOT)} is written")


if __name__ == "__main__":
    main()
