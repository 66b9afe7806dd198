"""Attacks on what stock servers do not have: places, groups, words, change feeds, earlier releases, named documents."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.attacks.attack import Attack, answered, costly, refused, sent

# Places ----------------------------------------------------------------------------------------------------

_NEAR = "query($p:NearPoint){lab{places(near:$p){edges{distanceKm node{id}}}}}"
_HERE = {"lat": 35.7, "lon": 51.4, "withinKm": 100}
_AROUND = "{lab{" + " ".join(
    f"p{i}:places(near:{{lat:{i},lon:51.4,withinKm:200}}){{totalCount nodes{{id}}}}" for i in range(20)
) + "}}"  # fmt: skip
_WITHOUT_END = "{lab{places(near:{lat:1e400,lon:0,withinKm:1}){totalCount}}}"
_BELOW = "{lab{places(first:1000){nodes{neighbours(near:{lat:35.7,lon:51.4,withinKm:200},first:%d){nodes{id}}}}}}"


_OFF_THE_EARTH: Mapping[str, Mapping[str, Any]] = {
    "a latitude of 90.1": {"lat": 90.1}, "a longitude of 1e308": {"lon": 1e308}, "no distance": {"withinKm": 0},
    "a negative distance": {"withinKm": -1}, "a distance around the Earth": {"withinKm": 40_000},
}  # fmt: skip
_NO_NUMBERS: Mapping[str, Mapping[str, Any]] = {
    "a text": {"lat": "35.7"}, "a list": {"lon": [51.4]}, "a null": {"withinKm": None},
}  # fmt: skip


def _nowhere(**odd: Any) -> Mapping[str, Any]:
    return {"p": {**_HERE, **odd}}


# Groups ----------------------------------------------------------------------------------------------------

_GROUP = (
    "query($g:[FlyFlightGroupBy!],$o:FlyFlightAggregateOrder,$n:Int)"
    "{fly{flightsAggregate(groupBy:$g,orderBy:$o,first:$n){totalGroups groups{count}}}}"
)
_FIGURES = "count sum{delay fare number}avg{delay fare number}min{delay fare}max{delay fare}"
_CALENDARS = "{fly{" + " ".join(
    f"a{i}:flightsAggregate(groupBy:[DAY_{grain} ORIGIN DEST],first:1000){{totalGroups groups{{{_FIGURES}}}}}"
    for i, grain in enumerate(("DAY", "MONTH", "YEAR", "JALALI_MONTH", "JALALI_YEAR") * 2)
) + "}}"  # fmt: skip
_DISTINCT = "{fly{flightsAggregate{groups{countDistinct{%s}}}}}"

# Words -----------------------------------------------------------------------------------------------------

_WORDS = "query($w:String){air{airports(search:$w){totalCount nodes{icao}}}}"
_PART = "query($w:String){air{airports(where:{city:{contains:$w}}){totalCount nodes{icao}}}}"
_TURNED = "\u202e\u202d\u2066تهران\u2069" * 10  # letters from right to left, turned
_PUNCTUATION = "!&|():*<->\\'\"%_" * 12
_OTHER_PLANES = "\U0001f6eb\U00010330" * 60
_TOO_SHORT_OR_LONG = {
    "nothing": "", "blanks": " \t\n" * 300, "one letter": "a", "joiners only": "\u200c\u200d\u200b" * 60,
    "marks on one letter": "a" + "\u0301" * 190, "ligatures that unfold": "\ufdfa" * 60,
    "100 words": " ".join(f"word{i}" for i in range(100)), "one word 200 times": "tehran " * 200,
    "50,000 letters": "a" * 50_000,
}  # fmt: skip

# Change feeds ----------------------------------------------------------------------------------------------

_FEED = "query($s:Release!,$n:Int,$c:String){air{airportsChanges(since:$s,first:$n,after:$c){added nodes{change}}}}"
_FEEDS = "{air{" + " ".join(
    f"f{i}:airportsChanges(since:1,first:100){{added removed changed "
    "nodes{change changedFields before{icao city}after{icao city country{name}}}}"
    for i in range(20)
) + "}}"  # fmt: skip
_WIDE_FEED = "{air{airportsChanges(since:1,first:1000){nodes{before{country{airports(first:100){nodes{icao}}}}}}}}"

# Releases --------------------------------------------------------------------------------------------------

_AT = "query($r:Release){air{airports(release:$r){totalCount}}}"
_DAYS = "{air{" + " ".join(f'd{i}:airports(release:"{2030 + i}-01-01"){{totalCount}}' for i in range(20)) + "}}"

_NO_RELEASES: Sequence[Any] = (
    *(0, -1, 2**31, 2**63, 1.5, True, "", "newest", "2026-13-01", "0000-00-00", "٢", [1], {}, "9" * 5_000),
)  # fmt: skip

# Named documents -------------------------------------------------------------------------------------------


_NO_NAMES: Sequence[Any] = (
    *(1, "", "x", "sha256:", "sha256:" + "g" * 64, "sha256:" + "0" * 60_000, [], {}, True),
)  # fmt: skip


def _named(document_id: Any, **more: Any) -> bytes:
    return json.dumps({"documentId": document_id, **more}).encode()


NEWER: tuple[Attack, ...] = (
    Attack(
        "A23", "an answer that is kept for others, without a key of one's own", 401, "malformed", "UNAUTHENTICATED",
        source="{air{airports(first:1){nodes{icao}}}}", headers={"authorization": "Bearer nothing"},
    ),
    answered("A24", "20 lists around places", _AROUND),
    *(
        refused("A24", f"a place with {name}", _NEAR, "near", variables=_nowhere(**odd))
        for name, odd in _OFF_THE_EARTH.items()
    ),
    *(
        refused("A24", f"a place with {name}", _NEAR, "coercion", variables=_nowhere(**odd))
        for name, odd in _NO_NUMBERS.items()
    ),
    refused("A24", "a place with a number without end", _WITHOUT_END, "coercion"),
    answered("A24", "the pole", _NEAR, variables=_nowhere(lat=90, withinKm=200)),
    costly("A24", "a place below each of 1000 records", _BELOW % 100),
    answered("A25", "10 aggregates by calendar days, months and years", _CALENDARS),
    refused("A25", "the same group three times", _GROUP, "limits", variables={"g": ["ORIGIN", "ORIGIN", "ORIGIN"]}),
    refused("A25", "250 groups of no name", _GROUP, "coercion", variables={"g": [f"NOPE{i}" for i in range(250)]}),
    refused("A25", "an order of groups by SQL", _GROUP, "coercion", variables={"o": "1; drop table x"}),
    *(refused("A25", f"{n} groups", _GROUP, "page_size", variables={"g": ["ORIGIN"], "n": n}) for n in (-1, 1001)),
    refused("A25", "different values of five columns", _DISTINCT % "day number origin dest leftAt", "limits"),
    *(
        refused("A26", f"{what} {name}", source, "search_length", variables={"w": words})
        for name, words in _TOO_SHORT_OR_LONG.items()
        for what, source in (("a search for", _WORDS), ("a part that is", _PART))
    ),
    refused("A26", "a search for punctuation", _WORDS, "search_length", variables={"w": _PUNCTUATION}),
    answered("A26", "a part that is punctuation", _PART, variables={"w": _PUNCTUATION}),
    refused("A26", "a search for letters of other planes", _WORDS, "search_length", variables={"w": _OTHER_PLANES}),
    answered("A26", "a part that is letters of other planes", _PART, variables={"w": _OTHER_PLANES}),
    answered("A26", "a search for turned letters", _WORDS, variables={"w": _TURNED}),
    answered("A26", "a part that is turned letters", _PART, variables={"w": _TURNED}),
    answered("A26", "a search with a NUL", _WORDS, variables={"w": "a\0b"}),  # is folded away, as in what is searched
    refused("A26", "a search for half a letter", _WORDS, "body", variables={"w": "\ud800"}),
    refused("A26", "a search for 13 words", _WORDS, "search_length", variables={"w": "teh " * 13}),
    answered("A26", "a search for 12 words", _WORDS, variables={"w": "teh " * 12}),
    answered("A27", "20 change feeds with totals", _FEEDS),
    costly("A27", "a change feed that reads 100 records below each change", _WIDE_FEED),
    refused("A27", "changes behind a made up cursor", _FEED, "cursor", variables={"s": 1, "c": "A" * 8_000}),
    *(refused("A27", f"{n} changes", _FEED, "page_size", variables={"s": 1, "n": n}) for n in (-1, 1001)),
    answered("A28", "20 days to come", _DAYS),
    *(
        refused("A28", f"release {odd!r:.40}", _AT, "coercion", variables={"r": odd})
        for odd in _NO_RELEASES
    ),
    *(
        sent("A29", f"a document called {odd!r:.40}", _named(odd), reason="document_id")
        for odd in _NO_NAMES
    ),
    sent("A29", "a document that nobody kept", _named("sha256:" + "0" * 64), reason="persisted_query_not_found"),
    Attack(
        "A29", "a name for another text", 400, "persisted_query_mismatch", "INVALID_REQUEST",
        body=_named("sha256:" + "0" * 64, query="{__typename}"),
    ),
)  # fmt: skip
