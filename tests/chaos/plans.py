"""The two accounts of every scenario: one that is asked too much of, and one that stays below its limits."""

from publicgsb.quotas.model import Account, Period, Plan, Policy, PolicyKind, PolicyUnit

HAMMERED: Account = (1, 10)
PACED: Account = (2, 20)
LIMIT, WINDOW_SECONDS = 100, 2
PACED_LIMIT, PACED_WINDOW_SECONDS = 20_000, 10

# As that of the plan `approved`: it bounds what a worker sets aside ahead.
_MONTH = Policy("month", PolicyKind.PERIOD, 20_000_000, PolicyUnit.POINTS, period=Period.MONTH)


def plans() -> dict[str, Plan]:
    """A window this short cannot be stored: its units are taken one by one, so every admission has its own moment."""
    return {
        "hammered": Plan("hammered", (_window("burst", LIMIT, WINDOW_SECONDS), _MONTH)),
        "paced": Plan(
            "paced",
            (
                _window("burst", PACED_LIMIT, PACED_WINDOW_SECONDS),
                Policy("concurrency", PolicyKind.CONCURRENCY, 512, PolicyUnit.REQUESTS),
                _MONTH,
            ),
        ),
    }


def _window(name: str, limit: int, seconds: int) -> Policy:
    return Policy(name, PolicyKind.WINDOW, limit, PolicyUnit.POINTS, window_seconds=seconds)
