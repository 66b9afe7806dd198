"""What the fields that Strawberry resolves may look at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NewType

from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller
from publicgsb.schema.types.ports import Account
from publicgsb.schema.types.prices import PriceLevel

BigInt = NewType("BigInt", int)  # bytes of a plan do not fit GraphQL's Int


@dataclass(frozen=True, slots=True)
class StaticContext:
    """What static resolvers may look at; nothing here reaches a table of released data."""

    caller: Caller
    registry: Registry
    account: Account
    points: int  # the price of this request
    records: int  # how many records it reserves
    levels: Callable[[], Sequence[PriceLevel]] = list  # the same, level by level; made only when asked for
    statements: int = 0  # SQL statements that answer its record fields
