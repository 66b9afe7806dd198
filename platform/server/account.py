"""The caller's own account for the static schema: quotas answers, and the month is the calendar's, in UTC."""

from collections.abc import Sequence
from datetime import UTC, datetime

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.quotas.facts import usage_of_datasets
from publicgsb.quotas.model import Standing
from publicgsb.quotas.purse import Purses
from publicgsb.quotas.store import Usage


class OwnAccount:
    """Implements schema.types.ports.Account."""

    def __init__(self, purses: Purses, connections: Connections) -> None:
        self._purses = purses
        self._connections = connections

    async def quota(self, caller: Caller) -> Sequence[Standing]:
        return await self._purses.standing(caller.account, caller.plan)

    async def usage(self, caller: Caller) -> Sequence[Usage]:
        month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        async with self._connections.use() as connection:
            return await usage_of_datasets(connection, month, application_id=caller.application_id)
