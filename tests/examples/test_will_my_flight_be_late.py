"""Will my flight be late: shares by hour, wind, rain and age of the plane, with cancelled flights told apart."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest


def flight(arr_delay: int | None, hour: int = 7, **weather: float) -> dict[str, Any]:
    departed = None if arr_delay is None else "0712"
    seen = {"windSpeed": 5.0, "precip": 0.0} | weather
    return {
        "year": 2013,
        "hour": hour,
        "depTime": departed,
        "arrDelay": arr_delay,
        "weather": seen,
        "plane": {"year": 2010},
    }


def test_late_shares_and_cancellations_are_told(
    example: Callable[[str], ModuleType], rows: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    rows["airlines"] = [{"carrier": "UA", "name": "United Air Lines Inc."}]
    rows["flights"] = [flight(20), flight(15), flight(-3, hour=13), flight(None, windSpeed=25.0, precip=0.2)]
    assert example("will_my_flight_be_late").main("UA", "EWR", "SFO") == 0
    text = capsys.readouterr().out
    assert "United Air Lines Inc., EWR to SFO: 4 flights, 25.0% cancelled" in text
    assert " 3 flights  33.3% more than 15 minutes late" in text
    assert "06-12 h" in text and " 2 flights  50.0%" in text
    assert "wind (20 mph" not in text, "a cancelled flight did not arrive, so it is not on time either"
    assert "Sources: Source of flights" in text


def test_a_plane_or_an_hour_of_weather_that_is_unknown_joins_no_group(example: Callable[[str], ModuleType]) -> None:
    module = example("will_my_flight_be_late")
    unknown = {"weather": None, "plane": None, "arr_delay": 1, "hour": 1, "year": 2013}
    assert module.late_share([unknown], module.wind) == {}
    assert module.late_share([unknown], module.age) == {}
    impossible = {"weather": {"wind_speed": 1048.36}, "arr_delay": 1}
    assert module.late_share([impossible], module.wind) == {}


def test_a_route_that_nobody_flies_is_said_so(
    example: Callable[[str], ModuleType], rows: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    rows["airlines"] = []
    rows["flights"] = []
    assert example("will_my_flight_be_late").main("XX", "EWR", "SFO") == 1
    assert "XX" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["where_can_i_fly", "will_my_flight_be_late", "what_is_near_me"])
def test_an_example_stays_under_eighty_lines(example: Callable[[str], ModuleType], name: str) -> None:
    file = example(name).__file__
    assert file is not None
    with open(file, encoding="utf-8") as lines:  # noqa: PTH123
        assert sum(1 for _ in lines) < 80
