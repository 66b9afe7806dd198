"""The proposed contract as a document and as YAML: evidence in comments, what a person must say left empty."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from publicgsb.datasets.contracts.model import FieldType
from publicgsb.datasets.contracts.names import camel_case, pascal_case
from publicgsb.datasets.drafting.model import ColumnDraft, Draft, LinkDraft

_LINK_RATE_MIN = 0.9  # below it a link is told in a comment only
_CODE_LIST_REPEATS = 5  # a code list has its values many times over
_INT8_MAX = 2**63 - 1
_WORDS = {FieldType.BIGINT: "integer", FieldType.DECIMAL: "number"}
_BLANK = {"fa": "", "en": ""}
# What JSON leaves as it is and YAML does not: ends of lines, also of a comment, and what may not stand in its text.
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def contract_document(draft: Draft, agency: str, dataset: str) -> dict[str, Any]:
    """A contract whose labels, licence, source and contact are still empty."""
    names = {column.name for column in draft.columns}
    links = chosen_links(draft)
    record = pascal_case(dataset[:-1] if dataset.endswith("s") else f"{dataset}_record")
    document: dict[str, Any] = {
        "agency": agency,
        "dataset": dataset,
        "version": "1.0.0",
        "recordName": record,
        "title": _BLANK,
        "description": _BLANK,
        "access": "open",
        "licence": "",
        "attribution": "",
        "source": {"name": ""},
        "theme": "",
        "cadence": "",
        "contact": "",
    }
    if draft.keys:
        document["primaryKey"] = list(draft.keys[0])
    document["fields"] = [_field(draft, at, column, links.get(column.name)) for at, column in enumerate(draft.columns)]
    if links:
        document["links"] = [_link(link, dataset, {camel_case(name) for name in names}) for link in links.values()]
    return document


def chosen_links(draft: Draft) -> dict[str, LinkDraft]:
    """The best link of each column, where nearly all of its values are keys there."""
    chosen: dict[str, LinkDraft] = {}
    for link in draft.links:
        if link.rate >= _LINK_RATE_MIN:
            chosen.setdefault(link.column, link)
    return chosen


def _is_code_list(draft: Draft, at: int) -> bool:
    column = draft.columns[at]
    return (
        column.type is FieldType.STRING
        and len(column.values) > 0
        and column.present >= _CODE_LIST_REPEATS * len(column.values)
        and len(column.values) > 1
    )


def _type(column: ColumnDraft, link: LinkDraft | None) -> FieldType:
    """A code that is to be padded is a text, whatever its digits look like."""
    return FieldType.STRING if link is not None and link.pad else column.type


def _field(draft: Draft, at: int, column: ColumnDraft, link: LinkDraft | None) -> dict[str, Any]:
    type_ = _type(column, link)
    label = _BLANK if column.label.isascii() else {"fa": column.label, "en": ""}
    field: dict[str, Any] = {"name": column.name, "type": _WORDS.get(type_, type_.value), "label": label}
    if column.format != "default" and type_ is column.type:
        field["format"] = column.format
    constraints: dict[str, Any] = {}
    in_key = any(column.name in key for key in draft.keys[:1])
    if column.missing == 0 and not in_key:
        constraints["required"] = True
    if type_ is FieldType.BIGINT:
        constraints |= {"minimum": -_INT8_MAX - 1, "maximum": _INT8_MAX}
    if any(key == (column.name,) for key in draft.keys[1:]):
        constraints["unique"] = True
    if constraints:
        field["constraints"] = constraints
    normalise = ["digits"] * column.has_foreign_digits + ["letters"] * column.has_arabic_letters
    if column.missing_words:
        field["missingValues"] = ["", *column.missing_words]
    if normalise:
        field["normalise"] = normalise
    if link is not None and link.pad:
        field["apply"] = [{"zeroPad": link.pad}]
    elif _is_code_list(draft, at):
        field["categories"] = [{"value": value, "label": _BLANK} for value in column.values]
    if filters := _filters(column, type_, in_key or link is not None or "categories" in field):
        field["filters"] = filters
    return field


def _filters(column: ColumnDraft, type_: FieldType, is_asked_for: bool) -> list[str]:
    if type_ is FieldType.STRING:
        return ["eq", "in"] if is_asked_for or column.why else []
    if type_ is FieldType.BOOLEAN:
        return ["eq"]
    return ["range"]


def _link(link: LinkDraft, dataset: str, taken: set[str]) -> dict[str, Any]:
    name = camel_case(link.record)
    if name in taken:
        name += "Record"
    while name in taken:
        name += "2"
    taken.add(name)
    return {
        "name": name,
        "fields": [link.column],
        "to": f"{link.agency}/{link.dataset}",
        "toFields": [link.field],
        "reverse": camel_case(dataset),
        "label": _BLANK,
    }


def contract_yaml(draft: Draft, agency: str, dataset: str) -> str:
    """The document as YAML that is edited by hand."""
    document = contract_document(draft, agency, dataset)
    found = ", ".join(f"{name} {value!r}" for name, value in draft.found.as_json().items())
    lines = [
        f"# Drafted from {draft.rows:,} rows ({found}).",
        '# Fill in what is empty (""): `pgsb publish declare` and `gsb dataset add` name each that still is. Columns',
        "# are read by their names, so a label in the file that is spelt otherwise has to be renamed there.",
    ]
    for name, value in document.items():
        if name == "fields":
            lines.append("fields:")
            for at, field in enumerate(value):
                lines += [f"  # {line}" for line in _evidence(draft, at)]
                lines += _block(field, "  ")
        elif name == "links":
            lines.append("links:")
            for link in value:
                lines += _block(link, "  ")
        else:
            lines.append(f"{name}: {_flow(value)}{_HINTS.get(name, '')}")
    if not draft.keys:
        lines.append("# primaryKey: no column, pair or triple of columns is unique over all rows")
    return "\n".join(lines) + "\n"


_HINTS = {
    "licence": "  # CC0-1.0, CC-BY-4.0, …",
    "theme": "  # transport, health, education, …",
    "cadence": "  # daily, weekly, monthly, quarterly, yearly, …",
    "contact": "  # an address that somebody reads",
    "access": "  # open, registered, restricted, withheld",
    "primaryKey": "  # proposed: unique over all rows",
}


def _evidence(draft: Draft, at: int) -> Iterator[str]:
    column = draft.columns[at]
    lengths = (
        str(column.length_min) if column.length_min == column.length_max else f"{column.length_min}-{column.length_max}"
    )
    yield f"{draft.distinct[at]:,} distinct values, {column.missing:,} without one, {lengths} characters long"
    if column.label != column.name:
        called = _quoted(column.label[:80])
        yield f"in the file it is called {called}: rename it to {column.name}"
    if column.why is not None:
        yield f"a text: {column.why.value}"
    if column.was_float:
        yield "kept as numbers: if these are codes, the file passed through a spreadsheet and lost their zeros"
    if column.type is FieldType.DATETIME and column.format != "default":
        yield "moments without a zone are taken for UTC"
    chosen = chosen_links(draft).get(column.name)
    for link in draft.links:
        if link.column == column.name:
            yield _told(link, is_chosen=link is chosen)


def _told(link: LinkDraft, *, is_chosen: bool) -> str:
    padded = f" after zeroPad {link.pad} ({link.matched_unpadded:,} without)" if link.pad else ""
    verdict = "" if is_chosen else ", not proposed"
    where = f"{link.agency}/{link.dataset}.{link.field}"
    return f"{link.matched:,} of {link.distinct:,} values ({link.rate:.1%}) are in {where}{padded}{verdict}"


def _block(item: Mapping[str, Any], indent: str) -> list[str]:
    """An item of a list, one member a line."""
    lines = [f"{indent}  {name}: {_flow(value)}" for name, value in item.items()]
    return [f"{indent}- {lines[0].strip()}", *lines[1:]]


def _flow(value: Any) -> str:
    """JSON is YAML; only what need not be quoted is not."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name}: {_flow(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _quoted(value)


def _quoted(value: Any) -> str:
    return _NOT_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
