"""When a key is refused, and with which reason: rules with the clock passed in."""

from datetime import UTC, datetime, timedelta

import pytest

from publicgsb.apikeys.model import KeyRecord, KeyState, OrganisationState, judge, usable_until
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import Unauthenticated

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _record(
    state: KeyState = KeyState.ACTIVE,
    expires_at: datetime | None = None,
    retire_at: datetime | None = None,
    organisation_state: OrganisationState = OrganisationState.ACTIVE,
) -> KeyRecord:
    caller = Caller("abcdefgh", KeyKind.LIVE, 1, 2, "open")
    until = usable_until(state, expires_at, retire_at)
    return KeyRecord(caller, b"", state, expires_at, retire_at, organisation_state, until)


@pytest.mark.parametrize(
    "record",
    [
        _record(),
        _record(expires_at=NOW + HOUR),
        _record(KeyState.RETIRING, expires_at=NOW + 2 * HOUR, retire_at=NOW + HOUR),
    ],
)
def test_a_key_that_works_gives_its_caller(record: KeyRecord) -> None:
    assert judge(record, NOW.timestamp()) is record.caller


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (_record(expires_at=NOW), "expired"),
        (_record(KeyState.RETIRING, retire_at=NOW), "expired"),
        (_record(KeyState.RETIRING, expires_at=NOW - HOUR, retire_at=NOW + HOUR), "expired"),
        (_record(KeyState.REVOKED, expires_at=NOW + HOUR), "revoked"),
        (_record(organisation_state=OrganisationState.SUSPENDED), "suspended"),
        (_record(organisation_state=OrganisationState.PENDING), "pending"),
    ],
)
def test_a_key_that_does_not_work_says_why(record: KeyRecord, reason: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        judge(record, NOW.timestamp())
    assert refusal.value.details["reason"] == reason
