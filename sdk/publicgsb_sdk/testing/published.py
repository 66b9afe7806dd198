"""The page of a dataset, as `/api/v1/agencies/{agency}/datasets/{dataset}` publishes it, read into a contract."""

from collections.abc import Mapping
from typing import Any

from publicgsb_sdk.contract import FieldType
from publicgsb_sdk.testing.model import UNBOUND, Bounds, Column, Grouping, Join, Key, MockContract, Ordering, Tie
from publicgsb_sdk.testing.refusals import MockSetup
from publicgsb_sdk.testing.values import read_value
from publicgsb_sdk.wire import items, members


def read_page(page: Mapping[str, Any]) -> MockContract:
    """Raises MockSetup for what is no such page."""
    try:
        return _read(page)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MockSetup(
            f"This is not the contract of a dataset: {type(error).__name__} {error}.",
            hint="Give a contract document, or what GET /api/v1/agencies/…/datasets/… answers; "
            "`python -m publicgsb_sdk.testing record` saves it.",
        ) from error


def _read(page: Mapping[str, Any]) -> MockContract:
    contract = page["contract"]
    aggregates = members(contract.get("aggregates"))
    joins = tuple(_join(one) for one in items(contract.get("links")))
    coordinates = contract.get("coordinates")
    return MockContract(
        page=page,
        agency=page["agency"],
        dataset=page["dataset"],
        version=contract["version"],
        record_name=contract["recordName"],
        list_name=contract["listName"],
        record_field=contract["recordField"],
        access=contract["access"],
        columns=tuple(_column(one, contract["access"]) for one in contract["fields"]),
        primary_key=tuple(contract["primaryKey"]),
        keys=tuple(Key(one["name"], tuple(one["fields"])) for one in contract["keys"]),
        orderings=tuple(
            Ordering(one["name"], tuple(one["fields"]), one.get("alphabet") == "persian")
            for one in items(contract.get("orderings"))
        ),
        joins=joins,
        ties=tuple(_tie(one, joins) for one in items(contract.get("shortcuts"))),
        search=tuple(items(contract.get("search"))),
        coordinates=(coordinates["lat"], coordinates["lon"]) if coordinates else None,
        groupings=tuple(
            Grouping(one["name"], one["apiName"], one["field"], one["grain"])
            for one in items(aggregates.get("groupings"))
        ),
        measures=tuple(items(aggregates.get("measures"))),
        has_aggregates=bool(aggregates),
        min_cell=aggregates["minCell"] if aggregates.get("only") else None,
        p_percent=aggregates.get("pPercent"),
    )


def _column(item: Mapping[str, Any], access: str) -> Column:
    type_ = FieldType(item["type"])
    label, constraints = members(item.get("label")), members(item.get("constraints"))
    listed = [one["value"] for one in items(item.get("categories"))] or items(constraints.get("enum"))
    return Column(
        name=item["name"],
        api_name=item["apiName"],
        type=type_,
        is_required=bool(item.get("required")),
        access=item.get("access") or access,
        filters=tuple(sorted(items(item.get("filters")))),
        words=" / ".join(text for text in (label.get("en"), label.get("fa")) if text),
        values=tuple(read_value(type_, one) for one in listed),
        bounds=_bounds(constraints),
    )


def _bounds(constraints: Mapping[str, Any]) -> Bounds:
    """A page has none; declared.py puts those of a contract document there."""
    if not constraints:
        return UNBOUND
    return Bounds(
        least=constraints.get("minimum"),
        most=constraints.get("maximum"),
        length_least=constraints.get("minLength"),
        length_most=constraints.get("maxLength"),
        pattern=constraints.get("pattern"),
    )


def _join(item: Mapping[str, Any]) -> Join:
    agency, _, dataset = item["to"].partition("/")
    return Join(item["name"], tuple(item["fields"]), (agency, dataset), tuple(item["toFields"]), item.get("reverse"))


def _tie(item: Mapping[str, Any], joins: tuple[Join, ...]) -> Tie:
    """A page names the datasets at both ends; of several links between them the first two that differ are meant."""
    if "from" in item:
        by_name = {one.name: one for one in joins}
        return Tie(item["name"], by_name[item["from"]], by_name[item["to"]])
    inward = next(one for one in joins if "/".join(one.to) == item["on"])
    return Tie(item["name"], inward, next(one for one in joins if "/".join(one.to) == item["to"] and one != inward))
