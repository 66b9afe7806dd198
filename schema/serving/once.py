"""The caller's account as one request sees it: read once, however often its document asks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from publicgsb.platform.kernel.caller import Caller
from publicgsb.quotas.model import Standing
from publicgsb.quotas.store import Usage
from publicgsb.schema.types.ports import Account


class OnceAccount:
    """An Account; one per request, since fifty aliases of `usage` would be fifty statements for nothing."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._reads: dict[str, asyncio.Future[Any]] = {}

    async def quota(self, caller: Caller) -> Sequence[Standing]:
        found: Sequence[Standing] = await self._once("quota", self._account.quota, caller)
        return found

    async def usage(self, caller: Caller) -> Sequence[Usage]:
        found: Sequence[Usage] = await self._once("usage", self._account.usage, caller)
        return found

    def _once(self, name: str, read: Callable[[Caller], Awaitable[Any]], caller: Caller) -> "asyncio.Future[Any]":
        if name not in self._reads:
            self._reads[name] = asyncio.ensure_future(read(caller))
        return self._reads[name]
