"""Jalali days are those of the service, every one of two centuries."""

from datetime import date, timedelta

import pytest

from publicgsb.datasets.ingest.jalali import from_date
from publicgsb_sdk import Client, F, InvalidRequest, jalali


def test_every_day_of_1300_to_1500_is_the_service_s() -> None:
    day, wrong = jalali("1300-01-01"), []
    assert day == date(1921, 3, 21)
    while (written := from_date(day))[0] <= 1500:
        if jalali("{:04}-{:02}-{:02}".format(*written)) != day:
            wrong.append(day)
        day += timedelta(days=1)
    assert wrong == []


@pytest.mark.parametrize(
    "text", ["1404-12-30", "1402-13-01", "1402-07-31", "1402-00-01", "1209-01-01", "1402", "", "x"]
)
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="no Jalali day"):
        jalali(text)


@pytest.mark.parametrize("text", ["1403-12-30", "۱۴۰۳/۱۲/۳۰", " ١٤٠٣-١٢-٣٠ "])
def test_it_is_read_in_any_digits(text: str) -> None:
    assert jalali(text) == date(2025, 3, 20)


def test_it_is_a_date_like_any_other_in_a_filter(client: Client, service: object) -> None:
    service.reply(service.page([]))  # type: ignore[attr-defined]
    client.dataset("aviation.airports").where(F.opened_on >= jalali("1402-01-01")).first()
    assert service.asked()[0]["variables"]["where"] == {"openedOn": {"gte": "2023-03-21"}}  # type: ignore[attr-defined]
