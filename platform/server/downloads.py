"""Files are metered in bytes and become usage facts like any answer, also those that nobody's key asked for.

Bytes are set aside before they are sent, so a day's bytes are never exceeded. A made file's are set aside whole, or as
many of them as are asked for. How long a streamed one is shows when it was sent: the first download of a release in a
worker sets its bytes aside as they come, and is cut off where the day's end; each later one is refused before it
begins, unless all of it fits.
"""

import asyncio
import logging
from collections import OrderedDict

from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.quotas.bytes_lease import BytesLease
from publicgsb.quotas.facts import Facts
from publicgsb.quotas.purse import Purses

FILE_OPERATION = "file"  # where an answer has the hash of its operation
SIZES_MAX = 10_000  # files whose length is remembered

log = logging.getLogger(__name__)


class DownloadMeter:
    """Implements datasets.downloading.Meter."""

    def __init__(self, facts: Facts, purses: Purses) -> None:
        self._facts = facts
        self._purses = purses
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._settling: set[asyncio.Task[None]] = set()

    async def begin(
        self, caller: Caller | None, entry: DatasetEntry, release: ReleaseRef, name: str, size: int | None = None
    ) -> "MeteredDownload":
        lease = None
        if caller is not None:
            known = self._sizes.get(name, 1) if size is None else size
            lease = await self._purses.take_bytes(caller.account, caller.plan, known)
        return MeteredDownload(self, caller, (entry.id, release.id), name if size is None else None, lease)

    async def close(self) -> None:
        """Until what is under way is settled."""
        await asyncio.gather(*self._settling, return_exceptions=True)

    def note(self, caller: Caller | None, touched: tuple[int, int], total: int, *, is_whole: bool) -> None:
        self._facts.record_answer(
            caller.account[1] if caller else 0,
            caller.key_id if caller else "",
            FILE_OPERATION,
            (touched,),
            points=0,
            bytes=total,
            errors=0 if is_whole else 1,
            ms=0,
        )

    def remember(self, name: str, size: int) -> None:
        self._sizes[name] = size
        if len(self._sizes) > SIZES_MAX:
            self._sizes.popitem(last=False)

    def settle(self, lease: BytesLease, total: int) -> None:
        """In a task of its own: a client that left has cancelled everything of its request."""
        settling = asyncio.create_task(_settle(lease, total))
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)


class MeteredDownload:
    """Implements datasets.downloading.Download."""

    def __init__(
        self,
        meter: DownloadMeter,
        caller: Caller | None,
        touched: tuple[int, int],
        name: str | None,
        lease: BytesLease | None,
    ) -> None:
        self._meter = meter
        self._caller = caller
        self._touched = touched
        self._name = name
        self._lease = lease

    async def reach(self, total: int) -> None:
        if self._lease is not None:
            await self._lease.reach(total)

    def end(self, total: int, *, is_whole: bool) -> None:
        self._meter.note(self._caller, self._touched, total, is_whole=is_whole)
        if is_whole and self._name is not None:
            self._meter.remember(self._name, total)
        if self._lease is not None:
            self._meter.settle(self._lease, total)


async def _settle(lease: BytesLease, total: int) -> None:
    try:
        await lease.settle(total)
    except GsbError as away:
        log.warning("bytes of a download count as used, nobody could be told otherwise: %s", away.message)
