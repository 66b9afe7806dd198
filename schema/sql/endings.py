"""What every answer that touches a dataset on its way out says (RFC 9745, RFC 8594), whatever it asks of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from email.utils import format_datetime

from publicgsb.datasets.registry import DatasetEntry


def ending_headers(entries: Iterable[DatasetEntry]) -> tuple[tuple[bytes, bytes], ...]:
    """None for what stays. Of several that go, the earliest moments, and each one's successor."""
    found = {entry.name: entry.deprecation for entry in entries if entry.deprecation is not None}
    if not found:
        return ()
    since = min(one.at for one in found.values())
    last_day = min(one.sunset_on for one in found.values())
    links = [
        f'</api/v1/agencies/{agency}/datasets/{dataset}>; rel="successor-version"'
        for agency, _, dataset in (one.successor.partition("/") for one in found.values() if one.successor)
    ]
    headers = (
        (b"deprecation", b"@%d" % since.timestamp()),
        (b"sunset", format_datetime(datetime.combine(last_day, time(23, 59, 59), UTC), usegmt=True).encode()),
    )
    return (*headers, (b"link", ", ".join(sorted(set(links))).encode())) if links else headers
