"""The errors of one reading: all counted, the first 1,000 kept in the order of the rows."""

from collections import Counter
from collections.abc import Iterable

from publicgsb.datasets.ingest.model import ErrorCode, RowError
from publicgsb.datasets.ingest.report import ERRORS_DETAILED_MAX


class ErrorLog:
    def __init__(self) -> None:
        self.counts: Counter[ErrorCode] = Counter()
        self.details: list[RowError] = []

    @property
    def is_full(self) -> bool:
        """From here on counting is enough; a detail would not be kept."""
        return len(self.details) >= ERRORS_DETAILED_MAX

    def add(self, error: RowError) -> None:
        self.count(error.code)
        self.keep((error,))

    def count(self, code: ErrorCode) -> None:
        self.counts[code] += 1

    def keep(self, errors: Iterable[RowError]) -> None:
        """Details of errors already counted."""
        room = ERRORS_DETAILED_MAX - len(self.details)
        self.details += sorted(errors, key=lambda error: error.row or 0)[:room]
