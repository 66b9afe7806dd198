"""The same small service, asked by tasks."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from tests.sdk.conftest import KEY, URL

from publicgsb_sdk import AsyncClient


@pytest.fixture
async def async_client(service: Any) -> AsyncIterator[AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(service)) as http:
        yield AsyncClient(KEY, URL, http_client=http, max_retries=0)
