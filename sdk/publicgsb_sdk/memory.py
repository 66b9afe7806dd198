"""What a client and those made from it (`with_options`, `budget`) have learned together."""

from dataclasses import dataclass, field

from publicgsb_sdk.contract import Contract
from publicgsb_sdk.pace import Pace
from publicgsb_sdk.prices import Prices


@dataclass(frozen=True, slots=True)
class Memory:
    """Contracts with when they were read, datasets whose end was warned of, windows of the key, and prices."""

    contracts: dict[str, tuple[float, Contract]] = field(default_factory=dict[str, tuple[float, Contract]])
    warned: set[str] = field(default_factory=set[str])
    pace: Pace = field(default_factory=Pace)
    prices: Prices = field(default_factory=Prices)
