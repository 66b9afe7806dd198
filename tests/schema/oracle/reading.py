"""The context of one execution by graphql-core: the lists, at which version each root field is read, and who asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from publicgsb.datasets.contracts.model import Contract
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.schema.types.ports import Account
from publicgsb.schema.types.prices import PriceLevel
from tests.schema.oracle import readable
from tests.schema.oracle.facts import DatasetKey, Facts
from tests.schema.oracle.pages import Between, CursorToken, Version


@dataclass(slots=True)
class Reading:
    """What static fields look at has the names that they look for."""

    facts: Facts
    registry: Registry
    cursors: Mapping[str, CursorToken]
    versions: Mapping[tuple[str, ...], Version | Between | GsbError]
    caller: Caller
    account: Account
    points: int
    records: int
    statements: int
    is_dry_run: bool = False  # nothing is read then
    levels: Callable[[], Sequence[PriceLevel]] = list
    rounded: set[tuple[str | int, ...]] = field(default_factory=set)

    def contract(self, key: DatasetKey) -> Contract:
        return self.registry.datasets[key].contract

    def bind(self, key: DatasetKey, version: Version) -> int:
        """The release that answers. Raises DatasetWithdrawn."""
        return readable.bound(self.facts, key, version.read)
