"""The API key, read from its file before each call, so that a new secret needs no restart."""

import logging
from contextlib import suppress
from pathlib import Path

from publicgsb_sdk import AsyncClient, GsbError

log = logging.getLogger("airport_board")


class KeyFile:
    """Call it for the key of now. While the file is away or empty, as in a change, the last one counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = path.read_text("utf-8").strip()
        self._seen: set[str] = set()

    def __call__(self) -> str:
        try:
            self._key = self._path.read_text("utf-8").strip() or self._key
        except OSError as error:
            log.warning("The key is not read anew: %s.", error)
        return self._key

    async def look_at(self, gsb: AsyncClient) -> None:
        """Warns, once, when the key that the last answer was given to has been replaced, and until when it works."""
        ends = _ends(gsb)
        if ends is None or ends in self._seen:
            return
        self._seen.add(ends)
        with suppress(GsbError):
            await gsb.whoami()  # an answer with data may as well tell of a dataset on its way out, this one of the key
            if until := _ends(gsb):
                log.warning("The key in %s was replaced and works until %s: put the new one there.", self._path, until)


def _ends(gsb: AsyncClient) -> str | None:
    response = gsb.last_response
    return response.headers.get("sunset") if response and "deprecation" in response.headers else None
