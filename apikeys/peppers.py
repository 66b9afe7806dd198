"""The peppers of key digests, by version: one makes new digests, others are still believed.

A key moves to the present pepper when it is next used, because only then its text is there to be hashed again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Peppers:
    """`others` are those of earlier versions, and the next one before it is put in force everywhere."""

    version: int
    present: bytes = field(repr=False)
    others: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, given: "bytes | Peppers") -> "Peppers":
        """An installation that never changed its pepper has one, of version 1."""
        return given if isinstance(given, Peppers) else cls(1, given)

    def find(self, version: int) -> bytes | None:
        """None: digests of that version can be checked no more."""
        return self.present if version == self.version else self.others.get(version)
