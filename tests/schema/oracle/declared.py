"""Contracts as documents, with what all of them have in common."""

from typing import Any

_COMMON: dict[str, Any] = {
    "version": "1.0.0",
    "description": {"fa": "نمونه", "en": "Sample"},
    "licence": "CC0-1.0",
    "attribution": "Made by hand",
    "source": {"name": "Hand-made", "year": 2026},
    "theme": "transport",
    "cadence": "once",
    "contact": "tests@publicgsb.example",
}


def dataset(agency: str, dataset: str, record: str, fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    title = {"fa": dataset, "en": dataset.title()}
    return {
        **_COMMON,
        "agency": agency,
        "dataset": dataset,
        "recordName": record,
        "title": title,
        "fields": fields,
    } | more


def field(name: str, type_: str, *filters: str, required: bool = False, **more: Any) -> dict[str, Any]:
    label = {"fa": name, "en": name.title()}
    constraints = {"required": True} if required else {}
    return {"name": name, "type": type_, "label": label, "filters": list(filters), "constraints": constraints} | more


def link(name: str, fields: list[str], to: str, to_fields: list[str], reverse: str | None) -> dict[str, Any]:
    made = {"name": name, "fields": fields, "to": to, "toFields": to_fields, "label": {"fa": name, "en": name}}
    return made | ({"reverse": reverse} if reverse else {})


def big(name: str, *filters: str) -> dict[str, Any]:
    whole = field(name, "integer", *filters)
    whole["constraints"] = {"maximum": 9_223_372_036_854_775_807}
    return whole
