"""How much of everything: the short form fits into make prove, the long one is what docs/reliability.md tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """`faults`: how often a fault that comes and goes is repeated, evenly over `seconds`."""

    workers: int
    tasks: int  # per worker, of the account that is asked too much of
    seconds: float
    faults: int
    paced_per_second: int  # requests per worker of the account that stays below its limits
    seed: int = 4


SHORT = Scale(workers=4, tasks=4, seconds=7.0, faults=1, paced_per_second=60)
LONG = Scale(workers=5, tasks=8, seconds=60.0, faults=5, paced_per_second=60)
CROWD_SHORT = Scale(workers=6, tasks=16, seconds=6.5, faults=0, paced_per_second=0)
CROWD_LONG = Scale(workers=16, tasks=32, seconds=60.0, faults=0, paced_per_second=0)
