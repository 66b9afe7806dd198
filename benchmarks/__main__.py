"""`python -m benchmarks` measures everything and writes docs/benchmarks.md; `python -m benchmarks peers deep` measures
these parts again and writes the page from what is known by then. `--quick` only shows that everything runs: its page
stays in the state folder. Parts: {parts}.

The data are the demo's, fetched once into the state folder (.gsb, or GSB_STATE_DIR).
"""

import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import uvloop

from benchmarks import (
    attacks,
    deep,
    filing,
    gating,
    guarding,
    microseconds,
    overload,
    peering,
    pricing,
    queries,
    replica,
    report,
    scale,
    validating,
    workers,
)
from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.load import find_wrk
from benchmarks.machine import facts
from benchmarks.place import FLIGHTS, LOOKUPS, Place, place
from benchmarks.results import Result, Run
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.server.demo.sources import Say
from publicgsb.platform.server.settings import load_settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"

Measure: TypeAlias = Callable[[Place, Effort, Say], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Part:
    """What one word of the command line measures."""

    name: str
    measure: Measure
    datasets: frozenset[tuple[str, str]]  # of the demo; without any it makes its own

    @property
    def database(self) -> object:
        """Parts that only read the same datasets of the demo share a database."""
        return self.datasets or self.name


_NONE: frozenset[tuple[str, str]] = frozenset()
PARTS: tuple[Part, ...] = (
    Part("queries", queries.measure, LOOKUPS),
    Part("peers", peering.measure, LOOKUPS),
    Part("profile", microseconds.measure, LOOKUPS),
    Part("workers", workers.measure, LOOKUPS),
    Part("overload", overload.measure, LOOKUPS),
    Part("files", filing.measure, LOOKUPS | FLIGHTS),
    Part("validating", validating.measure, LOOKUPS | FLIGHTS),
    Part("prices", pricing.measure, LOOKUPS | FLIGHTS),
    Part("scale", scale.measure, _NONE),
    Part("deep", deep.measure, _NONE),
    Part("attacks", attacks.measure, _NONE),
    Part("replica", replica.measure, _NONE),
    Part("guarding", guarding.measure, _NONE),
    Part("gate", gating.measure, _NONE),
)


async def measure(parts: Sequence[Part], effort: Effort) -> None:
    began = time.monotonic()
    settings = load_settings()
    run = Run(settings.state_dir / ("bench-quick" if effort.is_quick else "bench"))
    if len(parts) == len(PARTS):
        run.forget()
    about: dict[str, str] = {}
    for database in dict.fromkeys(part.database for part in parts):
        sharing = [part for part in parts if part.database == database]
        async with place(settings, sharing[0].datasets, _say) as here:
            about = dict(await facts(here.connections, find_wrk()))
            for part in sharing:
                _say(f"— {part.name}")
                since = time.monotonic()
                run.keep(part.name, await part.measure(here, effort, _say))
                _say(f"  {time.monotonic() - since:.0f} s")
    results = run.results()
    target = settings.state_dir / "bench-quick" / "benchmarks.md" if effort.is_quick else PAGE
    target.write_text(report.page(about, results, tuple(part.name for part in PARTS)), encoding="utf-8")
    _say("")
    for line in report.verdicts(results):
        _say(line)
    _say(f"\n{target} is written; it took {time.monotonic() - began:.0f} s.")


def main(arguments: list[str]) -> None:
    names = [one for one in arguments if one != "--quick"]
    unknown = set(names) - {part.name for part in PARTS}
    if unknown:
        raise SystemExit((__doc__ or "").format(parts=", ".join(part.name for part in PARTS)))
    parts = [part for part in PARTS if not names or part.name in names]
    try:
        uvloop.run(measure(parts, QUICK if "--quick" in arguments else FULL))
    except GsbError as error:
        raise SystemExit(f"{error.message} {error.hint or ''}") from error


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
