"""The member `spatial` of a contract: which part of the world its rows are about, in words and for machines.

spatial:
  label: { fa: "استان کرمان", en: "Kerman province" }
  country: IRN                    # ISO 3166, three letters; or `url`, the place in a gazetteer
  box: [54.3, 26.5, 59.6, 31.9]   # west, south, east, north
"""

import re
from typing import Any

from publicgsb.datasets.contracts.coordinates import LATITUDE_MAX, LONGITUDE_MAX
from publicgsb.datasets.contracts.model import Box, Spatial
from publicgsb.datasets.contracts.node import Node

_COUNTRY = re.compile(r"[A-Z]{3}")
_URL = re.compile(r"https?://[^\s<>\"{}|\\^`]{3,500}")


def read_spatial(node: Node) -> Spatial | None:
    entry = node.node("spatial")
    if entry is None:
        return None
    label = entry.label("label", required=True)
    country, url = entry.text("country"), entry.text("url")
    if country and not _COUNTRY.fullmatch(country):
        entry.expected(
            "country", "the three letters of ISO 3166", "سه حرف ISO 3166", "For example IRN; of other places the `url`."
        )
    if url and not _URL.fullmatch(url):
        entry.expected("url", "an address", "یک نشانی", "For example https://sws.geonames.org/130758/.")
    box = _box(entry)
    entry.refuse_unknown()
    if country and url:
        entry.expected("url", "left out beside a country", "در کنار country نیاید", "Name one of them.")
    return Spatial(label, country, url, box) if label else None


def render_spatial(spatial: Spatial | None) -> dict[str, Any] | None:
    if spatial is None:
        return None
    box = spatial.box
    members = {
        "label": {"fa": spatial.label.fa, "en": spatial.label.en},
        "country": spatial.country,
        "url": spatial.url,
        "box": [box.west, box.south, box.east, box.north] if box else None,
    }
    return {name: value for name, value in members.items() if value is not None}


def _box(entry: Node) -> Box | None:
    sides = entry.items("box")
    if not sides:
        return None
    if len(sides) == 4 and all(isinstance(one, int | float) and not isinstance(one, bool) for one in sides):
        west, south, east, north = (float(one) for one in sides)
        is_wide = -LONGITUDE_MAX <= west < east <= LONGITUDE_MAX
        if is_wide and -LATITUDE_MAX <= south < north <= LATITUDE_MAX:
            return Box(west, south, east, north)
    entry.expected(
        "box",
        "four numbers, west, south, east, north, in degrees of WGS 84",
        "چهار عدد، باختر و جنوب و خاور و شمال، به درجهٔ WGS 84",
        "For example [44.0, 25.0, 63.4, 39.8].",
    )
    return None
