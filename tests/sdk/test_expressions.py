"""Conditions as Python: they send what the keyword form sends, and refuse to be taken for truth."""

from collections.abc import Callable
from typing import Any

import pytest

from publicgsb_sdk import Client, Condition, F, InvalidRequest

SAME: list[tuple[Condition, dict[str, Any]]] = [
    (F.icao == "OIIE", {"icao": {"eq": "OIIE"}}),
    (F.icao.in_(("A", "B")), {"icao": {"in": ["A", "B"]}}),
    (F.is_open == None, {"isOpen": {"isNull": True}}),  # noqa: E711 - what people write
    (F.is_open != None, {"isOpen": {"isNull": False}}),  # noqa: E711
    (F.is_open.is_null(False), {"isOpen": {"isNull": False}}),
    (F.code.contains("مهر"), {"code": {"contains": "مهر"}}),
    (F.code.starts_with("0"), {"code": {"startsWith": "0"}}),
    (F["runway_count"] >= 2, {"runwayCount": {"gte": 2}}),
    (F.runway_count < 9, {"runwayCount": {"lt": 9}}),
    (F.icao != "A", {"not": {"icao": {"eq": "A"}}}),
    (~(F.icao == "A"), {"not": {"icao": {"eq": "A"}}}),
    ((F.icao == "A") & (F.code == "0"), {"and": [{"icao": {"eq": "A"}}, {"code": {"eq": "0"}}]}),
    (
        (F.icao == "A") | ~(F.code == "0") & (F.runway_count >= 1),
        {"or": [{"icao": {"eq": "A"}}, {"and": [{"not": {"code": {"eq": "0"}}}, {"runwayCount": {"gte": 1}}]}]},
    ),
]


@pytest.mark.parametrize(("condition", "sent"), SAME)
def test_an_expression_is_sent_as_the_api_writes_it(
    client: Client, service: Any, condition: Condition, sent: dict[str, Any]
) -> None:
    service.reply(service.page([]))
    client.dataset("aviation.airports").where(condition).first()
    assert service.asked()[0]["variables"]["where"] == sent


def test_expressions_stand_beside_keywords_and_groups(client: Client, service: Any) -> None:
    service.reply(service.page([]))
    client.dataset("aviation.airports").where(F.icao == "A", {"or": [F.code == "0"]}, runway_count=1).first()
    assert service.asked()[0]["variables"]["where"] == {
        "icao": {"eq": "A"},
        "or": [{"code": {"eq": "0"}}],
        "runwayCount": {"eq": 1},
    }


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: (F.icao == "A") and (F.code == "0"),
        lambda: not (F.icao == "A"),  # noqa: SIM201 - the mistake itself
        lambda: F.icao in ["A"],
        lambda: 1 < F.runway_count < 9,
    ],
    ids=["and", "not", "in", "chained"],
)
def test_what_python_would_silently_shorten_is_refused(mistake: Callable[[], Any]) -> None:
    with pytest.raises(InvalidRequest, match="&, | and ~".replace("|", r"\|")):
        mistake()


def test_a_field_or_operator_that_is_not_there_is_refused_as_ever(client: Client) -> None:
    with pytest.raises(InvalidRequest, match="icao"):
        client.dataset("aviation.airports").where(F.icoa == "A").first()
    with pytest.raises(InvalidRequest, match="takes gte, lte"):
        client.dataset("aviation.airports").where(F.latitude == 1.0).first()
