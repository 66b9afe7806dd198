"""What is near me: towns and airports around a city in one call, with Persian names and numbers."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

YAZD = {
    "name": "Yazd",
    "nameFa": "یزد",
    "latitude": 31.89722,
    "longitude": 54.3675,
    "distanceKm": 0.0,
    "population": 477905,
    "isoCountry": {"nameFa": "ایران"},
    "subdivision": {"name": "Yazd", "provinces": {"nodes": [{"name": "یزد"}]}},
}


def test_towns_and_airports_come_nearest_first_with_persian_names(
    example: Callable[[str], ModuleType], rows: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    rows["cities"] = [YAZD, YAZD | {"nameFa": "زارچ", "distanceKm": 16.49, "population": 11691}]
    rows["airports"] = [{"name": "Sadooghi", "icao": "OIYY", "country": {"nameFa": "ایران"}, "distanceKm": 8.588}]
    assert example("what_is_near_me").main("يزد", "20") == 0
    assert capsys.readouterr().out.splitlines() == [
        "۲ شهر و آبادی تا ۲۰ کیلومتری یزد",
        "  ۰ کیلومتر: یزد، یزد، ایران (۴۷۷٬۹۰۵ نفر)",
        "  ۱۶ کیلومتر: زارچ، یزد، ایران (۱۱٬۶۹۱ نفر)",
        "  ۹ کیلومتر: فرودگاه Sadooghi (OIYY)، ایران",
        "منبع‌ها: Source of airports؛ Source of cities",
    ]


def test_where_a_name_is_missing_the_next_best_is_told(
    example: Callable[[str], ModuleType], rows: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    rows["cities"] = [YAZD | {"nameFa": None, "isoCountry": None, "subdivision": None}]
    rows["airports"] = [{"name": "Strip", "icao": "_ABC", "country": None, "distanceKm": 3.2}]
    assert example("what_is_near_me").main() == 0
    text = capsys.readouterr().out
    assert "  ۰ کیلومتر: Yazd (۴۷۷٬۹۰۵ نفر)" in text
    assert "  ۳ کیلومتر: فرودگاه Strip (_ABC)\n" in text


def test_a_city_that_is_not_there_is_said_so(
    example: Callable[[str], ModuleType], rows: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    rows["cities"] = []
    assert example("what_is_near_me").main("ناکجا") == 1
    assert "ناکجا" in capsys.readouterr().err
