"""`RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers, as structured fields.

`q` limit, `w` window seconds, `r` room left (a floor), `t` seconds until more is there. Points are no
registered unit of the draft, so they travel as `gsb-unit`.
"""

from math import ceil

from publicgsb.quotas.model import Plan, Policy, PolicyUnit

_UNITS = {
    PolicyUnit.POINTS: 'gsb-unit="points"',
    PolicyUnit.BYTES: 'qu="content-bytes"',
    PolicyUnit.REQUESTS: 'qu="concurrent-requests"',
}


def policy_header(plan: Plan) -> tuple[bytes, bytes]:
    """What the plan allows: made once per plan. Calendar periods carry no `w`."""
    return b"ratelimit-policy", ", ".join(_item(policy) for policy in plan.policies).encode()


def room_header(rooms: list[tuple[Policy, int, float]]) -> tuple[bytes, bytes] | None:
    """What is left: (policy, room, seconds until more). None when nothing is known yet: no field then."""
    if not rooms:
        return None
    items = [
        f'"{policy.name}";r={room if room > 0 else 0};t={ceil(seconds) if seconds > 0 else 0}'
        for policy, room, seconds in rooms
    ]
    return b"ratelimit", ", ".join(items).encode()


def _item(policy: Policy) -> str:
    window = f";w={policy.window_seconds}" if policy.window_seconds else ""
    return f'"{policy.name}";q={policy.limit}{window};{_UNITS[policy.unit]}'
