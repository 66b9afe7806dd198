"""Which columns the caller of an operation may read: most of what is written keeps to them, and some of it does not."""

import random

from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.caller import Caller
from tests.schema.oracle.bill import is_closed_to
from tests.schema.oracle.facts import DatasetKey

TRIES = 0.03  # how often a closed door is tried


class Doors:
    def __init__(self, registry: Registry, caller: Caller, dice: random.Random) -> None:
        self._registry = registry
        self._caller = caller
        self._dice = dice

    def lets(self, key: DatasetKey, *columns: str) -> bool:
        """Whether all of them are open to the caller, or the door is tried all the same."""
        is_open = not any(is_closed_to(self._caller, self._registry, key, column) for column in columns)
        return is_open or self._dice.random() < TRIES
