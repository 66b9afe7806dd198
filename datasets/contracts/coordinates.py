"""The coordinate pair of a contract: which two fields say where a record is, in degrees of WGS 84."""

import dataclasses
from decimal import Decimal

from publicgsb.datasets.contracts.fields import value_of
from publicgsb.datasets.contracts.model import AccessLevel, Contract, Coordinates, Field, FieldType
from publicgsb.datasets.contracts.names import COLUMN
from publicgsb.datasets.contracts.node import Node
from publicgsb.datasets.contracts.problems import Problems

LATITUDE_MAX = 90
LONGITUDE_MAX = 180
_TYPES = frozenset({FieldType.NUMBER, FieldType.DECIMAL})


def read_coordinates(node: Node) -> Coordinates | None:
    entry = node.node("coordinates")
    if entry is None:
        return None
    lat, lon = entry.text("lat", required=True, pattern=COLUMN), entry.text("lon", required=True, pattern=COLUMN)
    entry.refuse_unknown()
    return Coordinates(lat, lon) if lat and lon else None


def check_coordinates(contract: Contract, problems: Problems) -> None:
    pair = contract.coordinates
    if pair is None:
        return
    if pair.lat == pair.lon:
        problems.add("coordinates", "are one column.", "یک ستون‌اند.", "Name the latitude and the longitude.")
    for member, column in (("lat", pair.lat), ("lon", pair.lon)):
        path = f"coordinates.{member}"
        field = contract.by_name.get(column)
        if field is None:
            problems.add(
                path, f"there is no column `{column}`.", f"ستون «{column}» وجود ندارد.", "Name a declared column."
            )
        elif field.type not in _TYPES:
            problems.add(
                path,
                f"`{column}` is a {field.type}.",
                f"«{column}» عدد اعشاری نیست.",
                "Degrees are of type number.",
            )
        elif contract.access_of(field) is AccessLevel.WITHHELD:
            problems.add(path, f"`{column}` is withheld.", f"«{column}» منتشر نمی‌شود.", "Leave it out.")


def with_ranges(contract: Contract) -> Contract:
    """The pair's fields hold degrees: whatever their bounds were, a cell beyond ±90 or ±180 is an error of its row."""
    pair = contract.coordinates
    if pair is None:
        return contract
    most = {pair.lat: LATITUDE_MAX, pair.lon: LONGITUDE_MAX}
    fields = tuple(_bounded(field, most[field.name]) if field.name in most else field for field in contract.fields)
    return dataclasses.replace(contract, fields=fields)


def _bounded(field: Field, most: int) -> Field:
    rules = field.constraints
    degrees = value_of(most, field.type)
    assert isinstance(degrees, float | Decimal)
    minimum, maximum = rules.minimum, rules.maximum
    assert isinstance(minimum, float | Decimal | None)
    assert isinstance(maximum, float | Decimal | None)
    return dataclasses.replace(
        field,
        constraints=dataclasses.replace(
            rules,
            minimum=-degrees if minimum is None else max(minimum, -degrees),
            maximum=degrees if maximum is None else min(maximum, degrees),
        ),
    )
