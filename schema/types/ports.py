"""What the static schema asks of the caller's account; platform.server brings quotas in."""

from collections.abc import Sequence
from typing import Protocol

from publicgsb.platform.kernel.caller import Caller
from publicgsb.quotas.metering.store import UsageSum
from publicgsb.quotas.metering.usage import UsageQuestion
from publicgsb.quotas.model import Standing


class Account(Protocol):
    async def quota(self, caller: Caller) -> Sequence[Standing]:
        """Every policy of the caller's plan with what is left of it."""
        ...

    async def usage(self, caller: Caller, question: UsageQuestion) -> Sequence[UsageSum]:
        """What the applications of the caller's organisation used, exactly."""
        ...
