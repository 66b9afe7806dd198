"""Files are metered in bytes and become usage facts like any answer, also those that nobody's key asked for."""

from publicgsb.datasets.registry import DatasetEntry, ReleaseRef
from publicgsb.platform.kernel.caller import Caller
from publicgsb.quotas.facts import Facts

FILE_OPERATION = "file"  # where an answer has the hash of its operation


class DownloadMeter:
    """Called once per download with what was handed out, also to a client that left halfway."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def __call__(self, caller: Caller | None, entry: DatasetEntry, release: ReleaseRef, bytes_sent: int) -> None:
        self._facts.record_answer(
            caller.application_id if caller else 0,
            caller.key_id if caller else "",
            FILE_OPERATION,
            ((entry.id, release.id),),
            points=0,
            bytes=bytes_sent,
            errors=0,
            ms=0,
        )
