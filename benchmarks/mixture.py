"""Requests of every kind, as many different ones as anybody likes: what benchmarks/long.py asks one worker.

Everything is drawn from a seed. `novelty` is the share of documents that nobody sent before, and an eighth of the share
of values.
"""

import hashlib
import random
from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any
from urllib.parse import quote

import orjson
from graphql import get_introspection_query

from publicgsb.apikeys.format import draw
from publicgsb.platform.kernel.caller import KeyKind

NOVELTY = 0.02
_TAILS = 2_000  # different words and keys that are asked for beside the few that are there
_ICAO = ("OIIE", "OIII", "OIYY", "OIZZ", "LTFM", "XXXX")
_WORDS = ("تهران", "یزد", "istanbul", "nowhere", "OIIE", "thran", "yazd", "مهرآباد")
_UP = "query Up($k: String!) { air { airport(by: {icao: $k}) { icao city country { name } } } }"
_SEARCH = "query Search($k: String!, $n: Int) { air { airports(search: $k, first: $n) { nodes { icao } } } }"
_WHERE = (
    "query Like($k: String!, $n: Int) { air { airports(where: {city: {contains: $k}}, first: $n) { totalCount } } }"
)
_NEAR = "query Near($at: NearPoint!) { lab { places(near: $at, first: 5) { nodes { id kind neighbour { id } } } } }"
_ON = "query On($c: String) { air { airports(first: 2, after: $c) { nodes { icao } pageInfo { endCursor } } } }"
_FEED = "airportsChanges(since: 1, first: $n) { nodes { change key { icao } after { city } } }"
_LISTS: tuple[str, ...] = (
    "query Page($n: Int) { air { airports(first: $n) { nodes { icao city elevation } pageInfo { endCursor } } } }",
    "query Nested($n: Int) { geo { countries(first: $n) { nodes { code airports(first: 2) { totalCount nodes { icao "
    "departures(first: 2) { nodes { number delay } } } } } } } }",
    "query Groups($n: Int) { air { airportsAggregate(groupBy: [COUNTRY_CODE], first: $n) { groups { count } } } }",
    "query Days($n: Int) { fly { flightsAggregate(groupBy: [ORIGIN], first: $n) { groups { count avg { delay } } } } }",
    f"query Feed($n: Int) {{ air {{ {_FEED} }} }}",
    "query Old($n: Int) { air { airports(first: $n, release: 1) { nodes { icao } } } }",
    "query Guess($n: Int) { fly { flights(first: $n, where: {delay: {gte: 1}}) { estimatedCount nodes { day } } } }",
)
_ABOUT: tuple[str, ...] = (
    "query Me { me { plan } }",
    "query Quota { me { quota { policy limit remaining } } }",
    "query Usage { me { usage { requests points } } }",
    "query All { datasets { id access licence { name } } }",
    "query Dry { rateLimit(dryRun: true) { cost } air { airports(first: 10) { nodes { icao } } } }",
    get_introspection_query(),
)
_WRONG: tuple[str, ...] = (
    "{",
    "{ air { nope } }",
    "{ air { airports(first: -1) { totalCount } } }",
    "mutation { x }",
    "{ " + "a " * 600 + "}",
    "query Q($n: Int!) { air { airports(first: $n) { totalCount } } }",
)
_PAGES = (
    "/", "/schema.graphql", "/changelog.json", "/catalog.json", "/metrics", "/health/ready", "/api/v1/quota",
    "/explore/examples.json?dataset=air/airports", "/pricing", "/nowhere",
)  # fmt: skip
_SLICES = ("air/airports", "geo/countries", "air/airports,geo/countries", "fly/flights", "lab/places", "no/where")
_AIRPORT = ("icao", "iata", "city", "elevation", "opened", "isPublic")


