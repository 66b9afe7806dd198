"""A shortcut names two links of its contract, and no name twice on one record."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.datasets.conftest import column

from publicgsb.datasets.agencies.service import add_agency, add_dataset
from publicgsb.datasets.contracts.change import breaks
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest

Documents = Callable[..., dict[str, Any]]


def label(text: str) -> dict[str, str]:
    return {"fa": text, "en": text}


def link(name: str, target: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "fields": [name + "_code"], "to": target, "toFields": ["code"], "label": label(name), **more}


def treaties(document: dict[str, Any], *shortcuts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Which country has a treaty with which other one: a link dataset between countries and countries."""
    required: dict[str, Any] = {"constraints": {"required": True}}
    return {
        **document,
        "dataset": "treaties",
        "recordName": "Treaty",
        "primaryKey": ["one_code", "other_code"],
        "orderings": [],
        "fields": [column("one_code", **required), column("other_code", **required)],
        "links": [link("one", "standards/countries", reverse="treaties"), link("other", "standards/countries")],
        "shortcuts": [{"label": label("s"), **shortcut} for shortcut in shortcuts],
        **changes,
    }


PARTNERS = {"name": "partners", "from": "one", "to": "other"}


def problems_of(document: dict[str, Any]) -> set[str]:
    with pytest.raises(InvalidRequest) as refused:
        parse(document)
    return {problem["path"] for problem in refused.value.details["problems"]}


def test_a_contract_with_a_shortcut_survives_being_rendered_and_read_again(country: Documents) -> None:
    contract = parse(treaties(country(), PARTNERS))
    assert [(one.name, one.from_link, one.to_link) for one in contract.shortcuts] == [("partners", "one", "other")]
    assert parse(render(contract)) == contract
    assert parse(treaties(country())).sha256 != contract.sha256


@pytest.mark.parametrize(
    ("shortcut", "path"),
    [
        ({"from": "none"}, "shortcuts[0].from"),
        ({"to": "none"}, "shortcuts[0].to"),
        ({"to": "one"}, "shortcuts[0].to"),
        ({"name": "Bad Name"}, "shortcuts[0].name"),
        ({"name": "treaties"}, "shortcuts[0].name"),  # the reverse of the link `one` on the same records
        ({"label": None}, "shortcuts[0].label"),
        ({"surprise": 1}, "shortcuts[0].surprise"),
    ],
)
def test_what_a_shortcut_cannot_be_is_named(country: Documents, shortcut: dict[str, Any], path: str) -> None:
    assert path in problems_of(treaties(country(), {**PARTNERS, **shortcut}))


def test_two_shortcuts_of_one_name_on_one_record_clash(country: Documents) -> None:
    back = {"name": "partners", "from": "other", "to": "one"}
    assert {"shortcuts[0].name", "shortcuts[1].name"} <= problems_of(treaties(country(), PARTNERS, back))


def test_a_shortcut_that_goes_or_leads_elsewhere_is_a_break_and_a_new_one_is_none(country: Documents) -> None:
    without, with_one = parse(treaties(country())), parse(treaties(country(), PARTNERS))
    turned = parse(treaties(country(), {"name": "partners", "from": "other", "to": "one"}))
    assert breaks(without, with_one) == ()
    assert breaks(with_one, without) == ("the shortcut partners is gone or leads elsewhere",)
    assert breaks(with_one, turned) == ("the shortcut partners is gone or leads elsewhere",)


async def test_a_name_that_stands_on_the_target_already_is_refused_on_either_side(
    country: Documents, connections: Connections
) -> None:
    await add_agency(connections, "standards", Label("استاندارد", "Standards"), "tests")
    await add_dataset(connections, parse(country()), "tests")
    taken = treaties(country(), {"name": "name", "from": "one", "to": "other"})
    with pytest.raises(InvalidRequest) as refused:
        await add_dataset(connections, parse(taken), "tests")
    assert [problem["path"] for problem in refused.value.details["problems"]] == ["shortcuts[0].name"]
    await add_dataset(connections, parse(treaties(country(), PARTNERS)), "tests")
    grown = country()
    grown = {**grown, "version": "1.1.0", "fields": [*grown["fields"], column("partners")]}
    with pytest.raises(InvalidRequest) as refused:
        await add_dataset(connections, parse(grown), "tests")
    assert [problem["path"] for problem in refused.value.details["problems"]] == ["fields"]
