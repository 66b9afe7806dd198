"""`near` as SQL: one or two boxes that the index knows, and the exact distance for what is in them.

A box of degrees holds a circle on the Earth except around a pole, where the box takes in every longitude, and across
the antimeridian, where the circle is in two boxes. They are made from the request's values, so one SQL text serves all.
"""

import math
from dataclasses import dataclass

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.releases.ordering import TermKind
from publicgsb.datasets.releases.place import degrees_sql, point_sql
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.schema.planning.tree.records import Near
from publicgsb.schema.sql.binding import Binder, Bound
from publicgsb.schema.sql.context import Context
from publicgsb.schema.types.near import WITHIN_KM_MAX

EARTH_KM = 6371.0088  # the mean radius of the IUGG
_MARGIN = 1e-5  # degrees: PostgreSQL compares points to 1e-6
# PostgreSQL refuses a product that underflows, and 1e-297 degrees are as good a place as 0; no distance shows this.
_TINY = 1e-30
_NOWHERE = (999.0, 999.0, 999.0, 999.0)


@dataclass(frozen=True, slots=True)
class DistanceTerm:
    """The first term of the order of a list with `near`; the key's terms follow it."""

    context: Context
    near: Near
    kind: TermKind = TermKind.COLUMN
    type: FieldType = FieldType.NUMBER

    def sql(self, alias: str) -> str:
        return distance_sql(self.context, self.near, alias)


def near_sql(context: Context, near: Near, t: str) -> str:
    """Whether the record is in the circle."""
    boxes = context.param(lambda bound: list(boxes_around(*place_of(near, bound))), "float8[]", "near boxes", near)
    point = point_sql(near.coordinates, t)
    found = [
        f"{point} <@ box(point(({boxes})[{at}], ({boxes})[{at + 1}]), point(({boxes})[{at + 2}], ({boxes})[{at + 3}]))"
        for at in (1, 5)
    ]
    within = context.param(lambda bound: place_of(near, bound)[2], "float8", "near km", near)
    return f"({' or '.join(found)}) and {distance_sql(context, near, t)} <= {within}"


def distance_sql(context: Context, near: Near, t: str) -> str:
    """Kilometres along the great circle, by the haversine formula, which is exact for small distances too."""
    lat = context.param(lambda bound: place_of(near, bound)[0], "float8", "near lat", near)
    lon = context.param(lambda bound: place_of(near, bound)[1], "float8", "near lon", near)
    diameter = context.param(lambda _: 2 * EARTH_KM, "float8", "Earth")
    lat_there, lon_there = degrees_sql(near.coordinates.lat, t), degrees_sql(near.coordinates.lon, t)
    tiny = context.param(lambda _: _TINY, "float8", "tiny")
    north, east = (f"sind(({there} - {here} + {tiny}) / 2)" for there, here in ((lat_there, lat), (lon_there, lon)))
    chord = f"power({north}, 2) + cosd({lat}) * cosd({lat_there}) * power({east}, 2)"
    return f"({diameter} * asin(least(sqrt({chord}), 1)))"


def shown_sql(context: Context, near: Near, t: str) -> str:
    return f"round(({distance_sql(context, near, t)})::numeric, 3)::float8"


def label_with_place(near: Near, name: str) -> Binder:
    """A cursor goes on around the place that it came from; around another one, its distance says nothing."""
    return lambda bound: f"{name}({','.join(map(repr, place_of(near, bound)))})"


def place_of(near: Near, bound: Bound) -> tuple[float, float, float]:
    """Latitude, longitude, kilometres. Raises InvalidRequest for what is not on the Earth."""
    lat = _checked("lat", near.lat.get(bound.variables), -90, 90)
    lon = _checked("lon", near.lon.get(bound.variables), -180, 180)
    within_km = _checked("withinKm", near.within_km.get(bound.variables), 0, WITHIN_KM_MAX)
    if within_km == 0:
        raise _off("withinKm", 0, WITHIN_KM_MAX)
    return lat, lon, within_km


def boxes_around(lat: float, lon: float, within_km: float) -> tuple[float, ...]:
    """Two boxes (west, south, east, north) that together hold every point of the circle; the second may be nowhere."""
    reach = math.degrees(within_km / EARTH_KM) + _MARGIN
    south, north = lat - reach, lat + reach
    if south <= -90 or north >= 90:
        return (-180 - _MARGIN, south, 180 + _MARGIN, north, *_NOWHERE)
    # The circle's easternmost point lies nearer to the pole than its centre.
    span = math.degrees(math.asin(min(1.0, math.sin(math.radians(reach)) / math.cos(math.radians(lat))))) + _MARGIN
    west, east = lon - span, lon + span
    if west < -180:
        return (-180 - _MARGIN, south, east, north, west + 360, south, 180 + _MARGIN, north)
    if east > 180:
        return (west, south, 180 + _MARGIN, north, -180 - _MARGIN, south, east - 360, north)
    return (west, south, east, north, *_NOWHERE)


def _checked(name: str, value: float | None, least: float, most: float) -> float:
    if value is None or not least <= value <= most:  # not a number is in no range
        raise _off(name, least, most)
    return float(value) + 0.0  # -0.0 is 0.0


def _off(name: str, least: float, most: float) -> InvalidRequest:
    what = f"is above 0 and at most {most}" if name == "withinKm" else f"is from {least} to {most} degrees"
    return InvalidRequest(f"near.{name} {what}.", reason="near", hint="Degrees of WGS 84, and kilometres.")
