"""Operations of many kinds on the demo's data, whose prices should rise with the work they make."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

_FEW = "icao name"
_MANY = "icao iata name city countryCode elevation latitude longitude"
_FLIGHT_FEW = "carrier flight"
_FLIGHT_MANY = "timeHour carrier flight tailnum origin dest depDelay arrDelay distance airTime hour minute"
_ICAOS = ("OIIE", "KJFK", "EGLL", "LTFM", "RJTT", "YSSY", "KEWR", "KLGA", "EDDF", "LFPG")


@dataclass(frozen=True, slots=True)
class Operation:
    kind: str
    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)


def operations() -> list[Operation]:
    """In a fixed order, each different from all others."""
    return [*_look_ups(), *_pages(), *_flights(), *_nested(), *_filters(), *_counts(), *_several()]


def _look_ups() -> Iterator[Operation]:
    for icao, fields in product(_ICAOS, (_FEW, _MANY)):
        yield Operation("look-up", f'{{ aviation {{ airport(by: {{icao: "{icao}"}}) {{ {fields} }} }} }}')
    for icao in _ICAOS:
        yield Operation(
            "look-up", f'{{ aviation {{ airport(by: {{icao: "{icao}"}}) {{ {_FEW} country {{ alpha2 name }} }} }} }}'
        )


def _pages() -> Iterator[Operation]:
    for first, fields in product((1, 5, 10, 20, 50, 100, 150, 200, 300, 500, 750, 1000), (_FEW, _MANY)):
        yield Operation("page", f"{{ aviation {{ airports(first: {first}) {{ nodes {{ {fields} }} }} }} }}")
    for first, order in product((10, 100, 500, 1000), ("NAME_ASC", "NAME_DESC", "KEY_DESC")):
        yield Operation(
            "page", f"{{ aviation {{ airports(first: {first}, orderBy: {order}) {{ nodes {{ {_MANY} }} }} }} }}"
        )
    for first in (10, 100, 300, 1000):
        yield Operation(
            "page", f"{{ aviation {{ airports(first: {first}) {{ edges {{ cursor node {{ {_FEW} }} }} }} }} }}"
        )


def _flights() -> Iterator[Operation]:
    for first, fields in product((1, 10, 20, 50, 100, 200, 400, 600, 800, 1000), (_FLIGHT_FEW, _FLIGHT_MANY)):
        yield Operation("page", f"{{ transport {{ flights(first: {first}) {{ nodes {{ {fields} }} }} }} }}")


def _nested() -> Iterator[Operation]:
    for parents, children in product((1, 5, 10, 20, 50, 100), (1, 5, 10, 20, 50, 90)):
        if parents * (children + 1) <= 9_000:
            yield Operation(
                "nested",
                f"{{ standards {{ countries(first: {parents}) {{ nodes {{ alpha2 name airports(first: {children}) "
                f"{{ nodes {{ {_FEW} }} }} }} }} }} }}",
            )
    for first in (1, 10, 20, 50, 100, 200, 400, 700, 1000):
        yield Operation(
            "linked",
            f"{{ aviation {{ airports(first: {first}) {{ nodes {{ {_FEW} country {{ alpha2 name }} }} }} }} }}",
        )
        yield Operation(
            "linked",
            f"{{ transport {{ flights(first: {first}) {{ nodes {{ {_FLIGHT_FEW} originAirport {{ {_FEW} country "
            "{ name } } destAirport { name } } } } }",
        )


def _filters() -> Iterator[Operation]:
    for letter, first in product("EKLO", (20, 100, 500)):
        yield Operation(
            "filter",
            f'{{ aviation {{ airports(first: {first}, where: {{icao: {{startsWith: "{letter}"}}}}) '
            f"{{ nodes {{ {_MANY} }} }} }} }}",
        )
    for size in (1, 5, 10):
        document = (
            "query ($in: [String!]!) { aviation { airports(first: 100, where: {icao: {in: $in}}) "
            f"{{ nodes {{ {_MANY} }} }} }} }}"
        )
        yield Operation("filter", document, {"in": list(_ICAOS[:size])})
    for carrier, first in product(("UA", "B6", "EV", "HA"), (20, 100, 500)):
        yield Operation(
            "filter",
            f'{{ transport {{ flights(first: {first}, where: {{carrier: {{eq: "{carrier}"}}}}) '
            f"{{ nodes {{ {_FLIGHT_FEW} }} }} }} }}",
        )


def _counts() -> Iterator[Operation]:
    for letter in "ACEFHKLOPRSUYZ":
        yield Operation(
            "count",
            f'{{ aviation {{ airports(first: 1, where: {{icao: {{startsWith: "{letter}"}}}}) {{ totalCount }} }} }}',
        )
    for carrier in ("UA", "B6", "EV", "DL", "AA", "HA", "OO", "YV"):
        yield Operation(
            "count",
            f'{{ transport {{ flights(first: 1, where: {{carrier: {{eq: "{carrier}"}}}}) {{ totalCount }} }} }}',
        )


def _several() -> Iterator[Operation]:
    for roots, first in product((2, 4, 8), (5, 20, 50, 100)):
        pages = " ".join(
            f'p{number}: airports(first: {first}, where: {{icao: {{startsWith: "{letter}"}}}}) {{ nodes {{ {_FEW} }} }}'
            for number, letter in enumerate("EKLOUSYZ"[:roots])
        )
        yield Operation("several", f"{{ aviation {{ {pages} }} }}")
    for roots in (2, 5, 10):
        keys = " ".join(
            f'a{number}: airport(by: {{icao: "{icao}"}}) {{ {_FEW} }}' for number, icao in enumerate(_ICAOS[:roots])
        )
        yield Operation("several", f"{{ aviation {{ {keys} }} }}")
