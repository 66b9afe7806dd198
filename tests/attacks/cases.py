"""Requests that hurt stock GraphQL servers, as data: what is sent, and the one answer that is right.

Each is sent in endless spellings (`attempt`), so that no cache of documents answers for the work. They ask the small
world of tests/schema/worlds.py. `python -m benchmarks attacks` measures what each costs.
"""

import json

from graphql import get_introspection_query

from tests.attacks.attack import Attack, answered, costly, refused, sent
from tests.attacks.newer_cases import NEWER


def _doubling(levels: int, last: str) -> str:
    fragments = "".join(f"fragment F{i} on Query{{...F{i + 1} ...F{i + 1}}}" for i in range(levels))
    return "{...F0}" + fragments + last


def _siblings(count: int, type_: str, fields: str, around: str) -> str:
    spread = " ".join(f"...F{i}" for i in range(count))
    return around % spread + "".join(f"fragment F{i} on {type_}{{{fields}}}" for i in range(count))


def _nested(levels: int) -> str:
    return "{air{airports{nodes{" + "country{airports{nodes{" * levels + "icao" + "}}}" * levels + "}}}}"


def _where(condition: str, field: str = "airports", agency: str = "air") -> str:
    return f"{{{agency}{{{field}(where:{condition}){{totalCount}}}}}}"


