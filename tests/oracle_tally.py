"""What the oracle compared in a test run, told at its end: how many operations ended in which way, by which seed."""

from collections import Counter
from typing import Any

import pytest

TALLY: Counter[str] = Counter()  # of this process: the ends of operations, by name
SEEDS: set[int] = set()


def count(ends: Counter[str], seed: int) -> None:
    TALLY.update(ends)
    SEEDS.add(seed)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["oracle"] = dict(TALLY)
        output["oracle_seeds"] = sorted(SEEDS)


class _Summary:
    """In the process that reports: the sum over the processes that tested."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        output = getattr(node, "workeroutput", {})
        TALLY.update(output.get("oracle", {}))
        SEEDS.update(output.get("oracle_seeds", ()))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if TALLY:
            ends = ", ".join(f"{number:,} {end}" for end, number in TALLY.most_common())
            seeds = ", ".join(map(str, sorted(SEEDS)))
            terminalreporter.write_line(f"Oracle, GSB_ORACLE_SEED={seeds}: {ends}; of those compared none differs.")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Summary())
