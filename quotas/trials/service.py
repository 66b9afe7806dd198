"""`gsb plan try` and `gsb plan shadow`: who would have been refused, when and by which policy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.sql import load
from publicgsb.quotas.model import Account, Period, Policy, PolicyUnit
from publicgsb.quotas.trials.model import Refused, Trial, Use

_HERE = "publicgsb.quotas.trials"
_FACTS = load(_HERE, "sql/trial_facts.sql")
_BEFORE = load(_HERE, "sql/trial_before.sql")
_OWNERS = load(_HERE, "sql/trial_owners.sql")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One application and one policy that would have refused it something."""

    organisation_id: int
    application_id: int
    policy: str
    refused: Refused
    requests: int  # of the application in all that time
    points: int


@dataclass(frozen=True, slots=True)
class Tried:
    """`applications` were looked at, those of test keys for themselves."""

    applications: int
    requests: int
    verdicts: tuple[Verdict, ...]


async def try_plan(
    connections: Connections,
    policies: Sequence[Policy],
    since: datetime,
    until: datetime,
    *,
    together: bool = True,
    concerns: Callable[[Account], bool] = lambda account: account[1] > 0,
) -> Tried:
    """`together`: as a plan, all or nothing; else each policy for itself. `concerns` chooses accounts."""
    groups = [list(policies)] if together else [[policy] for policy in policies]
    verdicts: list[Verdict] = []
    applications = requests = 0
    async with connections.transaction() as connection:
        await connection.execute("set transaction isolation level repeatable read, read only")
        owners = {row["application_id"]: row["organisation_id"] for row in await connection.fetch(_OWNERS)}
        before = {row["application_id"]: dict(row) for row in await connection.fetch(_BEFORE, since)}
        trials: list[Trial] = []
        at = None
        async for row in connection.cursor(_FACTS, since, until, prefetch=5_000):
            if row["application_id"] != at:
                verdicts += _verdicts(owners, at, trials)
                at = row["application_id"]
                trials = []
                if concerns((owners.get(at or 0, 0), at or 0)):
                    applications += 1
                    begun = before.get(at or 0)
                    trials = [Trial(group, int(since.timestamp()), _used(begun, group)) for group in groups]
            for trial in trials:
                trial.feed(Use(*list(row.values())[1:]))
            requests += row["requests"] if trials else 0
        verdicts += _verdicts(owners, at, trials)
    verdicts.sort(key=lambda one: (-one.refused.requests, one.application_id, one.policy))
    return Tried(applications, requests, tuple(verdicts))


def _verdicts(owners: Mapping[int, int], application_id: int | None, trials: Sequence[Trial]) -> list[Verdict]:
    return [
        Verdict(owners.get(application_id or 0, 0), application_id or 0, policy, refused, trial.requests, trial.points)
        for trial in trials
        for policy, refused in trial.refused.items()
    ]


def _used(before: Mapping[str, int] | None, policies: Sequence[Policy]) -> dict[str, int]:
    """Of each period, by the start of the trial."""
    if before is None:
        return {}
    return {
        policy.name: before[f"{policy.period.value}_{'bytes' if policy.unit is PolicyUnit.BYTES else 'points'}"]
        for policy in policies
        if policy.period not in (None, Period.MINUTE)
    }
