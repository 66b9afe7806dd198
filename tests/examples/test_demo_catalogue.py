"""The SDK reads what the service writes of each dataset of the demo, and asks for it in words that the schema knows."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import parse, validate

from publicgsb_sdk import Client, document, selection

Connect = Callable[[], Client]


def test_every_dataset_of_the_catalogue_has_a_contract_that_can_be_read(demo_service: Any, connect: Connect) -> None:
    client = connect()
    listed = client.datasets.list()
    assert len(listed) >= 10 and len({info.agency for info in listed}) >= 5
    for info in listed:
        contract = client.dataset(info.name).contract
        assert contract.release is not None and contract.licence and contract.source


def test_a_whole_record_with_all_its_links_is_a_valid_query_on_every_dataset(
    demo_service: Any, connect: Connect
) -> None:
    client = connect()
    for info in client.datasets.list():
        contract = client.dataset(info.name).contract
        linked = [(link.name, client.dataset(link.to).contract.fields[0].name) for link in contract.links]
        paths = [(field.name,) for field in contract.fields] + linked
        items = selection.resolve(paths, contract, lambda dataset_id: client.dataset(dataset_id).contract)
        names = frozenset({"where", "orderBy", "first", "after", "release"})
        for text in (
            document.rows(contract, items, names),
            document.price(contract, items, names),
            document.count(contract, names - {"after"}),
        ):
            assert validate(demo_service.schema, parse(text)) == []


@pytest.mark.parametrize(("text", "name"), [("فرودگاه", "aviation.airports"), ("آبادي", "interior.villages")])
def test_a_search_in_persian_finds_the_dataset(connect: Connect, text: str, name: str) -> None:
    assert name in {info.name for info in connect().datasets.search(text)}
