"""The contract on the page of a review: all that it says of a new dataset, else what differs from the one in effect.

It is seen by everybody once the release is approved, so whoever approves one approves these words too.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from publicgsb.datasets.reviews.page_parts import Cell, heading, lines, pairs, table, words

VALUE_LENGTH_MAX = 300

_HOW = {
    "added": ("افزوده", "added"),
    "removed": ("برداشته", "removed"),
    "changed": ("دگرگون", "changed"),
    "moved": ("جابه‌جا", "in another order"),
}


def contract_part(review: Mapping[str, Any]) -> Iterable[str]:
    """Nothing where the contract is the one in effect, and for what was checked before reviews held contracts."""
    contract = review.get("contract") or {}
    document, diff = contract.get("document"), contract.get("diff")
    if document is None or contract["class"] == "none":
        return
    yield heading("قرارداد، چنان‌که همه خواهند دید", "The contract, as everybody will see it")
    if contract["class"] == "first":
        yield pairs(_words(document))
        yield table(
            [("ستون", "Field"), ("نوع", "Type"), ("دسترسی", "Access"), ("نام", "Label"), ("شرح", "Description")],
            [_field(document, one) for one in document["fields"]],
        )
        yield table(
            [("پیوند", "Link"), ("از", "From"), ("به", "To")],
            [(one["name"], ", ".join(one["fields"]), one["to"]) for one in document.get("links", ())],
        )
        return
    yield table(
        [("کجا", "Where"), ("چگونه", "How"), ("پیش از این", "Before"), ("اکنون", "After")],
        [(one["path"], words(*_HOW[one["how"]]), _value(one["before"]), _value(one["after"])) for one in diff or ()],
    )


def _words(document: Mapping[str, Any]) -> list[tuple[str, str, Cell]]:
    licence, place = document["licence"], document.get("spatial", {}).get("label")
    return [
        ("عنوان", "Title", lines(document["title"]["fa"], document["title"]["en"])),
        ("شرح", "Description", lines(document["description"]["fa"], document["description"]["en"])),
        ("دسترسی", "Access", document["access"]),
        ("مستند قانونی", "Legal ground", document.get("legalGround")),
        ("پروانه", "Licence", licence if isinstance(licence, str) else licence.get("title")),
        ("انتساب", "Attribution", document.get("attribution")),
        ("منبع", "Source", document["source"]["name"]),
        ("آهنگ انتشار", "Cadence", document["cadence"]),
        ("پهنهٔ جغرافیایی", "Place", lines(place["fa"], place["en"]) if place else None),
        ("نشانی تماس", "Contact", document["contact"]),
        ("کلید", "Primary key", ", ".join(document.get("primaryKey", ()))),
    ]


def _field(document: Mapping[str, Any], field: Mapping[str, Any]) -> tuple[Cell, ...]:
    access = field.get("access") or document["access"]
    ground = field.get("legalGround")
    told = field.get("description")
    return (
        field["name"],
        field["type"],
        f"{access} ({ground})" if ground else access,
        lines(field["label"]["fa"], field["label"]["en"]),
        lines(told["fa"], told["en"]) if told else None,
    )


def _value(value: Any) -> Cell:
    if value is None:
        return None
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return written if len(written) <= VALUE_LENGTH_MAX else f"{written[:VALUE_LENGTH_MAX]}…"
