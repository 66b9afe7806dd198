"""A contract with the gate's proposals carried out: what an agency would have to write, written.

A field that is withheld or cut is no longer what keys, links, orders and constraints of the contract were about, so
those that name it go with it. The version stays: whether the change breaks callers is found when it is declared.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from publicgsb.datasets.contracts.model import Contract, Transform
from publicgsb.datasets.contracts.render import render
from publicgsb.datasets.privacy.verdicts import Proposal, as_written

_OF_VALUES = ("minLength", "maxLength", "pattern", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")

_INT4 = 2**31


def applied(contract: Contract, proposals: Iterable[Proposal]) -> dict[str, Any]:
    """The document of a contract that the gate lets pass."""
    document: dict[str, Any] = json.loads(json.dumps(render(contract)))  # a copy, all the way down
    fields = {field["name"]: field for field in document["fields"]}
    for proposal in proposals:
        field, steps = fields[proposal.field], proposal.steps
        if proposal.makes_field:
            made = _made_of(field, fields, steps)
            document["fields"].append(made)
            _rename(document.get("privacy", {}), proposal.field, made["name"])
        if proposal.makes_field or not steps:
            _withhold(field, proposal.legal_basis)
            for other in document["fields"]:
                if other.get("derive", {}).get("from") == proposal.field:
                    other.get("constraints", {}).pop("required", None)
        else:
            field.get("derive", field).setdefault("apply", []).extend(map(as_written, steps))
            _loosen(field)
        _forget(document, proposal.field, is_gone=field.get("access") == "withheld")
    return document


def _made_of(field: dict[str, Any], fields: dict[str, Any], steps: tuple[Transform, ...]) -> dict[str, Any]:
    name = f"{field['name']}_year"
    while name in fields:
        name += "_"
    return {
        "name": name,
        "type": "year",
        "label": {"fa": f"سالِ {field['label']['fa']}", "en": f"{field['label']['en']}, year"},
        "derive": {"from": field["name"], "apply": [as_written(step) for step in steps]},
    }


def _withhold(field: dict[str, Any], basis: str) -> None:
    field |= {"access": "withheld", "legalGround": field.get("legalGround", basis)}
    field.pop("filters", None)
    field.get("constraints", {}).pop("required", None)


def _loosen(field: dict[str, Any]) -> None:
    """What was asked of the whole value cannot be asked of a part of it."""
    constraints = field.get("constraints", {})
    for name in _OF_VALUES:
        if not (isinstance(bound := constraints.get(name), int) and abs(bound) >= _INT4):  # which makes it a bigint
            constraints.pop(name, None)
    field.pop("categories", None)


def _rename(terms: dict[str, Any], column: str, new: str) -> None:
    """The year still describes a person, so what was declared of the day is declared of it."""
    for member in ("quasiIdentifiers", "sensitive"):
        if member in terms:
            terms[member] = [new if name == column else name for name in terms[member]]


def _forget(document: dict[str, Any], column: str, *, is_gone: bool) -> None:
    """A cut field can still be ordered by, searched and grouped; it is no key and leads nowhere any more."""
    if column in document.get("primaryKey", ()):
        _drop_members(document, "primaryKey", lambda _: True)
    _drop_members(document, "uniqueKeys", lambda key: column in key)
    gone_links = {link["name"] for link in document.get("links", ()) if column in link["fields"]}
    _drop_members(document, "links", lambda link: link["name"] in gone_links)
    _drop_members(document, "shortcuts", lambda one: not gone_links.isdisjoint((one["from"], one["to"])))
    if not is_gone:
        return
    _drop_members(document, "orderings", lambda order: column in order["fields"])
    _drop_members(document, "search", lambda name: name == column)
    if column in (document.get("coordinates") or {}).values():
        del document["coordinates"]
    aggregates = document.get("aggregates")
    if aggregates is not None:
        _drop_members(aggregates, "dimensions", lambda one: column == (one["column"] if isinstance(one, dict) else one))
        _drop_members(aggregates, "measures", lambda name: name == column)
        if not aggregates.get("dimensions") and not aggregates.get("measures"):
            del document["aggregates"]
    terms = document.get("privacy")
    if terms is not None:
        for member in ("quasiIdentifiers", "sensitive", "workplace"):
            _drop_members(terms, member, lambda name: name == column)
        if terms.get("contributor") == column:
            del terms["contributor"]


def _drop_members(document: dict[str, Any], member: str, is_dropped: Callable[[Any], bool]) -> None:
    """A member that is left empty goes too, as a contract writes it."""
    if member in document:
        document[member] = [one for one in document[member] if not is_dropped(one)]
        if not document[member]:
            del document[member]
