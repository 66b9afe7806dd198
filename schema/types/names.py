"""From slugs to GraphQL names: ASCII, stable, and grouped by agency."""

import re

_PARTS = re.compile(r"[_\-]+")


def camel(slug: str) -> str:
    """`road_safety` → `roadSafety`."""
    first, *rest = _PARTS.split(slug)
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def pascal(slug: str) -> str:
    """`road_safety` → `RoadSafety`."""
    name = camel(slug)
    return name[:1].upper() + name[1:]


def record_type_name(agency: str, record_name: str, major: int) -> str:
    """`AviationAirport`; a later major of a contract lives beside it as `AviationAirportV2`."""
    return f"{pascal(agency)}{record_name}" + (f"V{major}" if major > 1 else "")


def major_suffix(major: int) -> str:
    return f"V{major}" if major > 1 else ""


def key_name(name: str) -> str:
    """`timeHour_carrier` → `TimeHourCarrier`, for the input type of a composite key."""
    return pascal(name)
