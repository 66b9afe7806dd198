"""What a changed contract may do to those who already use the dataset."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.datasets.overridden import let_through

from publicgsb.datasets.agencies.service import Declared, add_agency, add_dataset
from publicgsb.datasets.contracts.change import breaks
from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.registry import Registry
from publicgsb.datasets.registry_snapshot import load_registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import Conflict, InvalidRequest, NotFound, ReleaseGone

Documents = Callable[..., dict[str, Any]]
Declare = Callable[..., Awaitable[Any]]
Release = Callable[..., Awaitable[Any]]
EXTRA = {"name": "area", "type": "number", "label": {"fa": "مساحت", "en": "Area"}}


def grown(document: dict[str, Any], version: str = "1.1.0") -> dict[str, Any]:
    return {**document, "version": version, "fields": [*document["fields"], EXTRA]}


async def _registry(connections: Connections) -> Registry:
    async with connections.use() as connection:
        return await load_registry(connection)


def test_an_added_field_breaks_nothing(country: Documents) -> None:
    assert breaks(parse(country()), parse(grown(country()))) == ()


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ({"type": "integer", "filters": []}, "type of name"),
        ({"filters": ["eq"]}, "loses filters"),
        ({"name": "title"}, "name is gone"),
        ({"access": "registered"}, "access to name narrows"),
        ({"constraints": {}}, "may now be null"),
    ],
)
def test_what_a_query_could_lose_is_a_break(country: Documents, field: dict[str, Any], word: str) -> None:
    old, new = country(orderings=None), country(orderings=None)
    old["fields"][1]["constraints"] = {"required": True}
    new["fields"][1] = {**old["fields"][1], **field}
    assert word in "; ".join(breaks(parse(old), parse(new)))


async def test_a_changed_contract_takes_effect_with_the_next_release(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    before = await _registry(connections)
    declared = await add_dataset(connections, parse(grown(country())), "test")
    waiting = await _registry(connections)
    await release("standards/countries", [["code", "name", "area"], ["IR", "Iran", "1648195"]])
    after = await _registry(connections)
    entry = after.dataset("standards", "countries")
    assert declared.result is Declared.NEXT
    assert waiting.dataset("standards", "countries").contract.version == "1.0.0"
    assert waiting.schema_version == before.schema_version == after.schema_version - 1
    assert entry.contract.version == "1.1.0"
    old = after.bind(entry, before.version)
    assert old is not None and "area" not in old.columns


async def test_a_break_without_a_new_major_is_refused(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    broken = country(version="1.1.0", primaryKey=["name"])
    with pytest.raises(InvalidRequest, match="primaryKey"):
        await add_dataset(connections, parse(broken), "test")
    with pytest.raises(InvalidRequest, match="not later"):
        await add_dataset(connections, parse(grown(country(), "1.0.0")), "test")


async def test_after_a_new_major_older_rows_answer_no_query(
    connections: Connections, declare: Declare, country: Documents, release: Release
) -> None:
    await declare(country())
    await release("standards/countries", [["code", "name"], ["IR", "Iran"]])
    first = await _registry(connections)
    renamed = country(version="2.0.0", orderings=None)
    renamed["fields"][1]["name"] = "title"
    await add_dataset(connections, parse(renamed), "test")
    await let_through(connections, "standards/countries")
    await release("standards/countries", [["code", "title"], ["IR", "Iran"]])
    registry = await _registry(connections)
    entry = registry.dataset("standards", "countries")
    with pytest.raises(ReleaseGone):
        registry.bind(entry, first.version)
    assert entry.release(1).rows == 1


async def test_until_the_first_release_a_contract_may_change_freely(
    connections: Connections, declare: Declare, country: Documents
) -> None:
    await declare(country())
    declared = await add_dataset(connections, parse(country(recordName="Land")), "test")
    assert declared.result is Declared.REPLACED
    again = await add_dataset(connections, parse(country(recordName="Land")), "test")
    assert again.result is Declared.UNCHANGED


async def test_a_link_must_lead_to_a_key_of_a_declared_dataset(
    connections: Connections, declare: Declare, country: Documents, airport: Documents
) -> None:
    with pytest.raises(InvalidRequest, match="not declared"):
        await declare(airport())
    await declare(country())
    document = airport()
    document["links"][0]["toFields"] = ["name"]
    with pytest.raises(InvalidRequest, match="must be a key"):
        await declare(document)


async def test_names_that_clash_with_another_dataset_are_refused(
    declare: Declare, country: Documents, airport: Documents
) -> None:
    await declare(country())
    with pytest.raises(InvalidRequest, match="already has"):
        await declare(country(dataset="lands"))
    document = airport()
    document["links"][0]["reverse"] = "name"
    with pytest.raises(InvalidRequest, match="already a name"):
        await declare(document)


async def test_a_contract_of_an_unknown_agency_is_not_found(connections: Connections, country: Documents) -> None:
    with pytest.raises(NotFound):
        await add_dataset(connections, parse(country()), "test")


async def test_an_agency_is_added_once(connections: Connections) -> None:
    name = Label("هواپیمایی", "Aviation")
    first = await add_agency(connections, "aviation", name, "test")
    assert await add_agency(connections, "aviation", name, "test") == first
    with pytest.raises(Conflict):
        await add_agency(connections, "aviation", Label("دیگری", "Other"), "test")
    with pytest.raises(InvalidRequest):
        await add_agency(connections, "me", name, "test")
