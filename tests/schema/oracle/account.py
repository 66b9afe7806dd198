"""The account that every operation of the oracle is asked by: what `me` and `rateLimit` tell of it never changes."""

from collections.abc import Sequence
from datetime import UTC, datetime

from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.granted import Granted
from publicgsb.quotas.metering.store import UsageSum
from publicgsb.quotas.metering.usage import UsageQuestion
from publicgsb.quotas.model import Period, Policy, PolicyKind, PolicyUnit, Standing

LIVE, TEST = (Caller("k", kind, 7, 8, "open") for kind in (KeyKind.LIVE, KeyKind.TEST))
NEVER = float("inf")
RIGHTS = {
    ("edu", "wages"): (Granted(frozenset({"bonus"}), NEVER), Granted(frozenset({"badge"}), 0.0)),  # one has ended
    ("old", "records"): (Granted(None, NEVER),),
}
GRANTED = Caller("k", KeyKind.LIVE, 7, 8, "open", granted=RIGHTS)


class OneAccount:
    """An Account with one month and one window, and a usage larger than GraphQL's Int."""

    async def quota(self, caller: Caller) -> Sequence[Standing]:
        month = Policy("month", PolicyKind.PERIOD, 100_000, PolicyUnit.POINTS, period=Period.MONTH)
        burst = Policy("burst", PolicyKind.WINDOW, 200, PolicyUnit.POINTS, window_seconds=10)
        return [
            Standing(month, 12, 3, 99_985, datetime(2026, 12, 1, tzinfo=UTC)),
            Standing(burst, 7, 0, 193, None, 4_200),
        ]

    async def usage(self, caller: Caller, question: UsageQuestion) -> Sequence[UsageSum]:
        return [UsageSum(None, None, 1, None, 5, 7, 9_007_199_254_740_993, 0)]
