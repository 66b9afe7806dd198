"""The contracts of the small world, and a mock of it."""

from typing import Any

import pytest
from tests.schema import worlds

from publicgsb.datasets.contracts.yaml import read_text
from publicgsb_sdk.testing import MockService


def documents() -> list[dict[str, Any]]:
    """As agencies wrote them."""
    return [read_text(one) for one in (worlds.COUNTRIES, worlds.AIRPORTS, worlds.FLIGHTS)]


@pytest.fixture
def service() -> MockService:
    return MockService(documents(), records=30)
