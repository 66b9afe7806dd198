"""`python -m benchmarks` measures all and writes docs/benchmarks.md; `… profile` shows where a look-up's time goes.

The data are the demo's, fetched once into the state folder (.gsb, or GSB_STATE_DIR).
"""

import sys
import time
from pathlib import Path

import uvloop

from benchmarks import files, queries, release, report
from benchmarks.load import find_wrk
from benchmarks.machine import facts
from benchmarks.microseconds import profile
from benchmarks.place import FLIGHTS, LOOKUPS, place
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.server.settings import load_settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


async def measure() -> None:
    wrk = find_wrk()
    began = time.monotonic()
    async with place(load_settings(), LOOKUPS | FLIGHTS, _say) as here:
        about = await facts(here.connections, wrk)
        compared = await queries.compare(here, wrk, _say)
        profiled = await profile(here)
        downloaded = await files.download(here)
        released = await release.release(here)
    PAGE.write_text(report.page(about, compared, downloaded, released, profiled), encoding="utf-8")
    _say("")
    for one in report.verdicts(compared, downloaded, released):
        _say(f"{one.bound.verdict(one.ratio).strip('*'):<13} {one.ratio:5.2f}×  {one.what}")
    _say(f"\ndocs/benchmarks.md is written; it took {time.monotonic() - began:.0f} s.")


async def show_profile() -> None:
    async with place(load_settings(), LOOKUPS, _say) as here:
        _say((await profile(here)).section)


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["profile"]):
        raise SystemExit(__doc__)
    try:
        uvloop.run(show_profile() if arguments else measure())
    except GsbError as error:
        raise SystemExit(f"{error.message} {error.hint or ''}") from error


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