_TYPES_DEEP = "{__schema{types{" + "fields{type{" * 6 + "name" + "}}" * 6 + "}}}"
_OF_TYPES = "{__schema{types{fields{type{" + "ofType{" * 8 + "name" + "}" * 8 + "}}}}}"
_OTHER_SPELLING = "{__schema{types{name fields{name args{name type{name}}type{name ofType{name ofType{name}}}}}}}"
_MANY_SCHEMAS = "{" + " ".join(f"s{i}:__schema{{types{{name fields{{name type{{name}}}}}}}}" for i in range(20)) + "}"
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
    refused("A1", "fragments doubled 80 times", _doubling(80, "fragment F80 on Query{__typename}"), "limits"),
    refused("A1", "doubled fragments that end in an unknown one", _doubling(60, "fragment F60 on Query{...Nope}")),
    refused("A1", "doubled fragments that end in themselves", _doubling(60, "fragment F60 on Query{...F0}")),
    refused("A2", "unknown fragment", "{air{...Nope}}"),
    refused("A2", "empty selection", "{air{}}", "parse"),
    refused("A2", "no selection", "{air}"),
    refused("A3", "100 misspelt fields", "{" + " ".join(f"aviatoin{i}" for i in range(100)) + "}"),
    refused("A3", "100 misspelt arguments", "{air{airports(" + " ".join(f"frist{i}:1" for i in range(100)) + "){totalCount}}}"),
    refused("A3", "100 misspelt input fields", _where("{" + " ".join(f"ciyt{i}:1" for i in range(100)) + "}")),
    refused(
        "A3", "100 misspelt input fields in variables", "query($w:AirAirportWhere){air{airports(where:$w){totalCount}}}",
        "coercion", variables={"w": {f"ciyt{i}": 1 for i in range(100)}},
    ),
    refused("A4", "one field 240 times", "{" + "geo{__typename}" * 240 + "}"),
    refused("A4", "60 sibling fragments", _siblings(60, "Query", "air{airports{totalCount}}", "{%s}")),
    answered(
        "A4", "30 components of one page",
        _siblings(30, "AirAirport", "icao city elevation country{code name}", "{air{airports{nodes{%s}}}}"),
    ),
    refused("A5", "30,000 comments", "#\n" * 8_000 + "{air{__typename}}", "parse"),
    refused("A5", "a string of 60,000 characters", '{agency(slug:"' + "x" * 60_000 + '"){slug}}', "limits"),
    sent("A5", "a string of 5 MB", b'{"query":"' + b"x" * 5_000_000 + b'"}', 413, "too_large"),
    refused("A5", "5,000 tokens", "{" + "air " * 5_000 + "}", "limits"),
    answered("A6", "full introspection", get_introspection_query()),
    refused("A6", "circular introspection", _TYPES_DEEP),
    costly("A6", "20 introspections beside each other", _MANY_SCHEMAS, "introspection"),
    answered("A6", "introspection of types of types", _OF_TYPES, grows=True),
    answered("A6", "full introspection in a spelling of its own", _OTHER_SPELLING, grows=True),
    refused("A7", "101 aliases", "{air{" + " ".join(f"x{i}:__typename" for i in range(101)) + "}}", "limits"),
    refused("A7", "900 times the same field", "{air{" + "__typename " * 900 + "}}", "limits"),
    refused("A7", "10 unknown directives", "{air{__typename" + "@aa" * 10 + "}}"),
    refused("A7", "one directive 100 times", "{air{__typename" + "@skip(if:false)" * 100 + "}}"),
    refused("A7", "400 unknown directives", "{air{__typename" + "@aa" * 400 + "}}"),
    sent("A8", "a batch of 10", json.dumps([{"query": "{__typename}"}] * 10).encode()),
    Attack(
        "A8", "a hash with another text", 400, "persisted_query_mismatch", "INVALID_REQUEST",
        body=json.dumps(
            {"query": "{__typename}", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
        ).encode(),
    ),
    Attack("A9", "a mutation by GET", 405, "method", "INVALID_REQUEST", params={"query": "mutation{x}"}),
    *(
        sent("A9", f"content type {media or 'missing'}", b'{"query":"{__typename}"}', 415, "media_type",
              headers={"content-type": media})
        for media in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")
    ),
    *(
        sent("A10", f"the body {body[:34].decode('latin-1')}", body)
        for body in (
            *(b"1", b'"x"', b"null", b"[]", b"", b"{", b"NaN", b"[" * 60_000, b'{"a":' * 10_000, b"\xff\xfe"),
            *(b'{"query":1}', b'{"query":{}}', b'{"query":"{x}","operationName":{}}', b'{"query":"{x}","variables":[]}'),
            *(b'{"query":"{x}","query":"{y}"}', b'{"query":"\\ud800"}', b'{"query":"{x}","variables":{"a":NaN}}'),
        )
    ),
    answered("A11", "a document that nobody sent before", '{air{airports(where:{city:{eq:"a"}}){nodes{icao}}}}'),
    refused("A11", "a wrong document that nobody sent before", "{air{airports{nodes{icao nope}}}}"),
    answered("A12", "eight switches", _SWITCHED, switches=8),
    refused("A12", "250 clauses", _CLAUSES, "limits", variables={"or": [{"city": {"eq": str(i)}} for i in range(250)]}),
    refused("A12", "clauses 200 deep", _where("{not:" * 200 + '{city:{eq:"a"}}' + "}" * 200), "parse"),
    refused("A12", "a list of 251", _LIST_IN, "limits", variables={"in": ["OIIE"] * 251}),
    refused("A13", "nested 13 levels", _nested(4), "limits"),
    costly(
        "A13", "1000 × 1000 records",
        "{air{airports(first:1000){nodes{country{airports(first:1000){nodes{icao}}}}}}}",
    ),
    answered("A13", "20 searches", _SEARCHES),
    answered("A13", "20 substrings", _CONTAINS),
    costly("A13", "30 substrings below each country", _NESTED_CONTAINS),
    answered("A13", "groups by three dimensions", "{air{" + _AGGREGATE % 1000 + "}}"),
    answered("A13", "20 aggregates", _AGGREGATES),
    refused("A13", "100,000 groups", "{air{" + _AGGREGATE % 100_000 + "}}", "page_size"),
    refused("A13", "groups by four dimensions", "{air{airportsAggregate(groupBy:[CITY CITY CITY CITY]){totalGroups}}}", "limits"),
    answered("A13", "20 releases that are chosen by variables", _RELEASES, variables={f"r{i}": 1 for i in range(20)}),
    *(
        refused("A17", f"changes since {since}", _SINCE, "coercion", variables={"s": since})
        for since in (-1, 0, 2**63, "1; drop", [1])
    ),
    refused("A14", "a filter on a withheld column", _where('{manager:{eq:"a"}}')),
    refused("A14", "an order by a withheld column", "{air{airports(orderBy:MANAGER_ASC){totalCount}}}"),
    answered("A16", "SQL in a value", _where(json.dumps(_QUOTE).join(("{city:{eq:", "}}")))),
    answered("A16", "wildcards in a prefix", _where('{city:{startsWith:"%_\\\\"}}')),
    answered("A16", "wildcards in a substring", _where('{city:{contains:"%%%"}}')),
    answered("A16", "operators in a search", '{air{airports(search:"ab & cd | ! <-> :* %"){nodes{icao}}}}'),
    refused("A16", "SQL as an order", _ORDER, "coercion", variables={"o": _QUOTE}),
    refused("A16", "SQL as a cursor", _CURSOR, "cursor", variables={"c": _QUOTE}),
    refused("A16", "a NUL in a value", _where('{city:{eq:"\\u0000"}}'), "text"),
    *(
        refused("A17", f"first: {n}", _FIRST, "coercion", variables={"n": n})
        for n in (2**31, 2**63, 1e20, "5", True, [[5]])
    ),
    *(refused("A17", f"first: {n}", _FIRST, "page_size", variables={"n": n}) for n in (-1, 1001)),
    refused("A17", "1e400", _where("{elevation:{gt:1e400}}"), "coercion"),
    refused("A17", "a number of 5,000 digits", _where("{elevation:{gt:" + "9" * 5_000 + "}}"), "coercion"),
    refused("A17", "a day that is none", _where('{opened:{gt:"9999-99-99"}}')),
    refused("A17", "a decimal of 5,000 digits", _where('{fare:{gt:"' + "9" * 5_000 + '"}}', "flights", "fly")),
    refused("A17", "a made up cursor", _CURSOR, "cursor", variables={"c": "A" * 8_000}),
    refused("A18", "an empty filter", _where("{}"), "empty_condition"),
    refused("A18", "a null filter", _where("{city:null}"), "empty_condition"),
    refused("A18", "a filter with null", _where("{city:{eq:null}}"), "null_operand"),
    refused("A18", "an empty list of clauses", _where("{or:[]}"), "empty_condition"),
    refused("A18", "an empty list of values", _where("{icao:{in:[]}}"), "limits"),
    sent(
        "A11", "a slice of what is no dataset", b'{"query":"{__typename}"}', 400, "datasets",
        headers={"gsb-datasets": "a" * 10_000},
    ),
    *NEWER,
)  # fmt: skip
