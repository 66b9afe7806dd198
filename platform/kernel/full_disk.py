"""A disk without room, ours or the database's: said as such, and not as a server that is away."""

import errno

import asyncpg

from publicgsb.platform.kernel.errors import Unavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
RETRY_SECONDS = 60
REASON = "disk_full"


def is_full(error: BaseException) -> bool:
    """Also of the size that a process or a user may write."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, asyncpg.DiskFullError)


def no_room(error: BaseException) -> Unavailable:
    """What to raise from it; which disk is the operator's to know, so the hint names both."""
    disk = "The disk of the database" if isinstance(error, asyncpg.DiskFullError) else "The disk"
    return Unavailable(
        f"{disk} has no room for this; nothing was changed.",
        hint="Send it again later. The operator makes room in GSB_STATE_DIR or where PostgreSQL keeps its data.",
        reason=REASON,
        retry_after_seconds=RETRY_SECONDS,
    )
