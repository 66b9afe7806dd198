"""The right to release one dataset: one holder at a time, and free as soon as it has ended."""

from typing import Any, cast

import pytest
from tests.datasets.conftest import Declare, Documents

from publicgsb.datasets.releases.session import releasing
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict


class Unseen:
    """A session whose end the server has not seen yet."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def terminate(self) -> None:
        pass


class SlowToSee:
    """Connections to a server that takes its time."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        self.opened: list[Unseen] = []

    async def connect(self) -> Unseen:
        self.opened.append(Unseen(await self.connections.connect()))
        return self.opened[-1]


async def test_whoever_releases_next_need_not_wait_until_the_server_sees_the_last_one_gone(
    connections: Connections, declare: Declare, country: Documents
) -> None:
    await declare(country())
    slow = SlowToSee(connections)
    for _ in range(2):
        async with releasing(cast(Connections, slow), "standards", "countries"):
            pass
    for one in slow.opened:
        one.connection.terminate()
    assert len(slow.opened) == 2


async def test_nor_when_the_last_one_was_refused(
    connections: Connections, declare: Declare, country: Documents
) -> None:
    await declare(country())
    slow = SlowToSee(connections)
    for _ in range(2):
        with pytest.raises(Conflict, match="nothing to build on"):
            async with releasing(cast(Connections, slow), "standards", "countries"):
                raise Conflict("There is nothing to build on.")
    for one in slow.opened:
        one.connection.terminate()


async def test_while_one_releases_another_is_told_so(
    connections: Connections, declare: Declare, country: Documents
) -> None:
    await declare(country())
    async with releasing(connections, "standards", "countries"):
        with pytest.raises(Conflict, match="being released by another process"):
            async with releasing(connections, "standards", "countries"):
                pass
