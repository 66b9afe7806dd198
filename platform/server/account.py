"""The caller's own account for the static schema: quotas answers."""

from collections.abc import Sequence

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.database import Connections
from publicgsb.quotas.metering.store import UsageSum
from publicgsb.quotas.metering.usage import UsageQuestion, usage_of_caller
from publicgsb.quotas.model import Standing
from publicgsb.quotas.purse import Purses


class OwnAccount:
    """Implements schema.types.ports.Account."""

    def __init__(self, purses: Purses, connections: Connections) -> None:
        self._purses = purses
        self._connections = connections

    async def quota(self, caller: Caller) -> Sequence[Standing]:
        return await self._purses.standing(caller.account, caller.plan, caller.key_id)

    async def usage(self, caller: Caller, question: UsageQuestion) -> Sequence[UsageSum]:
        return await usage_of_caller(self._connections, caller, question)
