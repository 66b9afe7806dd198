"""Which documents may be sent again: the word mutation counts only where it means one. And what is warned of."""

import copy
from typing import Any

import httpx2
import pytest
from tests.sdk.conftest import AIRPORTS, KEY, URL

from publicgsb_sdk import Client, DatasetDeprecated, DatasetWithdrawn
from publicgsb_sdk.envelope import is_safe

ENDING = {"sunsetOn": "2027-03-20", "successor": "aviation/airports_v2"}


def client_of(state: str, **more: Any) -> Client:
    """Of a service that knows airports, in that state."""
    document = copy.deepcopy(AIRPORTS) | {"state": state} | more
    answer = httpx2.MockTransport(lambda request: httpx2.Response(200, json=document))
    return Client(KEY, URL, http_client=httpx2.Client(transport=answer), max_retries=0)


def test_a_dataset_that_ends_is_warned_of_once_with_its_last_day_and_successor() -> None:
    client = client_of("deprecated", deprecation=ENDING)
    with pytest.warns(DatasetDeprecated, match="until 2027-03-20; use aviation/airports_v2") as warned:
        contract = client.dataset("aviation.airports").contract
        client._session.contract("aviation/airports", is_fresh=True)
    assert len(warned) == 1
    assert contract.successor == "aviation/airports_v2"


def test_one_that_has_ended_names_its_successor_and_one_that_stays_warns_of_nothing() -> None:
    ended = client_of("withdrawn", deprecation=ENDING, release=None)
    with pytest.raises(DatasetWithdrawn) as gone:
        ended.dataset("aviation.airports").to_pandas()
    assert gone.value.hint == "Ask aviation/airports_v2 instead."
    contract = client_of("active").dataset("aviation.airports").contract  # a warning would be an error here
    assert (contract.sunset_on, contract.successor) == (None, None)


def test_a_later_major_is_asked_by_its_own_names() -> None:
    document = copy.deepcopy(AIRPORTS)
    document["contract"]["version"] = "2.0.0"
    contract = client_of("active", **document | {"dataset": "airports_v2"}).dataset("aviation.airports_v2").contract
    assert (contract.id, contract.list_field, contract.type_name) == (
        "aviation/airports_v2",
        "airportsV2",
        "AviationAirportV2",
    )


@pytest.mark.parametrize(
    "document",
    [
        "{ a }",
        "query mutation { a }",
        '# mutation {\n{ a(x: "} mutation {") }',
        '{ a(x: """ } mutation "quoted" """) }',
        "query A { mutation }",
    ],
)
def test_a_document_of_queries_may_be_sent_again(document: str) -> None:
    assert is_safe(document)


@pytest.mark.parametrize(
    "document",
    [
        "mutation { b }",
        "  # a note\n mutation M { b }",
        "query A { a } mutation B { b }",
        "\ufeff,mutation { b }",
    ],
)
def test_a_document_with_a_mutation_may_not(document: str) -> None:
    assert not is_safe(document)
