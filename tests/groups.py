"""Files whose tests run in one process, one after the other: they share what is dear to start, or want the machine."""

from typing import Any

import pytest
from xdist.scheduler import LoadGroupScheduling

# Here and not by marks: with pytest 9.2 the group that xdist 3.8 writes into the id of a test does not arrive.
_GROUPS = {
    "tests/journeys/test_compat.py": "demo",
    "tests/journeys/test_demo.py": "demo",
    "tests/journeys/test_airport_board.py": "demo",
    "tests/journeys/test_nightly_sync.py": "demo",
    "tests/journeys/test_notebook.py": "demo",
    "tests/journeys/test_quickstart.py": "demo",
    "tests/journeys/test_pgsb_page.py": "demo",
    "tests/journeys/test_releasing_shown.py": "demo",
    "tests/datasets/privacy/test_demo.py": "demo",
    "tests/chaos/test_hit.py": "chaos",
    "tests/chaos/test_ledger.py": "chaos",
    "tests/chaos/test_postgres.py": "chaos",
    "tests/chaos/test_releasing.py": "chaos",
    "tests/chaos/test_windows.py": "chaos",
    "tests/journeys/test_replica.py": "replica",
}


class GroupedByFile(LoadGroupScheduling):  # type: ignore[misc]  # xdist says nothing of its types
    def _split_scope(self, nodeid: str) -> str:
        return _GROUPS.get(nodeid.partition("::")[0], nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupedByFile:
    return GroupedByFile(config, log)
