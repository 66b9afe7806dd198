"""The figures as a page: docs/benchmarks.md, and the same verdicts at the terminal."""

from collections.abc import Iterator, Mapping

from benchmarks.results import Result
from benchmarks.rows import HELD, ROWS


def page(facts: Mapping[str, str], results: Mapping[str, Result], parts: tuple[str, ...]) -> str:
    """Every row of the table, measured or not, and the sections of the parts that were."""
    values = _values(results)
    machine = dict(facts)
    for result in results.values():
        machine |= result.facts
    return "\n".join(
        [
            _HEAD,
            *(row.written(values) for row in ROWS),
            *(f"| {what} | held by tests | 0 | 0 | {tests} |" for what, tests in HELD),
            "",
            *(f"- {name}: {value}" for name, value in machine.items()),
            "",
            *(results[part].section for part in parts if part in results),
        ]
    )


def verdicts(results: Mapping[str, Result]) -> Iterator[str]:
    """A line for each figure that was measured."""
    values = _values(results)
    for row in ROWS:
        if row.key in values:
            value = values[row.key]
            verdict = row.bound.verdict(value).strip("*") if row.bound else ""
            yield f"{verdict:<13} {value:12,.{row.digits}f}{row.unit:<3} {row.what}"


def _values(results: Mapping[str, Result]) -> dict[str, float]:
    return {key: value for result in results.values() for key, value in result.values.items()}


_HEAD = """# Benchmarks

Written by `make bench`; run it to get the figures of your machine. Only the ratios travel from one machine to another:
both sides were measured in the same run, in turns, on the same PostgreSQL.

| what | figure | floor | goal | |
|---|---|---|---|---|"""
