"""The limit is everybody's, not the caller's own: the sentences say whose."""

import math
from typing import Any

from publicgsb.platform.kernel.errors import QueryTooCostly, RateLimited
from publicgsb.quotas.capacity.model import PLATFORM, Capacity


def used_up(capacity: Capacity, units: int, wait_seconds: float) -> RateLimited:
    return RateLimited(
        f"{_whose(capacity)} answers {capacity.limit} {capacity.unit} in {capacity.window_seconds} seconds to all "
        f"callers together, and {units} more do not fit yet.",
        hint="Wait for Retry-After; your own limits are untouched.",
        retry_after_seconds=max(1, math.ceil(wait_seconds)),
        **_details(capacity, units),
    )


def too_large(capacity: Capacity, units: int) -> QueryTooCostly:
    return QueryTooCostly(
        f"{units} {capacity.unit} were asked for, and {_whose(capacity)} answers {capacity.limit - capacity.reserve} "
        "at most: this can never pass.",
        hint="Ask for fewer records or levels at once.",
        **_details(capacity, units),
    )


def _whose(capacity: Capacity) -> str:
    return "The whole platform" if capacity.dataset_id == PLATFORM else capacity.name


def _details(capacity: Capacity, units: int) -> dict[str, Any]:
    return {
        "policy": "platform" if capacity.dataset_id == PLATFORM else "dataset",
        "capacity": capacity.name,
        "cost": units,
        "limit": capacity.limit,
    }
