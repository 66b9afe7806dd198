"""The fixture `publicgsb` of pytest: a mock of Public GSB for each test that names it.

A module of its own, because pytest loads it at each start: the SDK, httpx2 and graphql-core are loaded by the first
test that takes the fixture, and by nobody else. A test holds that.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from publicgsb_sdk.testing import MockService

MARKER = "publicgsb(*contracts, **options): contracts and options of MockService for the fixture `publicgsb`"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("publicgsb_contracts", "Contracts for the fixture `publicgsb`: files and folders.", "paths", [])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def publicgsb(request: pytest.FixtureRequest) -> "MockService":
    """A `MockService` with the contracts of the marker `publicgsb`, else of pytest's setting `publicgsb_contracts`."""
    from publicgsb_sdk.testing import MockService, MockSetup  # noqa: PLC0415 - by whoever takes the fixture

    node: Any = request.node
    marker: pytest.Mark | None = node.get_closest_marker("publicgsb")
    contracts: list[Any] = [_found(one, request) for one in (marker.args if marker else ())]
    contracts = contracts or list(request.config.getini("publicgsb_contracts"))
    if not contracts:
        pytest.fail(
            "The fixture publicgsb has no contracts. Write `publicgsb_contracts = contracts` into pytest's settings, "
            'or `@pytest.mark.publicgsb("contracts/airports.yaml")` above the test.',
            pytrace=False,
        )
    options: dict[str, Any] = dict(marker.kwargs) if marker else {}
    try:
        return MockService(contracts, **options)
    except MockSetup as wrong:
        pytest.fail(str(wrong), pytrace=False)


def _found(contract: Any, request: pytest.FixtureRequest) -> Any:
    """A path is meant from where pytest's settings lie, as that of an ini option is."""
    return request.config.rootpath / contract if isinstance(contract, str | Path) else contract
