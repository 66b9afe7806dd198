"""How much of everything in the scenarios of the ledger: the short form for make prove, the long one for the page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LedgerScale:
    """`rounds`: how often a rush is repeated, or half of the workers killed."""

    workers: int
    limit: int
    rounds: int = 1
    at_once: int = 0
    stop_seconds: float = 0.0
    seed: int = 4


MONTH_SHORT = LedgerScale(workers=6, limit=60_000)
MONTH_LONG = LedgerScale(workers=16, limit=1_000_000)
RUSH_SHORT = LedgerScale(workers=4, limit=1, rounds=20, at_once=1_000)
RUSH_LONG = LedgerScale(workers=8, limit=1, rounds=200, at_once=1_000)
KILLS_SHORT = LedgerScale(workers=4, limit=200_000, rounds=2, stop_seconds=3.0)
KILLS_LONG = LedgerScale(workers=8, limit=2_000_000, rounds=10, stop_seconds=60.0)
