"""A typed dataset is a dataset that knows which contract its types were made from."""

import warnings
from typing import Any

import httpx2
import pytest

from publicgsb_sdk import Client
from publicgsb_sdk.errors import SchemaDrift, SchemaDriftWarning
from publicgsb_sdk.references import typed
from publicgsb_sdk.typed import TypedDataset

SHAPE = {"icao": "string!", "code": "string", "runway_count": "integer", "gone": "date"}


@pytest.fixture
def known(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(service.airports["contract"], "sha256", "c0ffee")
    service.reply(service.page([{"icao": "OIIE"}]))


def airports(client: Client, sha256: str = "c0ffee", *, strict: bool = False) -> TypedDataset[dict[str, Any]]:
    dataset: TypedDataset[dict[str, Any]] = typed(client, "aviation.airports", "0.9.0", sha256, SHAPE, strict=strict)
    return dataset


@pytest.mark.usefixtures("known")
def test_it_asks_as_any_dataset_does_and_stays_typed(client: Client) -> None:
    query = airports(client).where(icao="OIIE").select("icao").order_by("code").limit(1).release(2)
    assert isinstance(query, TypedDataset)
    assert list(query.rows()) == [{"icao": "OIIE"}] and query.first() == {"icao": "OIIE"}


@pytest.mark.usefixtures("known")
def test_another_contract_is_warned_of_once_with_what_differs_at_the_line_that_asked(client: Client) -> None:
    dataset = airports(client, "0ff")
    with pytest.warns(SchemaDriftWarning, match=r"0\.9\.0.*gone is gone; fee is new") as told:
        list(dataset.select("icao").rows())
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dataset.where(icao="OIIE").select("icao").first() == {"icao": "OIIE"}


@pytest.mark.usefixtures("known")
def test_a_strict_one_refuses_before_anything_is_read(client: Client, service: Any) -> None:
    for ask in (
        lambda one: list(one.rows()),
        lambda one: one.count(),
        lambda one: one.price(),
        lambda one: one.contract,
    ):
        with pytest.raises(SchemaDrift, match="Generate them anew"):
            ask(airports(client, "0ff", strict=True))
    assert service.asked() == []


@pytest.mark.usefixtures("known")
def test_the_same_fields_under_another_contract_are_said_to_be_the_same(client: Client, service: Any) -> None:
    shape = {
        field["name"]: field["type"] + "!" * bool(field.get("required"))
        for field in service.airports["contract"]["fields"]
    }
    with pytest.raises(SchemaDrift, match="its fields are the same"):
        typed(client, "aviation.airports", "0.9.0", "0ff", shape, strict=True).first()
    with pytest.raises(SchemaDrift, match="fee is decimal or nothing and was decimal"):
        typed(client, "aviation.airports", "0.9.0", "0ff", shape | {"fee": "decimal!"}, strict=True).first()


@pytest.mark.usefixtures("known")
def test_a_contract_that_moves_while_the_program_runs_is_noticed(
    client: Client, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = airports(client, strict=True)
    assert dataset.select("icao").first() == {"icao": "OIIE"}
    monkeypatch.setitem(service.airports["contract"], "sha256", "0ff")
    client._session.contract("aviation/airports", is_fresh=True)
    with pytest.raises(SchemaDrift):
        dataset.select("icao").first()


def test_a_service_that_tells_no_hash_is_another_contract(client: Client, service: Any) -> None:
    service.reply(httpx2.Response(200))
    with pytest.raises(SchemaDrift):
        airports(client, strict=True).first()
