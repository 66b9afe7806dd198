"""Free work is counted per application, and its window ends."""

import pytest

from publicgsb.platform.kernel.errors import RateLimited
from publicgsb.quotas import allowance
from publicgsb.quotas.allowance import Allowance


def test_each_application_has_its_own_and_a_new_one_when_the_window_ends() -> None:
    now = [0.0]
    free = Allowance("things", 2, "wait", lambda: now[0])
    free.spend(1)
    free.spend(1)
    with pytest.raises(RateLimited) as caught:
        free.spend(1)
    assert caught.value.retry_after_seconds == 60
    free.spend(2)
    now[0] = 60.0
    free.spend(1)


def test_applications_are_forgotten_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "_APPLICATIONS_MAX", 2)
    free = Allowance("things", 1, "wait")
    for application in (1, 2, 3):
        free.spend(application)
    free.spend(1)  # was forgotten
    with pytest.raises(RateLimited):
        free.spend(3)
