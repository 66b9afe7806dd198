"""However often a document asks for the caller's account, it is read once."""

import asyncio
from collections.abc import Sequence
from datetime import date

import pytest

from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import InvalidRequest, Unavailable
from publicgsb.quotas.metering.store import UsageSum
from publicgsb.quotas.metering.usage import UsageBy, UsageQuestion
from publicgsb.quotas.model import Standing
from publicgsb.schema.serving.once import QUESTIONS_MAX, OnceAccount

CALLER = Caller("k", KeyKind.LIVE, 1, 1, "open")


class Ledger:
    """Counts how often it is read; its quota cannot be."""

    def __init__(self) -> None:
        self.reads = 0

    async def quota(self, _: Caller) -> Sequence[Standing]:
        self.reads += 1
        raise Unavailable("The database does not answer.")

    async def usage(self, _: Caller, __: UsageQuestion) -> Sequence[UsageSum]:
        self.reads += 1
        await asyncio.sleep(0)
        return []


async def test_fifty_aliases_of_one_field_are_one_read() -> None:
    ledger = Ledger()
    account = OnceAccount(ledger)
    assert await asyncio.gather(*(account.usage(CALLER, _asked(1)) for _ in range(50))) == [[]] * 50
    assert ledger.reads == 1


async def test_a_request_may_ask_only_so_many_different_questions_of_its_usage() -> None:
    """Whether it asks for its quota as well or not."""
    for asks_quota in (False, True):
        account = OnceAccount(Ledger())
        if asks_quota:
            with pytest.raises(Unavailable):
                await account.quota(CALLER)
        for day in range(QUESTIONS_MAX):
            await account.usage(CALLER, _asked(1 + day))
        await account.usage(CALLER, _asked(1))
        with pytest.raises(InvalidRequest):
            await account.usage(CALLER, _asked(20))


def _asked(day: int) -> UsageQuestion:
    return UsageQuestion(date(2026, 11, day), date(2026, 11, 30), frozenset({UsageBy.DATASET}))


async def test_a_read_that_fails_fails_for_each_that_asked() -> None:
    ledger = Ledger()
    account = OnceAccount(ledger)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await account.quota(CALLER)
    assert ledger.reads == 1
