"""A release by its number or by a day of either calendar."""

from datetime import date

import pytest

from publicgsb_sdk import InvalidRequest
from publicgsb_sdk.cli.releases import release_of

DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *[("2", 2), ("۱۲", 12), (" 3 ", 3), ("20260131", 20260131)],
        *[
            ("2026-01-31", DAY),
            ("۲۰۲۶-۰۱-۳۱", DAY),
            ("1404-11-11", DAY),
            ("۱۴۰۴-۱۱-۱۱", DAY),
            ("1404-1-1", date(2025, 3, 21)),
        ],
    ],
)
def test_a_release_is_a_number_or_a_day(text: str, found: int | date) -> None:
    assert release_of(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "latest",
        "2026-02-30",
        "1404-12-30",
        "26-01-31",
        "2026-W05-6x",
    ],
)
def test_anything_else_is_refused_with_what_is_meant(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        release_of(text)
    assert "1402-01-31" in str(refused.value) or "2026-01-31" in str(refused.value)
