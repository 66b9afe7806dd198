"""What is asked: three queries, each with many different sets of variables, drawn from the released records."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks.planner import Planner
from publicgsb.platform.kernel.database import Connection

PAGE = 100
PARENTS, CHILDREN = 20, 5
_SEED = 20130101  # the same questions in every run
_DRAWS = 2_000
FIELDS = "icao iata name city countryCode elevation latitude longitude"


@dataclass(frozen=True, slots=True)
class Case:
    """`questions` are the variables of the requests, in random order."""

    name: str
    title: str
    document: str
    questions: Sequence[Mapping[str, Any]]


LOOKUP = f"query ($icao: String!) {{ aviation {{ airport(by: {{icao: $icao}}) {{ {FIELDS} }} }} }}"

PAGE_AFTER = f"""query ($after: String) {{ aviation {{ airports(first: {PAGE}, after: $after) {{
  nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""

NESTED = f"""query ($codes: [String!]!) {{ standards {{
  countries(first: {PARENTS}, where: {{alpha2: {{in: $codes}}}}) {{
    nodes {{ alpha2 name nameFa airports(first: {CHILDREN}) {{ nodes {{ icao name city }} }} }} }} }} }}"""

_WALK = """query ($after: String) { aviation { airports(first: 1000, after: $after) {
  edges { cursor node { icao countryCode country { alpha2 } } } pageInfo { hasNextPage endCursor } } } }"""


async def draw(planner: Planner, connection: Connection) -> tuple[Case, ...]:
    """The keys are those of all airports, the cursors stand after random ones of them, the countries have enough."""
    edges = await _edges(planner, connection)
    chance = random.Random(_SEED)
    icaos = [edge["node"]["icao"] for edge in edges]
    cursors = [edge["cursor"] for edge in edges[: -PAGE - 1]]
    airports = Counter(edge["node"]["countryCode"] for edge in edges if edge["node"]["country"])
    codes = sorted(code for code, count in airports.items() if count >= CHILDREN)
    return (
        Case("lookup", "look-up by key", LOOKUP, [{"icao": icao} for icao in chance.sample(icaos, len(icaos))]),
        Case(
            "page",
            f"page of {PAGE} records",
            PAGE_AFTER,
            [{"after": cursor} for cursor in chance.sample(cursors, _DRAWS)],
        ),
        Case(
            "nested",
            f"{PARENTS} parents × {CHILDREN} children, two agencies",
            NESTED,
            [{"codes": chance.sample(codes, PARENTS)} for _ in range(_DRAWS)],
        ),
    )


async def _edges(planner: Planner, connection: Connection) -> list[dict[str, Any]]:
    edges: list[dict[str, Any]] = []
    after = None
    while True:
        question = planner.question(_WALK, {"after": after})
        found = orjson.loads(await question.answer(connection))["aviation"]["airports"]
        edges += found["edges"]
        if not found["pageInfo"]["hasNextPage"]:
            return edges
        after = found["pageInfo"]["endCursor"]
