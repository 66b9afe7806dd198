"""What the oracle knows of its world without asking the database for a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from publicgsb.datasets.contracts.model import Contract

Row: TypeAlias = Mapping[str, Any]  # by column; `_row` is the 1-based place in the file
DatasetKey: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class Step:
    """The state after one change: the registry version, and what each dataset answers from then on."""

    version: int
    current: dict[DatasetKey, int | None]  # release; None: nothing
    day: date = date.min


@dataclass(slots=True)
class Facts:
    """What the oracle knows, without asking the database for a row."""

    rows: dict[tuple[DatasetKey, int], list[Row]] = field(default_factory=dict)
    columns: dict[tuple[DatasetKey, int], frozenset[str]] = field(default_factory=dict)
    orderings: dict[tuple[DatasetKey, int], dict[str, tuple[str, ...]]] = field(default_factory=dict)
    contracts: dict[tuple[DatasetKey, int], Contract] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    withdrawn: set[DatasetKey] = field(default_factory=set)
    suppressed: dict[tuple[DatasetKey, int], int] = field(default_factory=dict)  # cells that are too small
    recalled: set[tuple[DatasetKey, int]] = field(default_factory=set)
    gone: set[tuple[DatasetKey, int]] = field(default_factory=set)

    def at(self, version: int) -> Step | None:
        """The newest state that is not younger than `version`."""
        return next((step for step in reversed(self.steps) if step.version <= version), None)

    def forgotten_before(self, key: DatasetKey) -> int:
        """The version before which nothing of the dataset is remembered: what it held then is past its retention."""
        if not any(known == key for known, _ in self.gone):
            return 0
        held = ((step.version, step.current.get(key)) for step in self.steps)
        return next(version for version, seq in held if seq is not None and (key, seq) not in self.gone)
