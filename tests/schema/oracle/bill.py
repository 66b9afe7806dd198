"""What an operation comes to before a row is looked up: records, points, what it touches, and why it is refused."""

from dataclasses import dataclass, field

from publicgsb.datasets.contracts.model import AccessLevel
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import InvalidRequest, NotPermitted, QueryTooCostly
from tests.schema.oracle.account import NEVER
from tests.schema.oracle.facts import DatasetKey

RECORDS_MAX = 10_000
POINTS_MAX = 1_000


@dataclass(slots=True)
class Bill:
    registry: Registry
    refusals: set[str] = field(default_factory=set)  # codes
    records: int = 0
    points: int = 1  # beside those of records
    touched: set[tuple[DatasetKey, str]] = field(default_factory=set)  # in any role

    def refuse(self) -> None:
        self.refusals.add(InvalidRequest.code)

    def touch(self, key: DatasetKey, *columns: str) -> None:
        """The dataset itself, where a column is none of its fields."""
        self.touched |= {(key, column) for column in columns}

    @property
    def whole(self) -> int:
        """Points; records of all levels together make theirs."""
        return self.points + self.records // 100

    def close(self, caller: Caller) -> None:
        """What only the whole shows."""
        if self.records > RECORDS_MAX or self.whole > POINTS_MAX:
            self.refusals.add(QueryTooCostly.code)
        if any(is_closed_to(caller, self.registry, *touched) for touched in self.touched):
            self.refusals.add(NotPermitted.code)


def is_closed_to(caller: Caller, registry: Registry, key: DatasetKey, column: str) -> bool:
    """A test key reads open data only; what is restricted takes a grant of it, or of anything where it is no field."""
    level = level_of(registry, key, column)
    if caller.kind is KeyKind.TEST:
        return level is not AccessLevel.OPEN
    if level is not AccessLevel.RESTRICTED:
        return False
    granted = [one.columns for one in caller.granted.get(key, ()) if one.ends_at == NEVER]
    is_field = column in registry.datasets[key].contract.by_name
    return not any(columns is None or not is_field or column in columns for columns in granted)


def level_of(registry: Registry, key: DatasetKey, column: str) -> AccessLevel:
    contract = registry.datasets[key].contract
    found = contract.by_name.get(column)
    return contract.access if found is None else contract.access_of(found)
