"""docs/reliability.md, written from the latest result of each scenario."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from tests.chaos.report.book import Entry
from tests.chaos.report.demands import DEMANDS, TABLES, Demand
from tests.chaos.report.finding import Finding

COMMAND = "python -m tests.chaos"


class Named(Protocol):
    """A scenario as far as the page goes: its name and the row that it speaks for."""

    @property
    def name(self) -> str: ...

    @property
    def row(self) -> int: ...


def page(scenarios: Sequence[Named], entries: Mapping[str, Entry], pictures: Mapping[str, str]) -> str:
    """`pictures`: file names by what they show. Every row of the table stands there, played or not."""
    machines = sorted({entry.machine for entry in entries.values()})
    return "\n".join(
        [
            _HEAD,
            *(line for title, demands in TABLES for line in _table(title, demands, scenarios, entries)),
            _verdict(scenarios, entries),
            "",
            *(f"Played on: {one}." for one in machines),
            "",
            _READING,
            *(f"![{what}]({file})\n" for what, file in pictures.items()),
            "## Each scenario",
            "",
            "| scenario | what was done | took | day |",
            "|---|---|---|---|",
            *(_scenario(one, entries) for one in scenarios),
            "",
            *_sections(scenarios, entries),
        ]
    )


def _table(
    title: str, demands: Iterable[Demand], scenarios: Sequence[Named], entries: Mapping[str, Entry]
) -> Iterator[str]:
    yield from (f"## {title}", "", *_COLUMNS)
    for demand in demands:
        yield _row(demand, [one for one in scenarios if one.row == demand.number], entries)
    yield ""


def _row(demand: Demand, scenarios: Sequence[Named], entries: Mapping[str, Entry]) -> str:
    measured = "<br>".join(_measured(one.name, entries.get(one.name)) for one in scenarios)
    days = ", ".join(sorted({entries[one.name].at for one in scenarios if one.name in entries})) or "–"
    again = f"`{COMMAND} {' '.join(one.name for one in scenarios)}`"
    verdict = _of_all([entries.get(one.name) for one in scenarios])
    return f"| {demand.number} | {demand.test} | {demand.must} | {measured} | {verdict} | {days} | {again} |"


def _measured(name: str, entry: Entry | None) -> str:
    if entry is None:
        return f"**{name}**: not played"
    return f"**{name}**: {'; '.join(_told(entry.finding))}"


def _told(finding: Finding) -> Iterator[str]:
    for claim in finding.claims:
        told = f"{claim.says}: {claim.found}".replace("|", "\\|").replace("\n", " ")
        yield told if claim.is_met else f"**{told} – MISSED**"
    yield from finding.figures
    if finding.seed is not None:
        yield f"seed {finding.seed}"


def _of_all(entries: Iterable[Entry | None]) -> str:
    findings = [None if entry is None else entry.finding for entry in entries]
    if any(one is not None and not one.is_met for one in findings):
        return "**MISSED**"
    if not findings or None in findings:
        return "not all played" if any(findings) else "not played"
    return "met"


def _verdict(scenarios: Sequence[Named], entries: Mapping[str, Entry]) -> str:
    verdicts = [_of_all([entries.get(one.name) for one in scenarios if one.row == demand.number]) for demand in DEMANDS]
    missed = [str(number) for number, verdict in enumerate(verdicts, 1) if verdict == "**MISSED**"]
    open_ = [str(number) for number, verdict in enumerate(verdicts, 1) if verdict.startswith("not")]
    told = [f"{verdicts.count('met')} of {len(DEMANDS)} rows are met."]
    told += [f"**Missed: {', '.join(missed)}.**"] if missed else []
    told += [f"Not (all) played: {', '.join(open_)}."] if open_ else []
    return " ".join(told)


def _scenario(one: Named, entries: Mapping[str, Entry]) -> str:
    entry = entries.get(one.name)
    if entry is None:
        return f"| `{one.name}` | not played | – | – |"
    return f"| `{one.name}` | {entry.finding.did} | {entry.took_seconds} s | {entry.at} |"


def _sections(scenarios: Sequence[Named], entries: Mapping[str, Entry]) -> Iterator[str]:
    for one in scenarios:
        if one.name in entries and entries[one.name].finding.section:
            yield entries[one.name].finding.section


_HEAD = """# Reliability

Written by `make chaos` from what it measured (`docs/reliability.json` keeps the latest result of each scenario). The
seeds are fixed and every scenario is bounded. Each row names the command that plays it again; the others keep theirs.
"""
_COLUMNS = (
    "| # | done to the system | must hold | measured | verdict | played on | again |",
    "|---|---|---|---|---|---|---|",
)

_READING = """## How to read it

- **Over-admission** is counted by brute force afterwards, over every single admission of every process: the units
  above the limit in the worst window of the stated length, wherever it begins, or above the limit of a month. It is a
  count, so on any machine it is 0 or there is a defect.
- **Success** is the share of the requests of an account that stays below its limits which were admitted, over the whole
  run with its faults. The account that asks for too much shares the workers, the stores and the fault with it.
- **Used** is what the exhausted account was given, in parts of what its window gives at most.
- **Hold** is the longest time that a request of the first account waited for its admission; **loop gap** the longest
  time in which a worker's event loop answered nobody. Both include waiting for a core when there are more processes
  than cores.
- **Lost** units are those that a killed process had set aside and not used. They are given to nobody, and listed per
  process.
- **Ledger** is what the accounts say was used, **facts** what was written down of single answers. They are counted
  apart from each other and from what the load itself was told.
- **Served from leases** is said of points: a worker without PostgreSQL goes on with what it had set aside, for 20 s at
  most, and then refuses. The service itself refuses earlier, after 2 s, because it then no longer knows whether a key
  was revoked. Both refuse by 503 with `Retry-After`.
- **Barrier** is the time from asking for a revocation to the answer that every worker has heard of it; **served late**
  counts answers with data to requests that were sent after that answer.
- **Welch's t** compares the times of two kinds of refusals; above 4.5 they would tell which key ids exist.
- **Orphans** are tables, objects, uploads and other files that nothing names once the sweeps of `gsb jobs` have run;
  **half-published** is a release without all of its rows, an entry of the registry or a job without its release.
- **Mixed** is an answer, or a walk by cursor, that holds records of two releases: every record says of which it is.
- **Store calls** are commands to Redis and statements to PostgreSQL that requests cause, counted at the client.

The databases run with `fsync` and `synchronous_commit` on, as in production. Times are of this machine and are asserted
nowhere; what is exact is asserted by the short forms of the same scenarios in `make prove`.
"""
