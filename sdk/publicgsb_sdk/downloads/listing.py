"""The addresses of a release's files, asked for anew when they have expired."""

import threading
from collections.abc import Callable

from publicgsb_sdk.errors import ServerError
from publicgsb_sdk.manifest import FilePart, Manifest


class Listing:
    """Shared by the parts of one download: whoever finds an address expired renews it for all."""

    def __init__(self, first: Manifest, again: Callable[[], Manifest]) -> None:
        self._manifest = first
        self._again = again
        self._lock = threading.Lock()

    @property
    def is_signed(self) -> bool:
        """Whether the addresses need no key, and end."""
        return self._manifest.expires_at is not None

    def url(self, part: FilePart) -> str:
        """Where the part is now."""
        return self._same(part).url

    def renew(self, part: FilePart, expired: str) -> None:
        """Ask for addresses again, unless somebody has done so since."""
        with self._lock:
            if self.url(part) == expired:
                self._manifest = self._again()
                self._same(part)

    def _same(self, part: FilePart) -> FilePart:
        listed = (*self._manifest.parts, *([self._manifest.csv] if self._manifest.csv else []))
        for one in listed:
            if (one.name, one.sha256, one.bytes) == (part.name, part.sha256, part.bytes):
                return one
        raise ServerError(f"The service does not list {part.name} any more as it did before.")
