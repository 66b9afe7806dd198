"""Operations on the demo's data whose price is not that of their records: what looks, counts, groups and compares."""

from collections.abc import Iterator
from itertools import product

from benchmarks.priced import Operation

_WORDS = ("tehran", "london city", "internatoinal", "san", "فرودگاه", "o'hare")
_PARTS = ("teh", "london", "ville", "san ")
_PLACES = ((35.7, 51.4), (40.64, -73.78), (-33.9, 151.2))
_FEW = "icao name"


def operations() -> Iterator[Operation]:
    yield from _aggregates()
    yield from _searches()
    yield from _near()
    yield from _changes()
    yield from _dear_counts()
    yield from _shortcuts()


def _aggregates() -> Iterator[Operation]:
    for grouped in ("COUNTRY_CODE", "TIMEZONE", "COUNTRY_CODE SUBDIVISION", "COUNTRY_CODE SUBDIVISION TIMEZONE"):
        for first in (20, 500):
            yield Operation(
                "aggregate",
                f"{{ aviation {{ airportsAggregate(groupBy: [{grouped}], first: {first}) "
                "{ groups { count avg { elevation } } } } }",
            )
    for part in ("count", "countDistinct { subdivision }", "countDistinct { subdivision timezone }"):
        yield Operation("aggregate", f"{{ aviation {{ airportsAggregate {{ groups {{ {part} }} }} }} }}")
    for country in ("IR", "US"):
        yield Operation(
            "aggregate",
            f'{{ aviation {{ airportsAggregate(where: {{countryCode: {{eq: "{country}"}}}}, groupBy: [SUBDIVISION]) '
            "{ groups { key { subdivision } count } } } }",
        )
    for grouped in ("DEST", "ORIGIN CARRIER", "TIME_HOUR_MONTH", "TIME_HOUR_JALALI_MONTH"):
        yield Operation(
            "aggregate",
            f"{{ transport {{ flightsAggregate(groupBy: [{grouped}]) {{ groups {{ count sum {{ distance }} }} }} }} }}",
        )
    yield Operation(
        "aggregate",
        '{ transport { flightsAggregate(where: {carrier: {eq: "HA"}}, groupBy: [ORIGIN]) { groups { count } } } }',
    )


def _searches() -> Iterator[Operation]:
    for word, first in product(_WORDS, (1, 20)):
        yield Operation(
            "search", f'{{ aviation {{ airports(search: "{word}", first: {first}) {{ nodes {{ {_FEW} }} }} }} }}'
        )
    for part, first in product(_PARTS, (20, 200)):
        yield Operation(
            "search",
            f'{{ aviation {{ airports(where: {{name: {{contains: "{part}"}}}}, first: {first}) '
            f"{{ nodes {{ {_FEW} }} }} }} }}",
        )
    several = " ".join(
        f's{at}: airports(search: "{word}", first: 5) {{ nodes {{ {_FEW} }} }}' for at, word in enumerate(_WORDS)
    )
    yield Operation("search", f"{{ aviation {{ {several} }} }}")


def _near() -> Iterator[Operation]:
    for (lat, lon), (within, first) in product(_PLACES, ((20, 20), (100, 20), (200, 20), (200, 200))):
        yield Operation(
            "near",
            f"{{ aviation {{ airports(near: {{lat: {lat}, lon: {lon}, withinKm: {within}}}, first: {first}) "
            f"{{ edges {{ distanceKm node {{ {_FEW} }} }} }} }} }}",
        )
    for first in (1, 10, 50, 100):
        yield Operation(
            "near",
            f"{{ standards {{ countries(first: {first}) {{ nodes {{ alpha2 airports(first: 5, "
            f"near: {{lat: 35.7, lon: 51.4, withinKm: 200}}) {{ nodes {{ {_FEW} }} }} }} }} }} }}",
        )


def _changes() -> Iterator[Operation]:
    for first, parts in product((20, 200), ("key { icao }", f"key {{ icao }} before {{ {_FEW} }} after {{ {_FEW} }}")):
        yield Operation(
            "changes",
            f"{{ aviation {{ airportsChanges(since: 1, first: {first}) {{ nodes {{ change {parts} }} }} }} }}",
        )
    yield Operation("changes", "{ aviation { airportsChanges(since: 1, first: 1) { added removed changed } } }")


def _dear_counts() -> Iterator[Operation]:
    """Counted to the end, estimated, and counted below other records."""
    for carrier, count in product(("UA", "HA", "OO"), ("totalCount(exact: true)", "estimatedCount")):
        yield Operation(
            "count",
            f'{{ transport {{ flights(first: 1, where: {{carrier: {{eq: "{carrier}"}}}}) {{ {count} }} }} }}',
        )
    for count in ("totalCount(exact: true)", "estimatedCount"):
        yield Operation(
            "count", f"{{ transport {{ flights(first: 1, where: {{distance: {{gt: 1000}}}}) {{ {count} }} }} }}"
        )
    for first, count in product((5, 20, 100), ("totalCount", "estimatedCount")):
        below = f"airports(first: 1) {{ {count} }}"
        yield Operation("count", f"{{ standards {{ countries(first: {first}) {{ nodes {{ alpha2 {below} }} }} }} }}")


def _shortcuts() -> Iterator[Operation]:
    """Few records, found in many rows of flights."""
    named = "destinations(first: 5) { nodes { icao } }"
    lists = [f"destinations(first: 20) {{ {below} }}" for below in (f"nodes {{ {_FEW} }}", "totalCount")]
    fields = [f"airlines(first: {first}) {{ nodes {{ name {below} }} }}" for first, below in product((1, 4, 16), lists)]
    whole = f"destinations(first: 200, orderBy: NAME_ASC) {{ nodes {{ {_FEW} }} }}"
    fields += [f'airline(by: {{carrier: "{carrier}"}}) {{ {whole} }}' for carrier in ("UA", "HA")]
    fields.append(f"flights(first: 20) {{ nodes {{ airline {{ {named} }} }} }}")
    for one in fields:
        yield Operation("shortcut", f"{{ transport {{ {one} }} }}")
    fields = [
        f"airports(first: {first}) {{ nodes {{ airlines(first: {size}) {{ nodes {{ name }} }} }} }}"
        for first, size in product((20, 1000), (1, 5))
    ]
    busy = '{iata: {in: ["ATL", "ORD", "LAX"]}}'
    fields.append(
        f"airports(first: 3, where: {busy}) {{ nodes {{ airlines(first: 5) {{ nodes {{ name {named} }} }} }} }}"
    )
    for one in fields:
        yield Operation("shortcut", f"{{ aviation {{ {one} }} }}")
