"""What every answer to a replaced key says: since when it is deprecated (RFC 9745) and when it ends (RFC 8594)."""

from datetime import datetime
from email.utils import format_datetime

from publicgsb.platform.kernel.headers import RawHeaders


def notice(replaced_at: datetime | None, retire_at: datetime | None, expires_at: datetime | None) -> RawHeaders:
    """Raw headers; none for a key that nobody replaced. A key ends at the earlier of its two ends."""
    if replaced_at is None or retire_at is None:
        return ()
    ends = min(retire_at, expires_at) if expires_at else retire_at
    return (
        (b"deprecation", b"@%d" % replaced_at.timestamp()),
        (b"sunset", format_datetime(ends, usegmt=True).encode()),
    )
