"""However often a document asks for the caller's account, it is read once."""

import asyncio
from collections.abc import Sequence

import pytest

from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import Unavailable
from publicgsb.quotas.model import Standing
from publicgsb.quotas.store import Usage
from publicgsb.schema.serving.once import OnceAccount

CALLER = Caller("k", KeyKind.LIVE, 1, 1, "open")


class Ledger:
    """Counts how often it is read; its quota cannot be."""

    def __init__(self) -> None:
        self.reads = 0

    async def quota(self, _: Caller) -> Sequence[Standing]:
        self.reads += 1
        raise Unavailable("The database does not answer.")

    async def usage(self, _: Caller) -> Sequence[Usage]:
        self.reads += 1
        await asyncio.sleep(0)
        return []


async def test_fifty_aliases_of_one_field_are_one_read() -> None:
    ledger = Ledger()
    account = OnceAccount(ledger)
    assert await asyncio.gather(*(account.usage(CALLER) for _ in range(50))) == [[]] * 50
    assert ledger.reads == 1


async def test_a_read_that_fails_fails_for_each_that_asked() -> None:
    ledger = Ledger()
    account = OnceAccount(ledger)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await account.quota(CALLER)
    assert ledger.reads == 1
