"""Conditions are checked against the contract, and written as the API takes them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from publicgsb_sdk import Client, InvalidRequest
from publicgsb_sdk.conditions import variable
from publicgsb_sdk.contract import Contract


@pytest.fixture
def contract(client: Client) -> Contract:
    return client.dataset("aviation.airports").contract


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ({"icao": "OIIE"}, {"icao": {"eq": "OIIE"}}),
        ({"icao": ["OIIE", "OIYY"]}, {"icao": {"in": ["OIIE", "OIYY"]}}),
        ({"icao": ()}, {"icao": {"in": []}}),
        ({"is_open": None}, {"isOpen": {"isNull": True}}),
        ({"code": {"starts_with": "0"}}, {"code": {"startsWith": "0"}}),
        ({"code": {"contains": "07"}}, {"code": {"contains": "07"}}),
        ({"runway_count": {"gte": 1, "lt": 4}}, {"runwayCount": {"gte": 1, "lt": 4}}),
        ({"runwayCount": 2}, {"runwayCount": {"eq": 2}}),
        ({"passengers": {"gte": 2**40}}, {"passengers": {"gte": "1099511627776"}}),
        ({"fee": Decimal("1.10")}, {"fee": {"eq": "1.10"}}),
        ({"latitude": {"gte": 31}}, {"latitude": {"gte": 31.0}}),
        ({"opened_on": {"gte": date(1990, 1, 2)}}, {"openedOn": {"gte": "1990-01-02"}}),
        ({"seen_at": {"lt": datetime(2026, 1, 2, tzinfo=UTC)}}, {"seenAt": {"lt": "2026-01-02T00:00:00+00:00"}}),
        (
            {"or": [{"icao": "A"}, {"not": {"code": "07"}}]},
            {"or": [{"icao": {"eq": "A"}}, {"not": {"code": {"eq": "07"}}}]},
        ),
    ],
)
def test_what_is_asked_is_written_as_the_api_takes_it(
    contract: Contract, asked: dict[str, Any], written: dict[str, Any]
) -> None:
    assert variable([asked], contract) == written


def test_conditions_on_different_fields_stand_side_by_side(contract: Contract) -> None:
    assert variable([{"icao": "A"}, {"code": "07"}], contract) == {"icao": {"eq": "A"}, "code": {"eq": "07"}}


def test_two_conditions_on_one_field_must_both_hold(contract: Contract) -> None:
    assert variable([{"icao": "A"}, {"icao": "B"}], contract) == {"and": [{"icao": {"eq": "A"}}, {"icao": {"eq": "B"}}]}


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"iaco": "OIIE"}, "icao"),
        ({"icao": {"gt": "A"}}, "eq, in"),
        ({"icao": {"like": "A"}}, "eq, in"),
        ({"icao": {"in": "OIIE"}}, "collection"),
        ({"code": 7}, "'7'"),
        ({"runway_count": 1.5}, "whole"),
        ({"runway_count": True}, "whole"),
        ({"latitude": {"gte": float("nan")}}, "finite"),
        ({"fee": 1.1}, "exact"),
        ({"is_open": 1}, "True or False"),
        ({"opened_on": {"gte": datetime(1990, 1, 1, tzinfo=UTC)}}, "date"),
        ({"seen_at": {"lt": datetime(2026, 1, 1)}}, "time zone"),
    ],
)
def test_what_cannot_be_meant_is_refused_offline_with_a_next_step(
    contract: Contract, asked: dict[str, Any], hint: str
) -> None:
    with pytest.raises(InvalidRequest, match=hint):
        variable([asked], contract)
