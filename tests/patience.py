"""What a service under test is given beyond its defaults: many tests share the cores, and each may stand still a while.

A loop that stood still is not a Redis that is away, a queue that is too long, or a statement that is too dear.
"""

from typing import TypedDict


class Patience(TypedDict):
    redis_timeout_ms: int
    guard_wait_ms: int
    wait_ms_max: int
    request_seconds: float
    statement_seconds: float


PATIENT = Patience(
    redis_timeout_ms=5_000, guard_wait_ms=5_000, wait_ms_max=5_000, request_seconds=60.0, statement_seconds=30.0
)
PATIENT_ENVIRONMENT = {f"GSB_{name.upper()}": str(value) for name, value in PATIENT.items()}
