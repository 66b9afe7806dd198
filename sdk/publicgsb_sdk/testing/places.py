"""`near`: how far a row is from a place, on a sphere."""

import math
from collections.abc import Mapping

from publicgsb_sdk.testing.model import MockContract, Row
from publicgsb_sdk.testing.refusals import invalid

EARTH_KM = 6371.0088
WITHIN_KM_MAX = 200


def check_near(near: Mapping[str, float]) -> None:
    """Raises for what is no place on the Earth, or too wide a circle."""
    if not (abs(near["lat"]) <= 90 and abs(near["lon"]) <= 180 and 0 < near["withinKm"] <= WITHIN_KM_MAX):
        raise invalid(f"`near` is a place in degrees and up to {WITHIN_KM_MAX} km.", "near")


def distance_km(contract: MockContract, near: Mapping[str, float], row: Row) -> float | None:
    """None for a row that does not say where it is. To a micrometre: around a pole every longitude is one point."""
    assert contract.coordinates is not None
    lat, lon = (row.get(column) for column in contract.coordinates)
    if lat is None or lon is None:
        return None
    north, south = math.radians(near["lat"]), math.radians(float(lat))
    half_lat, half_lon = (south - north) / 2, math.radians(float(lon) - near["lon"]) / 2
    haversine = math.sin(half_lat) ** 2 + math.cos(north) * math.cos(south) * math.sin(half_lon) ** 2
    return round(2 * EARTH_KM * math.asin(math.sqrt(min(1.0, haversine))), 9)
