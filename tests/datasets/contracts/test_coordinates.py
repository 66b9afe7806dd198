"""The coordinate pair of a contract: two number fields, in degrees, whatever else is said of them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from publicgsb.datasets.contracts.change import breaks
from publicgsb.datasets.contracts.model import Constraints, Coordinates
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.releases.table import other_indexes
from publicgsb.platform.kernel.errors import InvalidRequest

Documents = Callable[..., dict[str, Any]]


def placed(document: dict[str, Any], **coordinates: Any) -> dict[str, Any]:
    label = {"fa": "ا", "en": "E"}
    more = [
        {"name": "north", "type": "number", "label": label, "constraints": {"minimum": 20, "maximum": 100}},
        {"name": "east", "type": "number", "format": "decimal", "label": label},
        {"name": "secret", "type": "number", "label": label, "access": "withheld", "legalGround": "IR-FOI-14"},
    ]
    pair = {"lat": "north", "lon": "east", **coordinates}
    return {**document, "fields": [*document["fields"], *more], "coordinates": pair}


def test_the_fields_of_a_pair_hold_degrees(airport: Documents) -> None:
    contract = parse(placed(airport()))
    assert contract.coordinates == Coordinates("north", "east")
    assert contract.field("north").constraints == Constraints(minimum=20.0, maximum=90.0)
    assert contract.field("east").constraints == Constraints(minimum=Decimal(-180), maximum=Decimal(180))
    again = parse(render(contract))
    assert again == contract and again.sha256 == contract.sha256


def test_a_pair_is_indexed(airport: Documents) -> None:
    wanted = 'using gist (point(("east")::float8, ("north")::float8))'
    assert any(wanted in sql for sql in other_indexes(parse(placed(airport())), "t"))
    assert not any("gist" in sql for sql in other_indexes(parse(airport()), "t"))


@pytest.mark.parametrize(
    ("pair", "path"),
    [
        ({"lat": "nowhere"}, "coordinates.lat"),
        ({"lon": "icao"}, "coordinates.lon"),
        ({"lat": "secret"}, "coordinates.lat"),
        ({"lat": "east"}, "coordinates"),
        ({"lat": None}, "coordinates.lat"),
        ({"alt": "north"}, "coordinates.alt"),
    ],
)
def test_a_pair_that_is_none_is_told(airport: Documents, pair: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(placed(airport(), **pair))
    assert path in {problem["path"] for problem in refused.value.details["problems"]}


def test_a_pair_may_come_but_not_go_nor_change(airport: Documents) -> None:
    with_pair, without = parse(placed(airport())), parse({**placed(airport()), "coordinates": None})
    turned = parse(placed(airport(), lat="east", lon="north"))
    assert not any("coordinates" in word for word in breaks(without, with_pair))
    assert any("coordinates" in word for word in breaks(with_pair, without))
    assert any("coordinates" in word for word in breaks(with_pair, turned))
