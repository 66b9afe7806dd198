"""What the oracle compared in a test run, told at its end: how many operations ended in which way, by which seed."""

from collections import Counter
from typing import Any

import pytest

TALLY: dict[str, Counter[str]] = {}  # of this process: the ends of operations, by name, for each generator
SEEDS: set[int] = set()


def count(generator: str, ends: Counter[str], seed: int) -> None:
    TALLY.setdefault(generator, Counter()).update(ends)
    SEEDS.add(seed)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["oracle"] = {generator: dict(ends) for generator, ends in TALLY.items()}
        output["oracle_seeds"] = sorted(SEEDS)


class _Summary:
    """In the process that reports: the sum over the processes that tested."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        output = getattr(node, "workeroutput", {})
        for generator, ends in output.get("oracle", {}).items():
            TALLY.setdefault(generator, Counter()).update(ends)
        SEEDS.update(output.get("oracle_seeds", ()))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        seeds = ", ".join(map(str, sorted(SEEDS)))
        for generator, ends in TALLY.items():
            told = ", ".join(f"{number:,} {end}" for end, number in ends.most_common())
            terminalreporter.write_line(f"Oracle, GSB_ORACLE_SEED={seeds}, operations {generator}: {told}.")
        if TALLY:
            terminalreporter.write_line("Oracle: of those compared none differs.")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Summary())
