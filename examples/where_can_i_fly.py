"""Where can I fly from? A city's Persian name in, the airports around it out, nearest first.

    python examples/where_can_i_fly.py یزد

Four agencies answer: mapping (the city), aviation (the airports), standards (country and province), interior (the
province in Persian). Needs PGSB_URL and PGSB_API_KEY.
"""

import math
import sys
from dataclasses import dataclass

from publicgsb_sdk import Client, fold

RADIUS_KM = 300.0
EARTH_KM = 6371.0
KM_PER_DEGREE = EARTH_KM * math.pi / 180
DIGITS = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the globe, in degrees."""

    latitude: float
    longitude: float

    def km_to(self, other: "Place") -> float:
        """Along the great circle."""
        a, b = math.radians(self.latitude), math.radians(other.latitude)
        half = math.radians(other.longitude - self.longitude) / 2
        return (
            2
            * EARTH_KM
            * math.asin(
                min(1.0, math.sqrt(math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(half) ** 2))
            )
        )

    def box(self, km: float) -> dict[str, dict[str, float]]:
        """The degrees between which every place within so many kilometres lies; all longitudes near poles and 180°."""
        high = km / KM_PER_DEGREE
        has_pole = abs(self.latitude) + high >= 90
        reach = 1.0 if has_pole else math.sin(math.radians(high)) / math.cos(math.radians(self.latitude))
        west, east = (self.longitude + sign * math.degrees(math.asin(reach)) for sign in (-1, 1))
        if has_pole or west < -180 or east > 180:
            west, east = -180.0, 180.0
        latitude = {"gte": max(-90.0, self.latitude - high), "lte": min(90.0, self.latitude + high)}
        return {"latitude": latitude, "longitude": {"gte": west, "lte": east}}


def main(name: str) -> int:
    with Client() as gsb:
        cities = gsb.dataset("mapping.cities").where(name_fa_fold=fold(name)).order_by("-population")
        city = cities.select(
            "name_fa", "latitude", "longitude", "subdivision_code", "subdivision.name", "iso_country.name_fa"
        ).first()
        if city is None:
            print(f"شهری به نام «{name}» پیدا نشد.", file=sys.stderr)
            return 1
        here = Place(city["latitude"], city["longitude"])
        around = gsb.dataset("aviation.airports").where(here.box(RADIUS_KM), iata={"is_null": False})
        found = list(around.select("name", "iata", "latitude", "longitude", "country.name_fa").rows())
        named = gsb.dataset("interior.provinces").where(iso_code=city["subdivision_code"]).select("name")
        province = (named.first() if city["subdivision_code"] else None) or city["subdivision"] or {"name": "؟"}
    country = (city["iso_country"] or {"name_fa": None})["name_fa"] or "کشور نامعلوم"
    print(f"{city['name_fa']}، {province['name']}، {country}")
    near = sorted((here.km_to(Place(row["latitude"], row["longitude"])), row["iata"], row) for row in found)
    for km, iata, row in [item for item in near if item[0] <= RADIUS_KM]:
        land = (row["country"] or {"name_fa": None})["name_fa"] or ""
        print(f"  {f'{km:.0f}'.translate(DIGITS)} کیلومتر: {row['name']} ({iata})، {land}")
    if not any(item[0] <= RADIUS_KM for item in near):
        print(f"  تا {f'{RADIUS_KM:.0f}'.translate(DIGITS)} کیلومتری فرودگاهی با کد یاتا نیست.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(" ".join(sys.argv[1:]) or "یزد"))
