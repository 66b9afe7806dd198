"""Who may read what: each role that a field can have in an operation × each level × each kind of key.

Without a database: what is refused here has touched no table, and what is allowed has been asked before any cache.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from publicgsb.datasets.contracts.model import AccessLevel, Contract, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.registry import Agency, DatasetEntry, DatasetState, Registry, ReleaseRef
from publicgsb.platform.kernel.caller import Caller, KeyKind
from publicgsb.platform.kernel.errors import GsbError
from publicgsb.platform.kernel.granted import Granted
from publicgsb.schema.planning.access import check_access
from publicgsb.schema.planning.cache import Family
from publicgsb.schema.types.graft import graft, static_schema

OPEN, REGISTERED, RESTRICTED, WITHHELD = AccessLevel
LIVE, TEST, AGENCY = (Caller("k", kind, 1, 1, "open") for kind in KeyKind)
ANSWERED = "answered"
END = 1_000.0


def _granted(dataset: str, *columns: str, kind: KeyKind = KeyKind.LIVE) -> Caller:
    """A caller with a grant until END: of these columns, or of all."""
    right = Granted(frozenset(columns) or None, END)
    return Caller("k", kind, 1, 1, "open", granted={("pub", dataset): (right,)})


_FILTERS = ["eq", "in", "range", "isNull", "startsWith"]


def _field(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "string", "label": {"fa": name, "en": name}, "filters": _FILTERS} | more


def _document(dataset: str, record: str, fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    text = {"fa": dataset, "en": dataset}
    return {
        "agency": "pub",
        "dataset": dataset,
        "recordName": record,
        "title": text,
        "description": text,
        "version": "1.0.0",
        "licence": "CC0-1.0",
        "attribution": "x",
        "source": {"name": "x"},
        "theme": "transport",
        "cadence": "once",
        "contact": "c@publicgsb.example",
        "fields": fields,
        **more,
    }


def _link(name: str, column: str, to: str, to_column: str, reverse: str) -> dict[str, Any]:
    label = {"fa": name, "en": name}
    return {"name": name, "fields": [column], "to": f"pub/{to}", "toFields": [to_column], "reverse": reverse} | {
        "label": label
    }


THINGS = _document(
    "things",
    "Thing",
    [_field("id", constraints={"required": True}), _field("plain"), _field("secret")],
    primaryKey=["id"],
    uniqueKeys=[["secret"]],
    orderings=["plain", "secret", {"name": "both", "fields": ["plain", "secret"]}],
    links=[_link("owner", "secret", "owners", "id", "things")],
)
OWNERS = _document("owners", "Owner", [_field("id", constraints={"required": True})], primaryKey=["id"])
LOGS = _document("logs", "Log", [_field("text")], links=[_link("thing", "text", "things", "secret", "logs")])
TIES = _document(
    "ties",
    "Tie",
    [_field("one"), _field("secret")],
    links=[_link("left", "one", "owners", "id", "lefts"), _link("right", "secret", "owners", "id", "rights")],
    shortcuts=[{"name": "partners", "from": "left", "to": "right", "label": {"fa": "شریک", "en": "Partners"}}],
)
PLACES = _document(
    "places",
    "Place",
    [
        _field("id", constraints={"required": True}),
        _field("word", filters=[*_FILTERS, "contains"]),
        _field("more"),
        *(_field(name, type="number", filters=["range"]) for name in ("lat", "lon", "amount")),
    ],
    primaryKey=["id"],
    orderings=[{"name": "abc", "fields": ["word"], "alphabet": "persian"}],
    search=["word", "more"],
    coordinates={"lat": "lat", "lon": "lon"},
    aggregates={"dimensions": ["word", "more"], "measures": ["amount"]},
)


def _at(level: AccessLevel, *, field: str | None = None, dataset: str = "things") -> dict[str, Contract]:
    """The contracts with one field, or one whole dataset, at a level; parse.py would forbid some of these."""
    contracts = {one["dataset"]: parse(one) for one in (THINGS, OWNERS, LOGS, TIES, PLACES)}
    held = contracts[dataset]
    if field is None:
        held = replace(held, access=level, legal_ground="IR-FOI-14")
    else:
        fields = [
            replace(one, access=level, legal_ground="IR-FOI-14") if one.name == field else one for one in held.fields
        ]
        held = replace(held, fields=tuple(fields))
    return contracts | {dataset: held}


def _registry(contracts: dict[str, Contract]) -> Registry:
    agency = Agency(1, "pub", Label("عمومی", "Public"), False, "c@publicgsb.example")
    entries = {}
    for number, (slug, contract) in enumerate(contracts.items(), 1):
        columns = frozenset(one.name for one in contract.released_fields)
        now = datetime(2026, 1, 1, tzinfo=UTC)
        release = ReleaseRef(number, number, 1, contract, f"pub__{slug}__r1", columns, 0, "", None, now)
        entries["pub", slug] = DatasetEntry(
            number, agency, slug, contract, DatasetState.ACTIVE, None, release, ((1, release),),
            {1: release}, frozenset(), frozenset(), {},
        )  # fmt: skip
    return Registry(1, 1, MappingProxyType({"pub": agency}), MappingProxyType(entries))


class Asked:
    """One document, planned once and then found in the cache."""

    def __init__(self, contracts: dict[str, Contract], document: str, variables: dict[str, Any] | None = None) -> None:
        self._registry = _registry(contracts)
        self._family = Family(graft(self._registry, static_schema()).core, document, None)
        self._variables = self._family.variables(variables or {})

    def by(self, caller: Caller, at: float = 0.0) -> str:
        """What the caller meets: "answered", the paths of withheld fields, or a code with its reason."""
        try:
            plan, _ = self._family.plan(self._registry, self._variables)
            check_access(plan, self._registry, caller, lambda: at)
        except GsbError as error:
            return f"{error.code} {error.details.get('reason', '')}".strip()
        return ", ".join(".".join(map(str, one.path)) for one in plan.errors) or ANSWERED


# role → (document, variables): each touches `secret` of things in one role and nothing else that is closed
ROLES: dict[str, tuple[str, dict[str, Any]]] = {
    "selection": ("{ pub { things { nodes { secret } } } }", {}),
    "selection of an edge": ("{ pub { things { edges { node { x: secret } } } } }", {}),
    "selection in a fragment": ("{ pub { things { nodes { ...F } } } } fragment F on PubThing { secret }", {}),
    "selection of a record": ('{ pub { thing(by: {id: "1"}) { secret } } }', {}),
    "selection below a link": ("{ pub { owners { nodes { things { nodes { id } } } } } }", {}),
    "filter": ('{ pub { things(where: {secret: {eq: "x"}}) { totalCount } } }', {}),
    "filter by isNull": ("{ pub { things(where: {secret: {isNull: true}}) { totalCount } } }", {}),
    "filter inside not": ('{ pub { things(where: {not: {or: [{secret: {in: ["x"]}}]}}) { totalCount } } }', {}),
    "filter by a variable": (
        "query($w: PubThingWhere) { pub { things(where: $w) { nodes { id } } } }",
        {"w": {"and": [{"secret": {"startsWith": "x"}}]}},
    ),
    "filter below a link": ('{ pub { owners { nodes { things(where: {secret: {gt: "x"}}) { totalCount } } } } }', {}),
    "order": ("{ pub { things(orderBy: SECRET_DESC) { nodes { id } } } }", {}),
    "order as a second column": ("{ pub { things(orderBy: BOTH_ASC) { nodes { id } } } }", {}),
    "order by a variable": (
        "query($o: PubThingOrder) { pub { things(orderBy: $o) { nodes { id } } } }",
        {"o": "SECRET_ASC"},
    ),
    "order read from its end": ("{ pub { things(orderBy: SECRET_ASC, last: 2) { nodes { id } } } }", {}),
    "cursor": ("{ pub { things(orderBy: SECRET_ASC) { edges { cursor } } } }", {}),
    "end cursor": ("{ pub { things(orderBy: SECRET_ASC) { pageInfo { endCursor } } } }", {}),
    "key": ('{ pub { thing(by: {secret: "x"}) { id } } }', {}),
    "key by a variable": ("query($b: PubThingBy!) { pub { thing(by: $b) { __typename } } }", {"b": {"secret": "x"}}),
    "column of a link": ("{ pub { things { nodes { owner { id } } } } }", {}),
    "column of a link that is only counted": ("{ pub { owners { nodes { things { totalCount } } } } }", {}),
    "column of a link read backward": ("{ pub { owners { nodes { things { nodes { id } } } } } }", {}),
    "target of a link": ("{ pub { logs { nodes { thing { id } } } } }", {}),
    "target of a link read backward": ("{ pub { things { nodes { logs { totalCount } } } } }", {}),
}
PATHS = {
    "selection": "pub.things.nodes.secret",
    "selection of an edge": "pub.things.edges.node.x",
    "selection in a fragment": "pub.things.nodes.secret",
    "selection of a record": "pub.thing.secret",
}
EXPECTED = {
    OPEN: (ANSWERED, ANSWERED),
    REGISTERED: (ANSWERED, "NOT_PERMITTED test_key"),
    RESTRICTED: ("NOT_PERMITTED restricted", "NOT_PERMITTED restricted"),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("level", EXPECTED)
def test_a_field_is_asked_for_in_every_role_that_it_can_have(role: str, level: AccessLevel) -> None:
    asked = Asked(_at(level, field="secret"), *ROLES[role])
    live, test = EXPECTED[level]
    for _ in range(2):  # planned, and found in the cache
        assert (asked.by(LIVE), asked.by(TEST), asked.by(AGENCY)) == (live, test, "NOT_PERMITTED agency_key")


@pytest.mark.parametrize("role", ROLES)
def test_a_withheld_field_is_null_where_it_is_selected_and_decides_nothing_anywhere(role: str) -> None:
    asked = Asked(_at(WITHHELD, field="secret"), *ROLES[role])
    expected = PATHS.get(role, "WITHHELD")
    for _ in range(2):
        assert (asked.by(LIVE), asked.by(TEST)) == (expected, expected)


_NEAR = "near: {lat: 1, lon: 2, withinKm: 3}"
# role → (field of places, what asks for it without selecting it)
ROLES_OF_PLACES = {
    "latitude of a place": ("lat", f"places({_NEAR}) {{ totalCount }}"),
    "longitude of a place": ("lon", f"places({_NEAR}) {{ edges {{ distanceKm }} }}"),
    "place read from its end": ("lat", f"places({_NEAR}, last: 1) {{ pageInfo {{ startCursor }} }}"),
    "searched text": ("word", 'places(search: "ab") { totalCount }'),
    "another searched text": ("more", 'places(search: "ab") { nodes { id } }'),
    "looked into": ("word", 'places(where: {not: {word: {contains: "ab"}}}) { estimatedCount }'),
    "alphabet": ("word", "places(orderBy: ABC_DESC) { nodes { id } }"),
    "group": ("word", "placesAggregate(groupBy: [MORE, WORD]) { totalGroups }"),
    "count of different values": ("word", "placesAggregate { groups { countDistinct { word } } }"),
    "sum": ("amount", "placesAggregate { groups { sum { amount } } }"),
    "mean under an alias": ("amount", "placesAggregate(groupBy: WORD) { groups { a: avg { b: amount } } }"),
    "extreme": ("amount", "placesAggregate { groups { min { amount } } }"),
    "order of groups": ("amount", "placesAggregate(groupBy: WORD, orderBy: SUM_AMOUNT_ASC) { totalGroups }"),
    "order of one group": ("amount", "placesAggregate(orderBy: AVG_AMOUNT_ASC) { totalGroups }"),
    "filter of an aggregate": ("amount", "placesAggregate(where: {amount: {gt: 1}}) { groups { count } }"),
    "looked into below an aggregate": ("word", 'placesAggregate(where: {word: {contains: "ab"}}) { totalGroups }'),
    "filter of changes": ("word", 'placesChanges(since: 1, where: {word: {eq: "x"}}) { nodes { change } }'),
    "order below a change": ("id", "placesChanges(since: 1) { pageInfo { endCursor } }"),
}


@pytest.mark.parametrize("role", ROLES_OF_PLACES)
@pytest.mark.parametrize("level", EXPECTED)
def test_near_search_aggregates_and_changes_ask_for_every_field_they_look_at(role: str, level: AccessLevel) -> None:
    field, selection = ROLES_OF_PLACES[role]
    asked = Asked(_at(level, field=field, dataset="places"), f"{{ pub {{ {selection} }} }}")
    assert (asked.by(LIVE), asked.by(TEST)) == EXPECTED[level]


@pytest.mark.parametrize("role", [role for role, (field, _) in ROLES_OF_PLACES.items() if field != "id"])
def test_near_search_aggregates_and_changes_look_at_nothing_that_is_withheld(role: str) -> None:
    field, selection = ROLES_OF_PLACES[role]
    assert Asked(_at(WITHHELD, field=field, dataset="places"), f"{{ pub {{ {selection} }} }}").by(LIVE) == "WITHHELD"


@pytest.mark.parametrize(
    ("level", "live", "test"),
    [
        (REGISTERED, ANSWERED, "NOT_PERMITTED test_key"),
        (RESTRICTED, ANSWERED, ANSWERED),  # not compared, so nothing tells that it changed
        (WITHHELD, ANSWERED, ANSWERED),
    ],
)
def test_a_change_feed_compares_no_field_that_is_closer_held_than_its_dataset(
    level: AccessLevel, live: str, test: str
) -> None:
    asked = Asked(_at(level, field="word", dataset="places"), "{ pub { placesChanges(since: 1) { changed } } }")
    assert (asked.by(LIVE), asked.by(TEST)) == (live, test)


@pytest.mark.parametrize("level", EXPECTED)
@pytest.mark.parametrize("part", ["totalCount", "nodes { __typename }"])
def test_what_ties_records_in_a_link_dataset_is_asked_for(level: AccessLevel, part: str) -> None:
    asked = Asked(
        _at(level, field="secret", dataset="ties"), f"{{ pub {{ owners {{ nodes {{ partners {{ {part} }} }} }} }} }}"
    )
    assert (asked.by(LIVE), asked.by(TEST)) == EXPECTED[level]


REFUSED = "NOT_PERMITTED restricted"


@pytest.mark.parametrize("role", ROLES)
def test_a_grant_opens_a_field_in_every_role_until_its_end_and_for_nobody_else(role: str) -> None:
    asked = Asked(_at(RESTRICTED, field="secret"), *ROLES[role])
    for right in (_granted("things", "secret"), _granted("things")):
        assert (asked.by(right), asked.by(right, END - 0.001), asked.by(right, END)) == (ANSWERED, ANSWERED, REFUSED)
    without = (
        *(LIVE, TEST, _granted("things", "plain"), _granted("owners", "secret"), _granted("owners")),
        _granted("things", kind=KeyKind.TEST),
    )
    assert {asked.by(caller) for caller in without} == {REFUSED}
    assert asked.by(_granted("things", kind=KeyKind.AGENCY)) == "NOT_PERMITTED agency_key"


@pytest.mark.parametrize("role", ROLES_OF_PLACES)
def test_a_grant_opens_what_near_search_aggregates_and_changes_look_at(role: str) -> None:
    field, selection = ROLES_OF_PLACES[role]
    asked = Asked(_at(RESTRICTED, field=field, dataset="places"), f"{{ pub {{ {selection} }} }}")
    other = next(name for name in ("more", "amount") if name != field)
    callers = (_granted("places", field), _granted("places"), _granted("places", other), _granted("things"))
    assert [asked.by(caller) for caller in callers] == [ANSWERED, ANSWERED, REFUSED, REFUSED]


@pytest.mark.parametrize("role", ROLES)
def test_no_grant_opens_what_is_withheld(role: str) -> None:
    asked = Asked(_at(WITHHELD, field="secret"), *ROLES[role])
    assert asked.by(_granted("things", "secret")) == asked.by(_granted("things")) == PATHS.get(role, "WITHHELD")


def test_of_several_grants_those_count_that_have_not_ended() -> None:
    asked = Asked(_at(RESTRICTED, field="secret"), *ROLES["selection"])
    rights = (Granted(frozenset({"secret"}), END), Granted(frozenset({"plain"}), 2 * END))
    caller = Caller("k", KeyKind.LIVE, 1, 1, "open", granted={("pub", "things"): rights})
    assert (asked.by(caller), asked.by(caller, END)) == (ANSWERED, REFUSED)


def test_no_clock_is_asked_where_nothing_is_restricted() -> None:
    registry = _registry(_at(REGISTERED, field="secret"))
    family = Family(graft(registry, static_schema()).core, ROLES["selection"][0], None)

    def clock() -> float:
        raise AssertionError("asked")

    check_access(family.plan(registry, {})[0], registry, LIVE, clock)


def test_whoever_asks_first_decides_nothing_for_the_next() -> None:
    asked = Asked(_at(REGISTERED, field="secret"), *ROLES["selection"])
    callers = (LIVE, TEST, LIVE, AGENCY, TEST, LIVE)
    refused = "NOT_PERMITTED test_key"
    expected = [ANSWERED, refused, ANSWERED, "NOT_PERMITTED agency_key", refused, ANSWERED]
    assert [asked.by(caller) for caller in callers] == expected


def test_the_error_names_the_field_and_whom_to_ask() -> None:
    registry = _registry(_at(RESTRICTED, field="secret"))
    family = Family(graft(registry, static_schema()).core, ROLES["order"][0], None)
    with pytest.raises(GsbError) as caught:
        check_access(family.plan(registry, {})[0], registry, LIVE)
    assert caught.value.details["field"] == "pub/things.secret"
    assert "c@publicgsb.example" in str(caught.value.hint)


# Whole datasets: everything that can be asked of one without naming a field of it.
def _whole() -> Iterator[tuple[str, str, str]]:
    for dataset, record in (("things", 'thing(by: {id: "1"})'), ("logs", "")):
        for part in (
            "totalCount",
            "__typename",
            "nodes { __typename }",
            "edges { cursor }",
            "pageInfo { hasNextPage }",
        ):
            yield dataset, f"{{ pub {{ {dataset} {{ {part} }} }} }}", f"pub.{dataset}"
        if record:
            yield dataset, f"{{ pub {{ {record} {{ __typename }} }} }}", "pub.thing"
    for name, part in (("placesAggregate", "__typename"), ("placesAggregate", "groups { count }")):
        yield "places", f"{{ pub {{ {name} {{ {part} }} }} }}", f"pub.{name}"
    for part in ("added", "__typename", "pageInfo { hasNextPage }", "nodes { change }"):
        yield "places", f"{{ pub {{ placesChanges(since: 1) {{ {part} }} }} }}", "pub.placesChanges"
    yield "owners", "{ pub { things { nodes { owner { __typename } } } } }", "pub.things.nodes.owner"
    yield "things", "{ pub { owners { nodes { things { __typename } } } } }", "pub.owners.nodes.things"
    yield "things", "{ pub { logs { nodes { thing { __typename } } } } }", "pub.logs.nodes.thing"
    yield "ties", "{ pub { owners { nodes { partners { totalCount } } } } }", "pub.owners.nodes.partners"
    yield "logs", "{ pub { things { nodes { logs { totalCount } } } } }", "pub.things.nodes.logs"
    yield "logs", "{ pub { things { nodes { logs { pageInfo { endCursor } } } } } }", "pub.things.nodes.logs"


@pytest.mark.parametrize(("dataset", "document", "path"), list(_whole()))
def test_a_grant_of_a_dataset_opens_whatever_is_selected_of_it_until_its_end(
    dataset: str, document: str, path: str
) -> None:
    asked = Asked(_at(RESTRICTED, dataset=dataset), document)
    other = "owners" if dataset != "owners" else "things"
    assert [asked.by(_granted(dataset)), asked.by(_granted(dataset), END), asked.by(_granted(other))] == [
        *(ANSWERED, REFUSED, REFUSED)
    ]


@pytest.mark.parametrize(("dataset", "document", "path"), list(_whole()))
@pytest.mark.parametrize("level", AccessLevel)
def test_a_dataset_is_asked_for_however_little_of_it_is_selected(
    level: AccessLevel, dataset: str, document: str, path: str
) -> None:
    asked = Asked(_at(level, dataset=dataset), document)
    live, test = EXPECTED.get(level, (path, path))
    for _ in range(2):
        assert (asked.by(LIVE), asked.by(TEST), asked.by(AGENCY)) == (live, test, "NOT_PERMITTED agency_key")


def test_a_field_may_be_more_open_than_its_dataset() -> None:
    contracts = _at(RESTRICTED, dataset="owners")
    fields = tuple(replace(one, access=OPEN) for one in contracts["owners"].fields)
    contracts["owners"] = replace(contracts["owners"], fields=fields)
    asked = Asked(contracts, "{ pub { owners { nodes { id } } } }")
    assert (asked.by(LIVE), asked.by(TEST)) == (ANSWERED, ANSWERED)
