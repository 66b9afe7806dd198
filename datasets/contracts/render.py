"""From a Contract back to its document: what is stored, hashed and shown. parse(render(c)) == c."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

from publicgsb.datasets.contracts.aggregates_document import render_aggregates
from publicgsb.datasets.contracts.decisions import render_decision
from publicgsb.datasets.contracts.licences import OTHER
from publicgsb.datasets.contracts.model import (
    Category,
    Constraints,
    Contract,
    Field,
    FieldType,
    Label,
    Licence,
    Link,
    LinkSeverity,
    MissingValue,
    Ordering,
    Transform,
    Value,
)
from publicgsb.datasets.contracts.privacy_document import render_privacy
from publicgsb.datasets.contracts.shortcuts import render_shortcut
from publicgsb.datasets.contracts.spatial import render_spatial


def digest(contract: Contract) -> str:
    """SHA-256 of the canonical document: equal for contracts that differ only in how they were written."""
    text = json.dumps(render(contract), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def render(contract: Contract) -> dict[str, Any]:
    """The document in its fullest spelling; members without a value are left out."""
    primary = {contract.primary_key}
    return _without_empty(
        {
            "agency": contract.agency,
            "dataset": contract.dataset,
            "version": contract.version,
            "recordName": contract.record_name,
            "title": _label(contract.title),
            "description": _label(contract.description),
            "access": contract.access.value,
            "legalGround": contract.legal_ground,
            "decision": render_decision(contract.decision),
            "licence": _licence(contract.licence),
            "attribution": contract.attribution,
            "source": _without_empty(
                {"name": contract.source.name, "url": contract.source.url, "year": contract.source.year}
            ),
            "theme": contract.theme.value,
            "cadence": contract.cadence.value,
            "contact": contract.contact,
            "spatial": render_spatial(contract.spatial),
            "fields": [_field(field) for field in contract.fields],
            "primaryKey": list(contract.primary_key),
            "uniqueKeys": [list(key.fields) for key in contract.unique_keys if key.fields not in primary],
            "orderings": [_ordering(order) for order in contract.orderings],
            "search": list(contract.search),
            "links": [_link(link) for link in contract.links],
            "coordinates": contract.coordinates and {"lat": contract.coordinates.lat, "lon": contract.coordinates.lon},
            "shortcuts": [render_shortcut(shortcut) for shortcut in contract.shortcuts],
            "aggregates": render_aggregates(contract.aggregates),
            "privacy": render_privacy(contract.privacy),
        }
    )


def _without_empty(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}


def _label(label: Label | None) -> dict[str, str] | None:
    return {"fa": label.fa, "en": label.en} if label else None


def _licence(licence: Licence) -> str | dict[str, Any]:
    if licence.name != OTHER:
        return licence.name
    members = {"name": OTHER, "title": licence.title, "text": licence.text, "url": licence.url}
    return _without_empty({**members, "shareAlike": licence.is_share_alike or None})


def _field(field: Field) -> dict[str, Any]:
    plain = Field(field.name, field.api_name, field.type, field.label)
    derive = field.derive and {"from": field.derive.source, "apply": _transforms(field.derive.transforms)}
    members = {
        "name": field.name,
        "type": _TYPE_WORDS.get(field.type, field.type.value),
        "format": "decimal" if field.type is FieldType.DECIMAL else None,
        "label": _label(field.label),
        "description": _label(field.description),
        "unit": field.unit,
        "categories": [_category(category) for category in field.categories],
        "filters": sorted(op.value for op in field.filters),
        "access": field.access and field.access.value,
        "legalGround": field.legal_ground,
        "decision": render_decision(field.decision),
        "constraints": _constraints(field.constraints, field.required),
        "apply": _transforms(field.transforms),
        "derive": derive,
        "normalise": sorted(flag.value for flag in field.normalise),
    }
    if field.format not in ("default", "decimal"):
        members["format"] = field.format
    rendered = _without_empty(members)
    if field.missing_values != plain.missing_values:  # an empty list says something: no cell is missing
        rendered["missingValues"] = [_missing(value) for value in field.missing_values]
    if field.true_values != plain.true_values:
        rendered["trueValues"] = list(field.true_values)
    if field.false_values != plain.false_values:
        rendered["falseValues"] = list(field.false_values)
    return rendered


_TYPE_WORDS = {FieldType.BIGINT: "integer", FieldType.DECIMAL: "number"}


def _constraints(constraints: Constraints, required: bool) -> dict[str, Any]:
    return _without_empty(
        {
            "required": required or None,
            "minLength": constraints.min_length,
            "maxLength": constraints.max_length,
            "minimum": _plain(constraints.minimum),
            "maximum": _plain(constraints.maximum),
            "exclusiveMinimum": _plain(constraints.exclusive_minimum),
            "exclusiveMaximum": _plain(constraints.exclusive_maximum),
            "pattern": constraints.pattern,
            "enum": [_plain(value) for value in constraints.enum],
        }
    )


def _plain(value: Value | None) -> str | int | float | bool | None:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _category(category: Category) -> dict[str, Any]:
    return _without_empty({"value": category.value, "label": _label(category.label)})


def _missing(value: MissingValue) -> Any:
    return {"value": value.value, "label": value.label} if value.label else value.value


def _transforms(transforms: tuple[Transform, ...]) -> list[Any]:
    return [step.kind.value if step.argument is None else {step.kind.value: step.argument} for step in transforms]


def _ordering(ordering: Ordering) -> dict[str, Any]:
    alphabet = ordering.alphabet and ordering.alphabet.value
    return _without_empty({"name": ordering.name, "fields": list(ordering.fields), "alphabet": alphabet})


def _link(link: Link) -> dict[str, Any]:
    return _without_empty(
        {
            "name": link.name,
            "fields": list(link.fields),
            "to": f"{link.to_agency}/{link.to_dataset}",
            "toFields": list(link.to_fields),
            "reverse": link.reverse,
            "label": _label(link.label),
            "mostly": link.mostly,
            "severity": link.severity.value if link.severity is not LinkSeverity.WARN else None,
        }
    )