class Mixture:
    """One connection's requests, one after another."""

    def __init__(self, seed: int, keys: list[str], novelty: float = NOVELTY) -> None:
        self._random = random.Random(seed)
        self._keys = keys
        self._novelty = novelty
        self._seed = seed
        self._number = 0
        self.tag = b'"none"'  # the last that was given
        self.cursor = ""
        weights: tuple[tuple[float, Callable[[], bytes]], ...] = (
            (30, self._look_up), (16, self._list), (6, self._search), (6, self._where), (4, self._near),
            (4, self._further), (6, self._get), (3, self._persisted), (3, self._about), (2, self._wrong),
            (1, self._sliced), (0.5, self._page), (0.3, self._stranger),
        )  # fmt: skip
        self._kinds = [kind for _, kind in weights]
        self._weights = list(accumulate(weight for weight, _ in weights))

    def next(self) -> bytes:
        """The bytes of a request."""
        self._number += 1
        if self._random.random() < self._novelty:
            return self._post({"query": self._novel(), "variables": self._variables()})
        at = bisect_right(self._weights, self._random.random() * self._weights[-1])
        return self._kinds[at]()

    def chance(self) -> float:
        return self._random.random()

    def _look_up(self) -> bytes:
        return self._post({"query": _UP, "variables": {"k": self._key()}})

    def _list(self) -> bytes:
        return self._post({"query": self._random.choice(_LISTS), "variables": {"n": self._random.randint(1, 100)}})

    def _search(self) -> bytes:
        words = f"{self._random.choice(_WORDS)} {self._tail()}" if self._random.random() < 0.5 else _WORDS[0]
        return self._post({"query": _SEARCH, "variables": {"k": words, "n": self._random.randint(1, 20)}})

    def _where(self) -> bytes:
        return self._post({"query": _WHERE, "variables": self._variables()})

    def _near(self) -> bytes:
        at = {"lat": round(self._random.uniform(34, 37), 2), "lon": round(self._random.uniform(50, 53), 2)}
        return self._post({"query": _NEAR, "variables": {"at": {**at, "withinKm": 50}}})

    def _further(self) -> bytes:
        """Behind the last cursor that was given, if there is one."""
        return self._post({"query": _ON, "variables": {"c": self.cursor} if self.cursor else {}})

    def _get(self) -> bytes:
        asked = f"query={quote(_LISTS[0])}&variables={quote(orjson.dumps({'n': self._random.randint(1, 40)}))}"
        tag = b"If-None-Match: " + self.tag + b"\r\n" if self._random.random() < 0.5 else b""
        verb = "HEAD" if self._random.random() < 0.1 else "GET"
        return f"{verb} /graphql?{asked} HTTP/1.1\r\n{self._head()}".encode() + tag + b"\r\n"

    def _persisted(self) -> bytes:
        """By its hash alone where it was sent before, now and then one that nobody knows."""
        text = f"query Kept{self._random.randint(1, 150)} {{ air {{ airports(first: 3) {{ nodes {{ icao }} }} }} }}"
        if self._random.random() < self._novelty:
            text = text.replace("Kept", f"Kept{self._random.getrandbits(40)}_")
        named = {"documentId": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"}
        return self._post(named if self._random.random() < 0.7 else {"query": text, **named})

    def _about(self) -> bytes:
        return self._post({"query": self._random.choice(_ABOUT)})

    def _wrong(self) -> bytes:
        chance = self._random.random()
        if chance < 0.1:
            return self._post({"query": "{ me { plan } }"}, "Accept: text/html\r\n")
        if chance < 0.2:
            return self._post({"query": "x" * 70_000})
        return self._post({"query": self._random.choice(_WRONG), "variables": {"n": None}})

    def _sliced(self) -> bytes:
        body = {"query": "query Part { __typename }"}
        return self._post(body, f"GSB-Datasets: {self._random.choice(_SLICES)}\r\n")

    def _page(self) -> bytes:
        return f"GET {self._random.choice(_PAGES)} HTTP/1.1\r\n{self._head()}\r\n".encode()

    def _stranger(self) -> bytes:
        """A key that looks like one and is nobody's, or none at all."""
        key = draw(KeyKind.LIVE).text if self._random.random() < 0.5 else self._keys[0][:-1] + "-"
        body = b'{"query":"{ me { plan } }"}'
        head = f"POST /graphql HTTP/1.1\r\nHost: gsb\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def _novel(self) -> str:
        """Another name each time, and often a selection and filters that make another statement."""
        name = f"N{self._seed}_{self._number}_{self._random.getrandbits(32)}"
        fields = " ".join(self._random.sample(_AIRPORT, self._random.randint(1, len(_AIRPORT))))
        where = ", ".join(
            f"{field}: {{{operator}: $k}}"
            for field, operator in (("icao", "startsWith"), ("city", "eq"), ("iata", "eq"))
            if self._random.random() < 0.3
        )
        below = " country { name airports(first: 3) { nodes { icao } } }" if self._random.random() < 0.3 else ""
        given = ["first: $n"] + ([f"where: {{{where}}}"] if where else [])
        declared = "$n: Int" + (", $k: String" if where else "")
        nodes = f"nodes {{ {fields}{below} }}"
        return f"query {name}({declared}) {{ air {{ airports({', '.join(given)}) {{ {nodes} }} }} }}"

    def _variables(self) -> Mapping[str, Any]:
        return {"k": self._key(), "n": self._random.randint(1, 100)}

    def _key(self) -> str:
        return self._random.choice(_ICAO) if self._random.random() < 0.25 else self._tail()

    def _tail(self) -> str:
        """Some come back, some never do."""
        if self._random.random() < 8 * self._novelty:
            return f"V{self._random.getrandbits(40)}"
        return f"W{self._random.randint(1, _TAILS)}"

    def _head(self) -> str:
        return f"Host: gsb\r\nAuthorization: Bearer {self._random.choice(self._keys)}\r\n"

    def _post(self, asked: Mapping[str, Any], more: str = "") -> bytes:
        body = orjson.dumps(asked)
        head = f"{self._head()}{more}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"POST /graphql HTTP/1.1\r\n{head}\r\n".encode() + body
