"""`RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers, as structured fields.

`q` limit, `w` window seconds, `r` room left (a floor), `t` seconds until more is there. Points are no
registered unit of the draft, so they travel as `gsb-unit`.
"""

from collections.abc import Sequence
from math import ceil

from publicgsb.quotas.model import Period, Plan, Policy, PolicyUnit

_UNITS = {
    PolicyUnit.POINTS: 'gsb-unit="points"',
    PolicyUnit.BYTES: 'qu="content-bytes"',
    PolicyUnit.REQUESTS: 'qu="concurrent-requests"',
    PolicyUnit.MILLISECONDS: 'gsb-unit="database-milliseconds"',
}


def policy_header(plan: Plan) -> tuple[bytes, bytes]:
    """What the plan allows: made once per plan. Days and months carry no `w`: they are no span from now."""
    return b"ratelimit-policy", ", ".join(_item(policy) for policy in plan.enforced).encode()


def room_template(policies: Sequence[Policy]) -> bytes:
    """The field's value with a `%d` for the room and one for the seconds of each policy: made once, filled at each
    answer, where building it anew would be a fair part of an answer from memory.
    """
    return ", ".join(f'"{policy.name.replace("%", "%%")}";r=%d;t=%d' for policy in policies).encode()


def room_header(template: bytes, rooms: Sequence[tuple[int, float]]) -> tuple[bytes, bytes]:
    """What is left, in the order of the template: (room, seconds until more)."""
    values: list[int] = []
    for room, seconds in rooms:
        values.append(room if room > 0 else 0)
        values.append(ceil(seconds) if seconds > 0 else 0)
    return b"ratelimit", template % tuple(values)


def _item(policy: Policy) -> str:
    seconds = 60 if policy.period is Period.MINUTE else policy.window_seconds
    window = f";w={seconds}" if seconds else ""
    return f'"{policy.name}";q={policy.limit}{window};{_UNITS[policy.unit]}'
