"""The caller's account as one request sees it: read once, however often its document asks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.quotas.metering.store import UsageSum
from publicgsb.quotas.metering.usage import UsageQuestion
from publicgsb.quotas.model import Standing
from publicgsb.schema.types.ports import Account

QUESTIONS_MAX = 4

K = TypeVar("K")
T = TypeVar("T")


class OnceAccount:
    """An Account; one per request, since fifty aliases of `usage` would be fifty statements for nothing."""

    def __init__(self, account: Account, look: Callable[[], None] | None = None) -> None:
        """`look` is called before each question that was not asked yet."""
        self._account = account
        self._look = look
        self._quota: dict[None, asyncio.Future[Sequence[Standing]]] = {}
        self._usage: dict[UsageQuestion, asyncio.Future[Sequence[UsageSum]]] = {}

    async def quota(self, caller: Caller) -> Sequence[Standing]:
        if self._look is not None and not self._quota:
            self._look()
        return await _once(self._quota, None, lambda: self._account.quota(caller))

    async def usage(self, caller: Caller, question: UsageQuestion) -> Sequence[UsageSum]:
        if question not in self._usage and len(self._usage) >= QUESTIONS_MAX:
            raise InvalidRequest(
                f"One request may ask {QUESTIONS_MAX} different questions about usage.",
                reason="limits",
                hint="Ask by more at once.",
            )
        if self._look is not None and question not in self._usage:
            self._look()
        return await _once(self._usage, question, lambda: self._account.usage(caller, question))


def _once(reads: dict[K, asyncio.Future[T]], name: K, read: Callable[[], Awaitable[T]]) -> asyncio.Future[T]:
    if name not in reads:
        reads[name] = asyncio.ensure_future(read())
    return reads[name]
