"""How often a document is planned: 200 documents, each replayed 200 times with new variables."""

from itertools import product

from benchmarks.place import Place
from publicgsb.datasets.registry import Registry
from publicgsb.schema.planning.cache import PlanCache
from publicgsb.schema.types.graft import graft, static_schema

DOCUMENTS, REPLAYS = 200, 200


def documents() -> list[str]:
    """Look-ups and pages of airports and countries that differ in what they select."""
    fields = ("icao", "iata", "name", "city", "countryCode", "elevation", "latitude", "longitude")
    found = []
    for number, (first, second, third) in enumerate(product(fields, fields, fields)):
        selection = " ".join(dict.fromkeys((first, second, third)))
        if number % 2:
            found.append(
                f"query D{number}($icao: String!) {{ aviation {{ airport(by: {{icao: $icao}}) {{ {selection} }} }} }}"
            )
        else:
            found.append(
                f"query D{number}($icao: String!, $first: Int) {{ aviation {{ airports(first: $first, "
                f"where: {{icao: {{startsWith: $icao}}}}) {{ nodes {{ {selection} }} }} }} }}"
            )
    return found[:DOCUMENTS]


def replay(registry: Registry) -> tuple[int, int]:
    """How many of the requests found their document planned, and how many plans were made."""
    cache = PlanCache(graft(registry, static_schema()).core)
    plans = 0
    for replay in range(REPLAYS):
        for number, document in enumerate(documents()):
            family = cache.family(document, None)
            given: dict[str, object] = {"icao": f"{number:02X}{replay:02X}"[:4]}
            if not number % 2:
                given["first"] = 1 + replay % 100
            _, is_new = family.plan(registry, family.variables(given))
            plans += is_new
    assert cache.hits + cache.misses == DOCUMENTS * REPLAYS
    return cache.hits, plans


async def measure(place: Place) -> float:
    """The share in percent of requests that needed no planning."""
    _, plans = replay(await place.registry())
    return 100 * (1 - plans / (DOCUMENTS * REPLAYS))
