"""How many prepared statements a connection keeps: by the length of their texts, not by their number alone.

PostgreSQL keeps about 140 bytes in the connection's own process for each byte of text (measured: 0.14 MB for a usual
statement of 1 KB, 4.7 MB for one of 36 KB), so 256 large ones were 1.2 GB on each connection.
"""

from collections import OrderedDict
from typing import Any

from asyncpg.connection import _StatementCache  # type: ignore[attr-defined]

TEXT_BYTES_MAX = 512 * 1024  # of all statements that a connection keeps: about 70 MB in PostgreSQL


class _ByText(_StatementCache):  # type: ignore[misc]
    """asyncpg's own, and those used last within the length; the newest always stays."""

    __slots__ = ()

    def _maybe_cleanup(self) -> None:
        super()._maybe_cleanup()
        entries: OrderedDict[tuple[str, Any, bool], Any] = self._entries
        length = sum(len(text) for text, _, _ in entries)
        while length > TEXT_BYTES_MAX and len(entries) > 1:
            (text, _, _), entry = entries.popitem(last=False)
            length -= len(text)
            self._clear_entry_callback(entry)
            self._on_remove(entry._statement)


def keep_by_text(connection: Any) -> None:
    """For a connection that was just made. asyncpg is pinned to a minor version for it, and a test asks PostgreSQL."""
    made = connection._stmt_cache
    connection._stmt_cache = _ByText(
        loop=made._loop, max_size=made._max_size, on_remove=made._on_remove, max_lifetime=made._max_lifetime
    )
