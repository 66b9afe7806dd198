"""From a document to a Contract: Frictionless Table Schema v2 and our additions, all problems told at once.

The document's members: agency, dataset, version, recordName, title, description, access, legalGround,
licence, attribution, source, theme, cadence, contact, fields, primaryKey, uniqueKeys, missingValues,
orderings, links, shortcuts, search, coordinates, aggregates, privacy, decision, spatial.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from publicgsb.datasets.contracts.aggregates_document import read_aggregates
from publicgsb.datasets.contracts.checks import check
from publicgsb.datasets.contracts.coordinates import read_coordinates, with_ranges
from publicgsb.datasets.contracts.decisions import read_decision
from publicgsb.datasets.contracts.fields import read_field, read_missing_values
from publicgsb.datasets.contracts.licences import read_licence
from publicgsb.datasets.contracts.model import (
    AccessLevel,
    Alphabet,
    Cadence,
    Contract,
    Field,
    Key,
    Label,
    Licence,
    Link,
    LinkSeverity,
    MissingValue,
    Ordering,
    Source,
    Theme,
)
from publicgsb.datasets.contracts.names import (
    API_NAME,
    COLUMN,
    RECORD_NAME,
    SLUG,
    base_slug,
    camel_case,
    key_name,
)
from publicgsb.datasets.contracts.node import Node
from publicgsb.datasets.contracts.privacy_document import read_privacy
from publicgsb.datasets.contracts.problems import Problems
from publicgsb.datasets.contracts.render import digest
from publicgsb.datasets.contracts.shortcuts import read_shortcuts
from publicgsb.datasets.contracts.spatial import read_spatial
from publicgsb.datasets.contracts.yaml import read_document

VERSION = re.compile(r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})")
_TARGET = re.compile(rf"{SLUG.pattern}/{SLUG.pattern}")
_NOWHERE = Label("", "")


def load(path: Path) -> Contract:
    """The contract in a YAML or JSON file."""
    return parse(read_document(path))


def parse(document: Mapping[str, Any]) -> Contract:
    """Raises InvalidRequest whose details list every problem {path, message_en, message_fa, fix}."""
    problems = Problems()
    contract = _contract(Node(document, "", problems))
    check(contract, problems)
    problems.raise_if_any()
    contract = with_ranges(contract)
    return dataclasses.replace(contract, sha256=digest(contract))


def reread(document: Mapping[str, Any], sha256: str) -> Contract:
    """A contract that was parsed before it was stored under its hash: a third faster, which 1,400 of them are worth."""
    problems = Problems()
    contract = _contract(Node(document, "", problems))
    problems.raise_if_any()
    return dataclasses.replace(contract, sha256=sha256)


def _contract(node: Node) -> Contract:
    node.raw("$schema")
    missing = read_missing_values(node) if node.has("missingValues") else (MissingValue(""),)
    slug = node.text("dataset", required=True, pattern=SLUG) or "?"
    version = node.text("version", required=True, pattern=VERSION) or "1.0.0"
    record_name = node.text("recordName", required=True, pattern=RECORD_NAME) or "?"
    attribution = node.text("attribution") or ""
    fields = _fields(node, missing)
    primary_key = node.texts("primaryKey")
    contract = Contract(
        agency=node.text("agency", required=True, pattern=SLUG) or "?",
        dataset=slug,
        version=version,
        record_name=record_name,
        list_name=camel_case(base_slug(slug, int(version.split(".", 1)[0]))),
        record_field=camel_case(record_name),
        fields=tuple(
            dataclasses.replace(field, required=True) if field.name in primary_key else field for field in fields
        ),
        primary_key=primary_key,
        unique_keys=_keys(node, primary_key),
        orderings=tuple(_orderings(node)),
        links=tuple(_links(node)),
        access=node.choice("access", AccessLevel) or AccessLevel.OPEN,
        legal_ground=node.text("legalGround"),
        title=node.label("title", required=True) or _NOWHERE,
        description=node.label("description", required=True) or _NOWHERE,
        licence=read_licence(node, attribution) or Licence("", "", None, None, False, attribution),
        attribution=attribution,
        source=_source(node),
        theme=_needed(node, "theme", node.choice("theme", Theme)) or Theme.GOVERNMENT,
        cadence=_needed(node, "cadence", node.choice("cadence", Cadence)) or Cadence.IRREGULAR,
        contact=node.text("contact", required=True) or "",
        shortcuts=read_shortcuts(node),
        search=node.texts("search"),
        coordinates=read_coordinates(node),
        aggregates=read_aggregates(node),
        privacy=read_privacy(node),
        decision=read_decision(node),
        spatial=read_spatial(node),
    )
    node.refuse_unknown()
    return contract


def _needed(node: Node, name: str, value: Any) -> Any:
    if not node.has(name):
        node.missing(name)
    return value


def _fields(node: Node, missing: tuple[MissingValue, ...]) -> tuple[Field, ...]:
    fields = tuple(read_field(item, missing) for item in node.nodes("fields"))
    if not fields:
        node.expected("fields", "a list of at least one field", "فهرستی از دست‌کم یک فیلد", "Declare the columns.")
    return tuple(field for field in fields if field is not None)


def _keys(node: Node, primary_key: tuple[str, ...]) -> tuple[Key, ...]:
    found = [primary_key] if primary_key else []
    for at, columns in enumerate(node.items("uniqueKeys")):
        names = (columns,) if isinstance(columns, str) else columns
        if isinstance(names, list | tuple) and names and all(isinstance(name, str) for name in names):
            found.append(tuple(names))
        else:
            node.expected(f"uniqueKeys[{at}]", "a list of columns", "فهرستی از ستون‌ها", "Write [column, …].")
    for item in node.items("fields"):
        if isinstance(item, Mapping) and isinstance(constraints := item.get("constraints"), Mapping):
            name = item.get("name")
            if constraints.get("unique") is True and isinstance(name, str) and (name,) not in found:
                found.append((name,))
    return tuple(Key(key_name(columns), columns) for columns in found)


def _orderings(node: Node) -> list[Ordering]:
    found = []
    for at, item in enumerate(node.items("orderings")):
        if isinstance(item, str):  # a column's name: ordered by that column, under its name
            found.append(Ordering(item, (item,)))
            continue
        if not isinstance(item, Mapping):
            node.expected(f"orderings[{at}]", "a column or {name, fields}", "نام ستون یا {name, fields}", "")
            continue
        entry = Node(item, f"orderings[{at}]", node.problems)
        name = entry.text("name", required=True, pattern=COLUMN)
        columns = entry.texts("fields")
        alphabet = entry.choice("alphabet", Alphabet)
        entry.refuse_unknown()
        if name:
            found.append(Ordering(name, columns, alphabet))
    return found


def _links(node: Node) -> list[Link]:
    found = []
    for entry in node.nodes("links"):
        name = entry.text("name", required=True, pattern=API_NAME)
        target = entry.text("to", required=True, pattern=_TARGET)
        link = Link(
            name=name or "?",
            fields=entry.texts("fields"),
            to_agency=(target or "?/?").split("/")[0],
            to_dataset=(target or "?/?").split("/")[1],
            to_fields=entry.texts("toFields"),
            label=entry.label("label", required=True) or _NOWHERE,
            reverse=entry.text("reverse", pattern=API_NAME),
            mostly=entry.share("mostly"),
            severity=entry.choice("severity", LinkSeverity) or LinkSeverity.WARN,
        )
        entry.refuse_unknown()
        if not link.fields or len(link.fields) != len(link.to_fields):
            entry.expected(
                "toFields", "as many columns as `fields`, and at least one", "به شمار fields و دست‌کم یکی", ""
            )
        if name and target:
            found.append(link)
    return found


def _source(node: Node) -> Source:
    source = node.node("source", required=True)
    if source is None:
        return Source("")
    name, url = source.text("name", required=True), source.text("url")
    year = source.integer("year", least=1800, most=2200)
    source.refuse_unknown()
    return Source(name or "", url, year)
