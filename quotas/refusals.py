"""The sentences of quotas: which error a refusal is, and what the caller can do next."""

import math
from datetime import datetime

from publicgsb.platform.kernel.errors import QueryTooCostly, QuotaExhausted, RateLimited
from publicgsb.quotas.model import Policy, PolicyUnit


def too_costly(policy: Policy, units: int) -> QueryTooCostly:
    is_file = policy.unit is PolicyUnit.BYTES
    return QueryTooCostly(
        f"{units} {policy.unit} were asked for, and {policy.name} allows {policy.limit} at most: this can never pass.",
        hint="POST /api/v1/exports makes a file of some fields and rows; GET /api/v1/plans lists larger plans."
        if is_file
        else "Ask for fewer records or levels at once; GET /pricing lists what costs how much.",
        policy=policy.name,
        cost=units,
        limit=policy.limit,
    )


def rate_limited(policy: Policy, units: int, wait_seconds: float) -> RateLimited:
    return RateLimited(
        f"{policy.name} allows {policy.limit} {policy.unit} in {policy.window_seconds} seconds, "
        f"and {units} more do not fit yet.",
        hint="Wait for Retry-After; the RateLimit header says what is left.",
        retry_after_seconds=max(1, math.ceil(wait_seconds)),
        policy=policy.name,
        cost=units,
        limit=policy.limit,
    )


def too_many_at_once(policy: Policy) -> RateLimited:
    return RateLimited(
        f"{policy.limit} requests of this application are running already.",
        hint="Send fewer requests at the same time, or ask for several root fields in one operation.",
        retry_after_seconds=1,
        policy=policy.name,
        limit=policy.limit,
    )


def exhausted(policy: Policy, units: int, left: int, resets_at: datetime, seconds: float) -> QuotaExhausted:
    moment = resets_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return QuotaExhausted(
        f"{units} {policy.unit} were asked for, and {left} are left of {policy.name} until {moment}.",
        hint="Wait for the next period, or ask for a larger plan: GET /api/v1/plans lists them.",
        retry_after_seconds=max(1, math.ceil(seconds)),
        policy=policy.name,
        cost=units,
        remaining=left,
        limit=policy.limit,
        resetsAt=moment,
    )
