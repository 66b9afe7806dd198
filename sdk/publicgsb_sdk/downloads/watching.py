"""How far a download is, told to whoever gave a callback, or as one line on stderr."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal, TypeAlias

from publicgsb_sdk.downloads.job import Progress
from publicgsb_sdk.publishing import progress

Watched: TypeAlias = Progress | Literal[True] | None


@contextmanager
def watched(given: Watched, locale: str) -> Generator[Progress | None]:
    """What is told of each piece; a line of ours is left whole at the end."""
    if given is not True:
        yield given
        return
    with progress.watched(True, locale) as stages:
        yield lambda done, total: stages("downloading", done, total)
