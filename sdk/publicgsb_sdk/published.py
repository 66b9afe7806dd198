"""The page of a dataset, as the service publishes it, read into a contract; and the releases that it tells of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from publicgsb_sdk.answers import read_date, read_named
from publicgsb_sdk.contract import Category, Contract, Field, FieldType, Grouping, Label, Link, Release, snake
from publicgsb_sdk.wire import items, members


def read_contract(document: Mapping[str, Any]) -> Contract:
    """The contract in an answer of the service."""
    contract = document["contract"]
    licence = members(document.get("licence"))
    deprecation = members(document.get("deprecation"))
    aggregates = members(contract.get("aggregates"))
    return Contract(
        agency=document["agency"],
        dataset=document["dataset"],
        version=contract["version"],
        record_name=contract["recordName"],
        list_name=contract["listName"],
        access=contract["access"],
        primary_key=tuple(items(contract.get("primaryKey"))),
        fields=tuple(_field(item, contract["access"]) for item in contract["fields"]),
        links=tuple(_link(item) for item in items(contract.get("links"))),
        orderings=tuple(item["name"] for item in items(contract.get("orderings"))),
        state=document.get("state") or "active",
        release=_release(document.get("release")),
        source=read_named(document.get("source")),
        licence=read_named(licence),
        attribution=document.get("attribution") or licence.get("attribution") or "",
        is_share_alike=bool(licence.get("isShareAlike")),
        sunset_on=read_date(deprecation.get("sunsetOn")),
        successor=deprecation.get("successor"),
        sha256=contract.get("sha256") or "",
        title=_label(document.get("title"), document["dataset"]),
        description=_text(document.get("description")),
        search=tuple(items(contract.get("search"))),
        has_coordinates=bool(contract.get("coordinates")),
        groupings=tuple(
            Grouping(one["name"], one["apiName"], one["field"], one["grain"])
            for one in items(aggregates.get("groupings"))
        ),
        measures=tuple(items(aggregates.get("measures"))),
        is_aggregate_only=bool(aggregates.get("only")),
    )


def read_releases(data: Any) -> tuple[Release, ...]:
    """The releases of a dataset in an answer of the service, newest first."""
    return tuple(filter(None, map(_release, data["dataset"]["releases"])))


def _field(item: Mapping[str, Any], dataset_access: str) -> Field:
    return Field(
        name=item["name"],
        api_name=item["apiName"],
        type=FieldType(item["type"]),
        is_required=bool(item.get("required")),
        label=_label(item.get("label"), item["name"]),
        unit=item.get("unit"),
        filters=frozenset(items(item.get("filters"))),
        access=item.get("access") or dataset_access,
        description=_text(item.get("description")),
        categories=tuple(Category(one["value"], _text(one.get("label"))) for one in items(item.get("categories"))),
    )


def _link(item: Mapping[str, Any]) -> Link:
    return Link(snake(item["name"]), item["name"], item["to"], _label(item.get("label"), item["name"]))


def _label(item: Any, name: str) -> Label:
    """What it is called; by its name where nobody called it anything."""
    label = members(item)
    return Label(label.get("fa") or name, label.get("en") or name)


def _text(item: Any) -> Label | None:
    label = members(item)
    return Label(label.get("fa") or "", label.get("en") or "") if label else None


def _release(item: Mapping[str, Any] | None) -> Release | None:
    if item is None:
        return None
    published = item.get("publishedAt")
    return Release(
        seq=item["seq"],
        rows=item["rows"],
        sha256=item["sha256"],
        as_of=read_date(item.get("asOf")),
        published_at=datetime.fromisoformat(published) if published else None,
        contract=item.get("contract"),
        notes=_text(item.get("notes")),
    )
