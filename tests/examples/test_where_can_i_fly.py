"""Where can I fly from: the nearest airports of a city, in Persian."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

YAZD = {
    "nameFa": "یزد",
    "latitude": 31.89722,
    "longitude": 54.3675,
    "subdivisionCode": "IR-21",
    "subdivision": {"name": "Yazd"},
    "isoCountry": {"nameFa": "ایران"},
}


def airport(iata: str, latitude: float, longitude: float) -> dict[str, Any]:
    place = {"latitude": latitude, "longitude": longitude}
    return {"name": f"{iata} Airport", "iata": iata, "country": {"nameFa": "ایران"}, **place}


def test_airports_are_listed_nearest_first_and_only_within_the_radius(
    example: Callable[[str], ModuleType], rows: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    far_corner_of_the_box = airport("FAR", 34.4, 57.3)
    rows["cities"] = [YAZD]
    rows["airports"] = [far_corner_of_the_box, airport("BBB", 31.6, 55.0), airport("AZD", 31.9049, 54.2765)]
    rows["provinces"] = [{"name": "یزد"}]
    assert example("where_can_i_fly").main("يزد") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "یزد، یزد، ایران"
    assert lines[1] == "  ۹ کیلومتر: AZD Airport (AZD)، ایران"
    assert len(lines) == 3 and "BBB" in lines[2]


def test_a_city_that_is_not_there_is_said_so(
    example: Callable[[str], ModuleType], rows: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    rows["cities"] = []
    assert example("where_can_i_fly").main("ناکجا") == 1
    assert "ناکجا" in capsys.readouterr().err


def test_a_quarter_of_the_globe_is_ten_thousand_kilometres(example: Callable[[str], ModuleType]) -> None:
    place = example("where_can_i_fly").Place
    assert place(0, 0).km_to(place(0, 90)) == pytest.approx(10_007.5, abs=1)
    assert place(90, 0).km_to(place(-90, 7)) == pytest.approx(20_015, abs=1)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(31.9, 54.4), (0.0, 0.0), (70.0, 25.0), (-88.0, 9.0), (89.5, 0.0), (10.0, 179.9)]
)
@pytest.mark.parametrize("bearing", range(0, 360, 30))
def test_the_box_holds_every_place_on_the_circle(
    example: Callable[[str], ModuleType], latitude: float, longitude: float, bearing: int
) -> None:
    place = example("where_can_i_fly").Place
    there = place(*walked(latitude, longitude, bearing, 149.99))
    box = place(latitude, longitude).box(150)
    assert place(latitude, longitude).km_to(there) == pytest.approx(149.99, abs=0.01)
    assert box["latitude"]["gte"] <= there.latitude <= box["latitude"]["lte"]
    assert box["longitude"]["gte"] <= there.longitude <= box["longitude"]["lte"]


def walked(latitude: float, longitude: float, bearing: int, km: float) -> tuple[float, float]:
    """Where one arrives who walks so far in that direction."""
    start, way, far = math.radians(latitude), math.radians(bearing), km / 6371
    end = math.asin(math.sin(start) * math.cos(far) + math.cos(start) * math.sin(far) * math.cos(way))
    turn = math.atan2(math.sin(way) * math.sin(far) * math.cos(start), math.cos(far) - math.sin(start) * math.sin(end))
    return math.degrees(end), (longitude + math.degrees(turn) + 180) % 360 - 180
