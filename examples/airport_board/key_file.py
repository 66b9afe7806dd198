"""The API key, read from its file before each call, so that a new secret needs no restart."""

import logging
from pathlib import Path

from publicgsb_sdk import Response

log = logging.getLogger("airport_board")


class KeyFile:
    """Call it for the key of now. While the file is away or empty, as in a change, the last one counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = path.read_text("utf-8").strip()
        self._warned: str | None = None

    def __call__(self) -> str:
        try:
            self._key = self._path.read_text("utf-8").strip() or self._key
        except OSError as error:
            log.warning("The key is not read anew: %s.", error)
        return self._key

    def look_at(self, response: Response | None) -> None:
        """Warns, once, when an answer says that the key it was asked with was replaced, and until when it works."""
        if response is None or "deprecation" not in response.headers:
            return
        until = response.headers.get("sunset")
        if until != self._warned:
            self._warned = until
            log.warning("The key in %s was replaced and works until %s: put the new one there.", self._path, until)
