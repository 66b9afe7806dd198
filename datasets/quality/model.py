"""The words of quality: what a release counts of itself, and what of that is told. Values only, and nothing of rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one release, exactly and once: its table is never altered.

    `filled` says by column how many rows have a value. `cells_read` are those of the file that was handed in (of a file
    of changes, its own), `put_right` the ones whose digits, letters or lost zeros had to be restored.
    """

    filled: Mapping[str, int]
    cells_read: int
    put_right: int

    def as_json(self) -> dict[str, Any]:
        return {"filled": dict(self.filled), "cellsRead": self.cells_read, "putRight": self.put_right}


def counted_of(document: Mapping[str, Any] | None) -> Counted | None:
    """The other way round; None for a release of which nothing was counted."""
    if document is None:
        return None
    return Counted(document["filled"], document["cellsRead"], document["putRight"])


@dataclass(frozen=True, slots=True)
class Answered:
    """Which status the addresses of a dataset had when they were last asked without a key; None: no answer."""

    release_id: int
    access: int | None
    files: Mapping[str, int | None]  # by name, one of each format
    asked_at: datetime
