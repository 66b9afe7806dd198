"""A contract document, as agencies write it, turned into the page that the service would publish of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from publicgsb_sdk.contract import FieldType, camel
from publicgsb_sdk.testing.model import DATES, pascal
from publicgsb_sdk.testing.refusals import MockSetup
from publicgsb_sdk.testing.values import INT4
from publicgsb_sdk.wire import an_object, items, members

RANGE = ("gt", "gte", "lt", "lte")
GRAINS = ("day", "month", "year", "jalaliMonth", "jalaliYear")
SERVED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "day": GRAINS,
        "month": ("month", "year"),
        "year": ("year",),
        "jalaliMonth": ("jalaliMonth", "jalaliYear"),
        "jalaliYear": ("jalaliYear",),
    }
)
MIN_CELL = 10


def page_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Raises MockSetup for a document that lacks what every contract has. What is wrong with the rest the service
    tells: `gsb contract check`, or POST to /contract.
    """
    try:
        return _page(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        name = f"{document.get('agency')}/{document.get('dataset')}"
        raise MockSetup(
            f"The contract document of {name} cannot be read: {type(error).__name__} {error}.",
            hint="The service's own check says what is wrong with it, member by member.",
        ) from error


def _page(document: Mapping[str, Any]) -> dict[str, Any]:
    access = document.get("access") or "open"
    primary = list(items(document.get("primaryKey")))
    fields = [_field(one, access, primary) for one in document["fields"]]
    types = {one["name"]: FieldType(one["type"]) for one in fields}
    major = int(document["version"].split(".")[0])
    base = document["dataset"].removesuffix(f"_v{major}") if major > 1 else document["dataset"]
    record = document["recordName"]
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, default=str).encode()
    source = members(document.get("source"))
    return {
        "agency": document["agency"],
        "dataset": document["dataset"],
        "title": document.get("title"),
        "description": document.get("description"),
        "state": "active",
        "contract": {
            "version": document["version"],
            "sha256": hashlib.sha256(canonical).hexdigest(),
            "recordName": record,
            "listName": camel(base),
            "recordField": record[:1].lower() + record[1:],
            "access": access,
            "legalGround": document.get("legalGround"),
            "primaryKey": primary,
            "keys": [{"name": "_".join(map(camel, key)), "fields": list(key)} for key in _keys(document, primary)],
            "fields": fields,
            "links": [dict(one) for one in items(document.get("links"))],
            "shortcuts": [dict(one) for one in items(document.get("shortcuts"))],
            "coordinates": document.get("coordinates"),
            "orderings": [
                {"name": one, "fields": [one], "alphabet": None}
                if isinstance(one, str)
                else {"name": one["name"], "fields": list(one["fields"]), "alphabet": one.get("alphabet")}
                for one in items(document.get("orderings"))
            ],
            "search": list(items(document.get("search"))),
            "aggregates": _aggregates(document, camel(base), types, major),
        },
        "licence": _licence(document),
        "source": {"name": source.get("name") or "", "url": source.get("url"), "year": source.get("year")},
        "release": None,
    }


def _field(item: Mapping[str, Any], access: str, primary: list[str]) -> dict[str, Any]:
    constraints = dict(members(item.get("constraints")))
    type_ = _type(item, constraints)
    filters: list[str] = []
    for word in items(item.get("filters")):
        filters += RANGE if word == "range" else [word]
    return {
        "name": item["name"],
        "apiName": camel(item["name"]),
        "type": type_.value,
        "required": bool(constraints.get("required")) or item["name"] in primary,
        "label": item.get("label"),
        "description": item.get("description"),
        "unit": item.get("unit"),
        "access": item.get("access") or access,
        "filters": sorted(set(filters)),
        "categories": [{"value": one} if isinstance(one, str) else dict(one) for one in items(item.get("categories"))],
        "constraints": constraints,
    }


def _type(item: Mapping[str, Any], constraints: Mapping[str, Any]) -> FieldType:
    """A whole number that may be larger than 32 bits is a wide one, and a number can be exact."""
    type_ = FieldType(item["type"])
    if type_ is FieldType.NUMBER and item.get("format") == "decimal":
        return FieldType.DECIMAL
    bounds: list[Any] = [
        constraints.get(name) for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    ]
    wide = any(int(one) not in INT4 for one in [*bounds, *items(constraints.get("enum"))] if _is_whole(one))
    return FieldType.BIGINT if type_ is FieldType.INTEGER and wide else type_


def _is_whole(bound: Any) -> bool:
    return isinstance(bound, int) or (isinstance(bound, str) and bound.lstrip("-").isdecimal())


def _keys(document: Mapping[str, Any], primary: list[str]) -> Iterator[tuple[str, ...]]:
    found: dict[tuple[str, ...], None] = {tuple(primary): None} if primary else {}
    for columns in items(document.get("uniqueKeys")):
        found[(columns,) if isinstance(columns, str) else tuple(columns)] = None
    for item in document["fields"]:
        if members(item.get("constraints")).get("unique") is True:
            found[(item["name"],)] = None
    yield from found


def _aggregates(
    document: Mapping[str, Any], list_name: str, types: Mapping[str, FieldType], major: int
) -> dict[str, Any] | None:
    node = an_object(document.get("aggregates"))
    if node is None:
        return None
    only = bool(node.get("only"))
    return {
        "name": f"{list_name}Aggregate" + (f"V{major}" if major > 1 else ""),
        "groupings": [one for item in items(node.get("dimensions")) for one in _groupings(item, types)],
        "measures": list(items(node.get("measures"))),
        "only": only,
        "minCell": (node.get("minCell") or MIN_CELL) if only else None,
        "pPercent": node.get("pPercent"),
    }


def _groupings(item: Any, types: Mapping[str, FieldType]) -> Iterator[dict[str, Any]]:
    column, grain = (item, None) if isinstance(item, str) else (item["column"], item.get("grain"))
    if types[column] not in DATES:
        yield {"name": column.upper(), "apiName": camel(column), "field": column, "grain": None}
        return
    for one in SERVED[grain or "day"]:
        spelt = "".join(f"_{letter}" if letter.isupper() else letter for letter in one)
        api_name = camel(column) + pascal(one)
        yield {"name": f"{column}_{spelt}".upper(), "apiName": api_name, "field": column, "grain": one}


def _licence(document: Mapping[str, Any]) -> dict[str, Any]:
    """The service knows the titles of its list of licences; here a name stands for its title."""
    found = document.get("licence")
    said = {"name": found, "title": found} if isinstance(found, str) else dict(members(found))
    return {
        "name": said.get("name") or "",
        "title": said.get("title") or "",
        "url": said.get("url"),
        "text": said.get("text"),
        "isShareAlike": bool(said.get("shareAlike")) or str(said.get("name")).startswith(("CC-BY-SA", "ODbL")),
        "attribution": document.get("attribution") or "",
    }
