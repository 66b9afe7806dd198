"""What is known of a tool: who it is, what a user writes, and what has to come out."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from tests.compat.ground import Ground


class Kind(Enum):
    """The sections of the page, in its order."""

    ASKING = "Asking"
    GENERATING = "Generating code"
    READING = "Reading files"
    FETCHING = "Fetching files"
    AROUND = "Around the data"


@dataclass(frozen=True, slots=True)
class Tool:
    """One row of the page, and one check.

    `snippet` is what the page shows and what `check` runs; `check` raises when anything is not as it must be.
    """

    name: str
    kind: Kind
    version: Callable[[Ground], str]
    language: str
    snippet: str
    checked: str
    check: Callable[[Ground, str], None]
    advice: str = ""

    @property
    def slug(self) -> str:
        """Its name on a command line, and its place on the page."""
        return self.name.lower().replace(" ", "-")
