"""`near` over lists: great circles by vectors instead of haversines, and no boxes."""

import math
from collections.abc import Mapping

from publicgsb.datasets.contracts.model import Contract
from tests.schema.oracle.facts import Row

EARTH_KM = 6371.0088
FARTHEST_KM = 200


def is_on_earth(near: Mapping[str, float]) -> bool:
    return abs(near["lat"]) <= 90 and abs(near["lon"]) <= 180 and 0 < near["withinKm"] <= FARTHEST_KM


def label(near: Mapping[str, float]) -> str:
    """What its cursors go on around."""
    return f"~near {[float(near[name]) + 0.0 for name in ('lat', 'lon', 'withinKm')]}"


def distance_km(contract: Contract, near: Mapping[str, float], row: Row) -> float | None:
    pair = contract.coordinates
    assert pair is not None
    lat, lon = row.get(pair.lat), row.get(pair.lon)
    if lat is None or lon is None:
        return None
    one, other = _vector(near["lat"], near["lon"]), _vector(float(lat), float(lon))
    cross = math.hypot(
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    )
    # Rounded to a micrometre: around a pole every longitude is one point.
    return round(EARTH_KM * math.atan2(cross, sum(a * b for a, b in zip(one, other, strict=True))), 9)


def shown(distance: float | None) -> float | None:
    """To the metre."""
    return None if distance is None else round(distance, 3)


def _vector(lat: float, lon: float) -> tuple[float, float, float]:
    north, east = math.radians(lat), math.radians(lon)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)
