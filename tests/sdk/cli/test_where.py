"""Conditions as people type them."""

from decimal import Decimal
from typing import Any

import pytest
from tests.sdk.conftest import AIRPORTS

from publicgsb_sdk import InvalidRequest
from publicgsb_sdk.cli.where import conditions
from publicgsb_sdk.published import read_contract

CONTRACT = read_contract(AIRPORTS)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("code=یزد", {"code": {"eq": "یزد"}}),
        ("code=0012", {"code": {"eq": "0012"}}),
        ("code=", {"code": {"eq": ""}}),
        ("code=a=b>c", {"code": {"eq": "a=b>c"}}),
        ("code~=مهر", {"code": {"contains": "مهر"}}),
        ("code^=ی", {"code": {"startsWith": "ی"}}),
        ("icao:in=OIIE,OIII", {"icao": {"in": ["OIIE", "OIII"]}}),
        ('icao:in=["a,b","c"]', {"icao": {"in": ["a,b", "c"]}}),
        ("runway_count>=2", {"runway_count": {"gte": 2}}),
        ("runwayCount<۱۲", {"runway_count": {"lt": 12}}),
        ("passengers>=9007199254740993", {"passengers": {"gte": 9007199254740993}}),
        ("latitude<=35.5", {"latitude": {"lte": 35.5}}),
        ("fee=10.50", {"fee": {"eq": Decimal("10.50")}}),
        ("is_open=yes", {"is_open": {"eq": True}}),
        ("is_open:isNull=false", {"is_open": {"isNull": False}}),
        ('{"or": [{"code": "a"}]}', {"or": [{"code": "a"}]}),
    ],
)
def test_a_condition_is_what_the_library_takes(text: str, meant: dict[str, Any]) -> None:
    assert conditions([text], CONTRACT) == [meant]


def test_a_day_may_be_written_in_persian_digits() -> None:
    (condition,) = conditions(["opened_on>=۲۰۲۶-۰۳-۲۱"], CONTRACT)
    assert str(condition["opened_on"]["gte"]) == "2026-03-21"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("code", "where"),
        ("=x", "where"),
        ("{broken", "where"),
        ("icao:in=[broken", "where"),
        ("nothing=1", "unknown_field"),
        ("runway_count=many", "operand"),
        ("fee=ten", "operand"),
        ("is_open=maybe", "operand"),
        ("opened_on>=1402/01/01", "operand"),
    ],
)
def test_what_is_no_condition_is_refused_before_anything_is_sent(text: str, reason: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        conditions([text], CONTRACT)
    assert refused.value.reason == reason
