"""Who decided that something is withheld: read, rendered, checked and told."""

from datetime import date
from typing import Any

import pytest
from tests.datasets.conftest import country_document

from publicgsb.datasets.contracts.change import breaks, refuse_unannounced_break
from publicgsb.datasets.contracts.decisions import refuse_undated, statement_json, statement_of, withheld
from publicgsb.datasets.contracts.model import AccessLevel, Appeal, Contract, Decision, Label
from publicgsb.datasets.contracts.parse import parse
from publicgsb.datasets.contracts.render import render
from publicgsb.platform.kernel.errors import InvalidRequest

OFFICE = {"fa": "دفتر حقوقی", "en": "Legal office"}
DECISION: dict[str, Any] = {"office": OFFICE, "decidedOn": "2026-03-01", "reviewOn": "2027-03-01", "appeal": "pending"}
TOLD = {"legalGround": "IR-FOI-14", **DECISION}
HIDDEN: dict[str, Any] = {
    "name": "holder", "type": "string", "label": {"fa": "دارنده", "en": "Holder"}, "access": "withheld",
    "legalGround": "IR-FOI-14",
}  # fmt: skip


def contract(field: dict[str, Any] | None = None, **more: Any) -> Contract:
    document = country_document(**more)
    if field is not None:
        document["fields"].append(field)
    return parse(document)


def stub(**more: Any) -> Contract:
    terms = {
        "access": "withheld",
        "legalGround": "IR-FOI-14",
        "primaryKey": None,
        "orderings": None,
        "decision": DECISION,
    }
    return contract(**(terms | more))


def problems(*args: Any, **more: Any) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        contract(*args, **more)
    return [problem["path"] for problem in refused.value.details["problems"]]


def test_a_decision_is_read_rendered_and_read_again() -> None:
    made = contract(HIDDEN | {"decision": DECISION})
    assert made.field("holder").decision == Decision(
        Label(**OFFICE), date(2026, 3, 1), date(2027, 3, 1), Appeal.PENDING
    )
    assert parse(render(made)) == made
    assert parse(render(stub())) == stub()


def test_a_field_tells_its_own_decision_and_else_the_contract_s() -> None:
    own = contract(HIDDEN | {"decision": DECISION}, decision=DECISION | {"appeal": "upheld"})
    of_all = contract(HIDDEN, decision=DECISION)
    assert [statement_json(one, one.field("holder")) for one in (own, of_all)] == [TOLD, TOLD]
    assert statement_json(own) is None
    assert statement_json(own, own.fields[0]) is None
    assert statement_json(stub()) == TOLD


def test_a_field_without_any_decision_says_that_nobody_said_who() -> None:
    made = contract(HIDDEN)
    told = statement_of(made, made.field("holder"))
    assert told is not None
    assert told.as_json() == {**dict.fromkeys(TOLD), "legalGround": "IR-FOI-14"}
    assert told.sentence == "Withheld on IR-FOI-14; who decided, and when, is not said."


def test_the_sentence_of_a_decision_holds_all_of_it() -> None:
    told = statement_of(stub())
    assert told is not None
    assert told.sentence == (
        "Withheld on IR-FOI-14: Legal office, 2026-03-01; to be reviewed on 2027-03-01; appeal pending."
    )


def test_the_error_has_the_same_members_as_the_catalogue() -> None:
    error = withheld("iran/x", stub(), dataset="iran/x")
    assert error.details == {"dataset": "iran/x", **TOLD}
    assert str(error.hint).startswith("Withheld on IR-FOI-14: Legal office, 2026-03-01;")
    assert "/api/v1/requests" in str(error.hint)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"decidedOn": "1405/01/01"}, "decidedOn"),
        ({"decidedOn": "2026-02-30"}, "decidedOn"),
        ({"decidedOn": None}, "decidedOn"),
        ({"reviewOn": "2026-03-01"}, "reviewOn"),
        ({"appeal": "lost"}, "appeal"),
        ({"office": {"fa": "دفتر"}}, "office.en"),
        ({"office": None}, "office"),
        ({"because": "we say so"}, "because"),
    ],
)
def test_a_decision_that_is_none_is_told_by_its_path(change: dict[str, Any], path: str) -> None:
    assert problems(HIDDEN, decision=DECISION | change) == [f"decision.{path}"]


def test_a_decision_on_what_is_not_withheld_is_refused() -> None:
    assert problems(decision=DECISION) == ["decision"]
    shown = HIDDEN | {"access": "restricted", "decision": DECISION}
    assert problems(shown)[-1].endswith(".decision")


def test_a_stub_needs_a_dated_decision_and_a_field_does_not() -> None:
    refuse_undated(stub())
    refuse_undated(contract(HIDDEN))
    with pytest.raises(InvalidRequest) as refused:
        refuse_undated(stub(decision=None))
    assert refused.value.details["reason"] == "decision"


def test_another_state_of_the_appeal_breaks_nobody_and_wants_a_later_version() -> None:
    old = contract(HIDDEN, decision=DECISION)
    new = contract(HIDDEN, decision=DECISION | {"appeal": "overturned"}, version="1.0.1")
    assert old.access is AccessLevel.OPEN
    assert breaks(old, new) == ()
    refuse_unannounced_break(old, new)
    with pytest.raises(InvalidRequest):
        refuse_unannounced_break(old, contract(HIDDEN, decision=DECISION | {"appeal": "upheld"}))
