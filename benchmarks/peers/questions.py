"""The three cases in the words of each peer, and what of an answer must be the same everywhere."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks.cases import CHILDREN, FIELDS, PAGE, PARENTS


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one server is asked a case, and how its `data` is read."""

    document: str
    variables: Callable[[Mapping[str, Any]], Mapping[str, Any]]  # from those of our own question
    content: Callable[[Any], Any]

    def read(self, answer: bytes) -> bytes:
        """The content of an answer in one spelling; an answer with errors reads as its errors."""
        found = orjson.loads(answer)
        return canonical(found["errors"] if found.get("errors") else self.content(found["data"]))


def canonical(content: Any) -> bytes:
    """One spelling: 2260.0 and 2260 are the same number of JSON."""
    return orjson.dumps(_plain(content), option=orjson.OPT_SORT_KEYS)


def _plain(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _plain(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_plain(value) for value in content]
    return int(content) if isinstance(content, float) and content.is_integer() else content


def _same(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    return variables


def _page(connection: Any) -> Any:
    """Cursors are each server's own; the records and whether more follow are not."""
    return {"nodes": connection["nodes"], "hasNextPage": connection["pageInfo"]["hasNextPage"]}


def _nested(countries: Any) -> Any:
    return [country | {"airports": country["airports"]["nodes"]} for country in countries]


OURS: Mapping[str, Callable[[Any], Any]] = {
    "lookup": lambda data: data["aviation"]["airport"],
    "page": lambda data: _page(data["aviation"]["airports"]),
    "nested": lambda data: _nested(data["standards"]["countries"]["nodes"]),
}


def strawberry(icao_of: Mapping[str, str]) -> Mapping[str, Dialect]:
    """`icao_of` says after which airport each of our cursors stands."""
    return {
        "lookup": Dialect(
            f"query ($icao: String!) {{ airport(icao: $icao) {{ {FIELDS} }} }}", _same, lambda data: data["airport"]
        ),
        "page": Dialect(
            f"query ($after: String) {{ airports(first: {PAGE}, after: $after) {{ nodes {{ {FIELDS} }} "
            "pageInfo { hasNextPage endCursor } } }",
            lambda given: {"after": base64.b64encode(icao_of[given["after"]].encode()).decode()},
            lambda data: _page(data["airports"]),
        ),
        "nested": Dialect(
            f"query ($codes: [String!]!) {{ countries(codes: $codes, first: {PARENTS}) {{ alpha2 name nameFa "
            f"airports(first: {CHILDREN}) {{ nodes {{ icao name city }} }} }} }}",
            _same,
            lambda data: _nested(data["countries"]),
        ),
    }


def postgraphile(cursor_after: Mapping[str, str], icao_of: Mapping[str, str]) -> Mapping[str, Dialect]:
    """`cursor_after` has PostGraphile's own cursor behind each airport."""
    return {
        "lookup": Dialect(
            f"query ($icao: String!) {{ airportByIcao(icao: $icao) {{ {FIELDS} }} }}",
            _same,
            lambda data: data["airportByIcao"],
        ),
        "page": Dialect(
            f"query ($after: Cursor) {{ allAirports(first: {PAGE}, after: $after) {{ nodes {{ {FIELDS} }} "
            "pageInfo { hasNextPage endCursor } } }",
            lambda given: {"after": cursor_after[icao_of[given["after"]]]},
            lambda data: _page(data["allAirports"]),
        ),
        "nested": Dialect(
            f"query ($codes: [String!]!) {{ allCountries(first: {PARENTS}, filter: {{alpha2: {{in: $codes}}}}) {{ "
            f"nodes {{ alpha2 name nameFa airports(first: {CHILDREN}) {{ nodes {{ icao name city }} }} }} }} }}",
            _same,
            lambda data: _nested(data["allCountries"]["nodes"]),
        ),
    }
