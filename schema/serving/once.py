"""The caller's account as one request sees it: read once, however often its document asks."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.quotas.metering.store import UsageSum
from publicgsb.quotas.metering.usage import UsageQuestion
from publicgsb.quotas.model import Standing
from publicgsb.schema.types.ports import Account

QUESTIONS_MAX = 4


class OnceAccount:
    """An Account; one per request, since fifty aliases of `usage` would be fifty statements for nothing."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._reads: dict[Hashable, asyncio.Future[Any]] = {}

    async def quota(self, caller: Caller) -> Sequence[Standing]:
        found: Sequence[Standing] = await self._once("quota", lambda: self._account.quota(caller))
        return found

    async def usage(self, caller: Caller, question: UsageQuestion) -> Sequence[UsageSum]:
        if question not in self._reads and len(self._reads) > QUESTIONS_MAX:
            raise InvalidRequest(
                f"One request may ask {QUESTIONS_MAX} different questions about usage.", hint="Ask by more at once."
            )
        found: Sequence[UsageSum] = await self._once(question, lambda: self._account.usage(caller, question))
        return found

    def _once(self, name: Hashable, read: Callable[[], Awaitable[Any]]) -> "asyncio.Future[Any]":
        if name not in self._reads:
            self._reads[name] = asyncio.ensure_future(read())
        return self._reads[name]
