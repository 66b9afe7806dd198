"""Requests that hurt stock GraphQL servers, as data: what is sent, and the one answer that is right.

Each is sent in endless spellings (`attempt`), so that no cache of documents answers for the work. They ask the small
world of tests/schema/worlds.py. `python -m benchmarks attacks` measures what each costs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import get_introspection_query

JSON = "application/json"
_SPELLING_BITS = 12


@dataclass(frozen=True, slots=True)
class Attack:
    """`reason` narrows the code; None for both: it is answered. `switches`: Boolean variables b0, b1, … by attempt."""

    number: str
    name: str
    status: int
    reason: str | None = None
    code: str | None = None
    source: str | None = None
    variables: Mapping[str, Any] | None = None
    switches: int = 0
    body: bytes | None = None
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    grows: bool = False  # with the schema: above some size it is QUERY_TOO_COSTLY

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def attempt(self, number: int) -> dict[str, Any]:
        """The arguments of an httpx request; every number is another text with the same meaning."""
        headers = {"content-type": JSON, **self.headers}
        if self.params is not None:
            return {"method": "GET", "params": self.params, "headers": headers}
        if self.source is None:
            return {"method": "POST", "content": self.body, "headers": headers}
        spelling = "".join(" ,"[number >> bit & 1] for bit in range(_SPELLING_BITS))
        switches = {f"b{bit}": bool(number >> bit & 1) for bit in range(self.switches)}
        asked = {"query": spelling + self.source, "variables": {**(self.variables or {}), **switches}}
        return {"method": "POST", "content": json.dumps(asked), "headers": headers}


def _refused(number: str, name: str, source: str, reason: str = "validation", **more: Any) -> Attack:
    return Attack(number, name, 400, reason, "INVALID_REQUEST", source, **more)


def _costly(number: str, name: str, source: str, reason: str | None = None, **more: Any) -> Attack:
    return Attack(number, name, 400, reason, "QUERY_TOO_COSTLY", source, **more)


def _answered(number: str, name: str, source: str, **more: Any) -> Attack:
    return Attack(number, name, 200, source=source, **more)


def _sent(number: str, name: str, body: bytes, status: int = 400, reason: str = "body", **more: Any) -> Attack:
    return Attack(number, name, status, reason, "INVALID_REQUEST", body=body, **more)


def _doubling(levels: int, last: str) -> str:
    fragments = "".join(f"fragment F{i} on Query{{...F{i + 1} ...F{i + 1}}}" for i in range(levels))
    return "{...F0}" + fragments + last


def _nested(levels: int) -> str:
    return "{air{airports{nodes{" + "country{airports{nodes{" * levels + "icao" + "}}}" * levels + "}}}}"


def _where(condition: str, field: str = "airports", agency: str = "air") -> str:
    return f"{{{agency}{{{field}(where:{condition}){{totalCount}}}}}}"


_TYPES_DEEP = "{__schema{types{" + "fields{type{" * 6 + "name" + "}}" * 6 + "}}}"
_OF_TYPES = "{__schema{types{fields{type{" + "ofType{" * 8 + "name" + "}" * 8 + "}}}}}"
_OTHER_SPELLING = "{__schema{types{name fields{name args{name type{name}}type{name ofType{name ofType{name}}}}}}}"
_SWITCHED = (
    "query("
    + " ".join(f"$b{i}:Boolean!" for i in range(8))
    + "){air{airports(first:1){nodes{"
    + " ".join(f"f{i}:icao@include(if:$b{i})" for i in range(8))
    + " icao}}}}"
)
_LIST_IN = "query($in:[String!]!){air{airports(where:{icao:{in:$in}}){nodes{icao}}}}"
_CLAUSES = "query($or:[AirAirportWhere!]!){air{airports(where:{or:$or}){totalCount}}}"
_CURSOR = "query($c:String!){air{airports(after:$c){nodes{icao}}}}"
_QUOTE = "x' OR 1=1; drop table users; --"
_ORDER = "query($o:AirAirportOrder){air{airports(orderBy:$o){nodes{icao}}}}"
_NUMBER = "query($n:Float){air{airports(where:{elevation:{gt:$n}}){totalCount}}}"
_FIRST = "query($n:Int){air{airports(first:$n){nodes{icao}}}}"
_SEARCHES = "{air{" + " ".join(f's{i}:airports(search:"tehran {i}"){{nodes{{icao}}}}' for i in range(20)) + "}}"
_CONTAINS = (
    "{air{" + " ".join(f'c{i}:airports(where:{{city:{{contains:"t{i}"}}}}){{totalCount}}' for i in range(20)) + "}}"
)
_NESTED_CONTAINS = (
    "{geo{countries{nodes{"
    + " ".join(f'c{i}:airports(where:{{city:{{contains:"ab{i}"}}}}){{totalCount}}' for i in range(30))
    + "}}}}"
)
_AGGREGATE = "airportsAggregate(groupBy:[CITY COUNTRY_CODE IS_PUBLIC],first:%d){totalGroups groups{count}}"
_AGGREGATES = "{air{" + " ".join(f"g{i}:{_AGGREGATE % 100}" for i in range(20)) + "}}"
_SINCE = "query($s:Release!){air{airportsChanges(since:$s){nodes{__typename}}}}"
_RELEASES = (
    "query(" + " ".join(f"$r{i}:Release" for i in range(20)) + "){air{"
    + " ".join(f"a{i}:airports(release:$r{i},first:1){{nodes{{icao}}}}" for i in range(20)) + "}}"
)  # fmt: skip

ATTACKS: tuple[Attack, ...] = (
    _refused("A1", "fragments doubled 80 times", _doubling(80, "fragment F80 on Query{__typename}"), "limits"),
    _refused("A1", "doubled fragments that end in an unknown one", _doubling(60, "fragment F60 on Query{...Nope}")),
    _refused("A1", "doubled fragments that end in themselves", _doubling(60, "fragment F60 on Query{...F0}")),
    _refused("A2", "unknown fragment", "{air{...Nope}}"),
    _refused("A2", "empty selection", "{air{}}", "parse"),
    _refused("A2", "no selection", "{air}"),
    _refused("A3", "100 misspelt fields", "{" + " ".join(f"aviatoin{i}" for i in range(100)) + "}"),
    _refused("A3", "100 misspelt arguments", "{air{airports(" + " ".join(f"frist{i}:1" for i in range(100)) + "){totalCount}}}"),
    _refused("A3", "100 misspelt input fields", _where("{" + " ".join(f"ciyt{i}:1" for i in range(100)) + "}")),
    _refused(
        "A3", "100 misspelt input fields in variables", "query($w:AirAirportWhere){air{airports(where:$w){totalCount}}}",
        "coercion", variables={"w": {f"ciyt{i}": 1 for i in range(100)}},
    ),
    _refused("A4", "one field 240 times", "{" + "geo{__typename}" * 240 + "}"),
    _answered(
        "A4", "60 sibling fragments",
        "{" + "".join(f"...F{i} " for i in range(60)) + "}"
        + "".join(f"fragment F{i} on Query{{air{{airports{{totalCount}}}}}}" for i in range(60)),
    ),
    _refused("A5", "30,000 comments", "#\n" * 8_000 + "{air{__typename}}", "parse"),
    _refused("A5", "a string of 60,000 characters", '{agency(slug:"' + "x" * 60_000 + '"){slug}}', "limits"),
    _sent("A5", "a string of 5 MB", b'{"query":"' + b"x" * 5_000_000 + b'"}', 413, "too_large"),
    _refused("A5", "5,000 tokens", "{" + "air " * 5_000 + "}", "limits"),
    _answered("A6", "full introspection", get_introspection_query()),
    _refused("A6", "circular introspection", _TYPES_DEEP),
    _answered("A6", "introspection of types of types", _OF_TYPES, grows=True),
    _answered("A6", "full introspection in a spelling of its own", _OTHER_SPELLING, grows=True),
    _refused("A7", "101 aliases", "{air{" + " ".join(f"x{i}:__typename" for i in range(101)) + "}}", "limits"),
    _refused("A7", "900 times the same field", "{air{" + "__typename " * 900 + "}}", "limits"),
    _refused("A7", "10 unknown directives", "{air{__typename" + "@aa" * 10 + "}}"),
    _refused("A7", "one directive 100 times", "{air{__typename" + "@skip(if:false)" * 100 + "}}"),
    _refused("A7", "400 unknown directives", "{air{__typename" + "@aa" * 400 + "}}"),
    _sent("A8", "a batch of 10", json.dumps([{"query": "{__typename}"}] * 10).encode()),
    Attack(
        "A8", "a hash with another text", 400, "persisted_query_mismatch", "INVALID_REQUEST",
        body=json.dumps(
            {"query": "{__typename}", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
        ).encode(),
    ),
    Attack("A9", "a mutation by GET", 405, "method", "INVALID_REQUEST", params={"query": "mutation{x}"}),
    *(
        _sent("A9", f"content type {media or 'missing'}", b'{"query":"{__typename}"}', 415, "media_type",
              headers={"content-type": media})
        for media in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")
    ),
    *(
        _sent("A10", f"the body {body[:34].decode('latin-1')}", body)
        for body in (
            *(b"1", b'"x"', b"null", b"[]", b"", b"{", b"NaN", b"[" * 60_000, b'{"a":' * 10_000, b"\xff\xfe"),
            *(b'{"query":1}', b'{"query":{}}', b'{"query":"{x}","operationName":{}}', b'{"query":"{x}","variables":[]}'),
            *(b'{"query":"{x}","query":"{y}"}', b'{"query":"\\ud800"}', b'{"query":"{x}","variables":{"a":NaN}}'),
        )
    ),
    _answered("A11", "a document that nobody sent before", '{air{airports(where:{city:{eq:"a"}}){nodes{icao}}}}'),
    _refused("A11", "a wrong document that nobody sent before", "{air{airports{nodes{icao nope}}}}"),
    _answered("A12", "eight switches", _SWITCHED, switches=8),
    _refused("A12", "250 clauses", _CLAUSES, "limits", variables={"or": [{"city": {"eq": str(i)}} for i in range(250)]}),
    _refused("A12", "clauses 200 deep", _where("{not:" * 200 + '{city:{eq:"a"}}' + "}" * 200), "parse"),
    _refused("A12", "a list of 251", _LIST_IN, "limits", variables={"in": ["OIIE"] * 251}),
    _refused("A13", "nested 13 levels", _nested(4), "limits"),
    _costly(
        "A13", "1000 × 1000 records",
        "{air{airports(first:1000){nodes{country{airports(first:1000){nodes{icao}}}}}}}",
    ),
    _answered("A13", "20 searches", _SEARCHES),
    _answered("A13", "20 substrings", _CONTAINS),
    _costly("A13", "30 substrings below each country", _NESTED_CONTAINS),
    _answered("A13", "groups by three dimensions", "{air{" + _AGGREGATE % 1000 + "}}"),
    _answered("A13", "20 aggregates", _AGGREGATES),
    _refused("A13", "100,000 groups", "{air{" + _AGGREGATE % 100_000 + "}}", "page_size"),
    _refused("A13", "groups by four dimensions", "{air{airportsAggregate(groupBy:[CITY CITY CITY CITY]){totalGroups}}}", "limits"),
    _answered("A13", "20 releases that are chosen by variables", _RELEASES, variables={f"r{i}": 1 for i in range(20)}),
    *(
        _refused("A17", f"changes since {since}", _SINCE, "coercion", variables={"s": since})
        for since in (-1, 0, 2**63, "1; drop", [1])
    ),
    _refused("A14", "a filter on a withheld column", _where('{manager:{eq:"a"}}')),
    _refused("A14", "an order by a withheld column", "{air{airports(orderBy:MANAGER_ASC){totalCount}}}"),
    _answered("A16", "SQL in a value", _where(json.dumps(_QUOTE).join(("{city:{eq:", "}}")))),
    _answered("A16", "wildcards in a prefix", _where('{city:{startsWith:"%_\\\\"}}')),
    _answered("A16", "wildcards in a substring", _where('{city:{contains:"%%%"}}')),
    _answered("A16", "operators in a search", '{air{airports(search:"ab & cd | ! <-> :* %"){nodes{icao}}}}'),
    _refused("A16", "SQL as an order", _ORDER, "coercion", variables={"o": _QUOTE}),
    _refused("A16", "SQL as a cursor", _CURSOR, "cursor", variables={"c": _QUOTE}),
    _refused("A16", "a NUL in a value", _where('{city:{eq:"\\u0000"}}'), "text"),
    *(
        _refused("A17", f"first: {n}", _FIRST, "coercion", variables={"n": n})
        for n in (2**31, 2**63, 1e20, "5", True, [[5]])
    ),
    *(_refused("A17", f"first: {n}", _FIRST, "page_size", variables={"n": n}) for n in (-1, 1001)),
    _refused("A17", "1e400", _where("{elevation:{gt:1e400}}"), "coercion"),
    _refused("A17", "a number of 5,000 digits", _where("{elevation:{gt:" + "9" * 5_000 + "}}"), "coercion"),
    _refused("A17", "a day that is none", _where('{opened:{gt:"9999-99-99"}}')),
    _refused("A17", "a decimal of 5,000 digits", _where('{fare:{gt:"' + "9" * 5_000 + '"}}', "flights", "fly")),
    _refused("A17", "a made up cursor", _CURSOR, "cursor", variables={"c": "A" * 8_000}),
    _refused("A18", "an empty filter", _where("{}"), "empty_condition"),
    _refused("A18", "a null filter", _where("{city:null}"), "empty_condition"),
    _refused("A18", "a filter with null", _where("{city:{eq:null}}"), "null_operand"),
    _refused("A18", "an empty list of clauses", _where("{or:[]}"), "empty_condition"),
    _refused("A18", "an empty list of values", _where("{icao:{in:[]}}"), "limits"),
    _sent(
        "A11", "a slice of what is no dataset", b'{"query":"{__typename}"}', 400, "datasets",
        headers={"gsb-datasets": "a" * 10_000},
    ),
)  # fmt: skip
