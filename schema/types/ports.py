"""What the static schema asks of the caller's account; platform.server brings quotas in."""

from collections.abc import Sequence
from typing import Protocol

from publicgsb.platform.kernel.caller import Caller
from publicgsb.quotas.model import Standing
from publicgsb.quotas.store import Usage


class Account(Protocol):
    async def quota(self, caller: Caller) -> Sequence[Standing]:
        """Every policy of the caller's plan with what is left of it."""
        ...

    async def usage(self, caller: Caller) -> Sequence[Usage]:
        """This month's usage of the caller's application, by dataset."""
        ...
