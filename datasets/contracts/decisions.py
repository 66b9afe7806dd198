"""The member `decision` of a contract and of its fields: who decided, and when, that something is withheld.

With the legal ground it is what everybody is told instead of the data: in the catalogue, in the schema's own text and
in the error of a query. A contract's decision holds for each of its withheld fields that has none of its own.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from publicgsb.datasets.contracts.model import AccessLevel, Appeal, Contract, Decision, Field, Label
from publicgsb.datasets.contracts.node import Node
from publicgsb.datasets.contracts.problems import Problems
from publicgsb.platform.kernel.errors import InvalidRequest, Withheld

REQUESTS_AT = "/api/v1/requests"
_MEMBER = "decision"
_NO_DAY = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Statement:
    """Why something is withheld. `decision` None: the agency has not said who decided, nor when."""

    legal_ground: str | None
    decision: Decision | None

    def as_json(self) -> dict[str, Any]:
        """The same members in the catalogue and in the details of an error."""
        told = self.decision
        return {
            "legalGround": self.legal_ground,
            "office": {"fa": told.office.fa, "en": told.office.en} if told else None,
            "decidedOn": told.decided_on.isoformat() if told else None,
            "reviewOn": told.review_on.isoformat() if told and told.review_on else None,
            "appeal": told.appeal.value if told else None,
        }

    @property
    def sentence(self) -> str:
        """As the schema says it."""
        if self.decision is None:
            return f"Withheld on {self.legal_ground}; who decided, and when, is not said."
        told = self.decision
        review = f"; to be reviewed on {told.review_on}" if told.review_on else ""
        appeal = "" if told.appeal is Appeal.NONE else f"; appeal {told.appeal.value}"
        return f"Withheld on {self.legal_ground}: {told.office.en}, {told.decided_on}{review}{appeal}."


def statement_of(contract: Contract, field: Field | None = None) -> Statement | None:
    """Of a field, or of the whole dataset; None for what is not withheld."""
    level = contract.access if field is None else contract.access_of(field)
    if level is not AccessLevel.WITHHELD:
        return None
    ground = (field.legal_ground if field else None) or contract.legal_ground
    return Statement(ground, (field.decision if field else None) or contract.decision)


def statement_json(contract: Contract, field: Field | None = None) -> dict[str, Any] | None:
    found = statement_of(contract, field)
    return None if found is None else found.as_json()


def withheld(what: str, contract: Contract, field: Field | None = None, /, **details: Any) -> Withheld:
    """The error of whoever asks for it: the statement, and where to ask for the data."""
    found = statement_of(contract, field)
    told = found.as_json() if found else {}
    why = f"{found.sentence} " if found else ""
    hint = f"{why}POST {REQUESTS_AT} asks the agency for the data."
    return Withheld(f"{what} is not released.", hint=hint, **details, **told)


def refuse_undated(contract: Contract) -> None:
    """A dataset that is withheld whole is nothing but its statement. Contracts from before that stay readable."""
    if contract.access is AccessLevel.WITHHELD and contract.decision is None:
        raise InvalidRequest(
            f"{contract.slug} is declared withheld, and `decision` does not say who decided that and when.",
            reason="decision",
            hint="decision: { office: { fa: …, en: … }, decidedOn: 2026-03-01, reviewOn: 2027-03-01 }",
        )


def read_decision(document: Node) -> Decision | None:
    node = document.node(_MEMBER)
    if node is None:
        return None
    decision = Decision(
        office=node.label("office", required=True) or Label("", ""),
        decided_on=_day(node, "decidedOn", required=True) or _NO_DAY,
        review_on=_day(node, "reviewOn"),
        appeal=node.choice("appeal", Appeal) or Appeal.NONE,
    )
    node.refuse_unknown()
    if decision.review_on is not None and decision.review_on <= decision.decided_on:
        node.problems.add(
            node.at("reviewOn"),
            "is not after `decidedOn`.",
            "پس از decidedOn نیست.",
            "Say when the decision is looked at again.",
        )
    return decision


def render_decision(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    members: dict[str, Any] = {
        "office": {"fa": decision.office.fa, "en": decision.office.en},
        "decidedOn": decision.decided_on.isoformat(),
        "reviewOn": decision.review_on.isoformat() if decision.review_on else None,
        "appeal": decision.appeal.value if decision.appeal is not Appeal.NONE else None,
    }
    return {name: value for name, value in members.items() if value is not None}


def check_decisions(contract: Contract, problems: Problems) -> None:
    """A decision is of something that is withheld."""
    hidden = [field for field in contract.fields if contract.access_of(field) is AccessLevel.WITHHELD]
    if contract.decision is not None and contract.access is not AccessLevel.WITHHELD and not hidden:
        _refuse(_MEMBER, problems)
    for at, field in enumerate(contract.fields):
        if field.decision is not None and field not in hidden:
            _refuse(f"fields[{at}].{_MEMBER}", problems)


def _refuse(path: str, problems: Problems) -> None:
    problems.add(path, "is of nothing: nothing is withheld.", "دربارهٔ چیزی نیست؛ چیزی منتشرنشده نیست.", "Leave it out.")


def _day(node: Node, name: str, *, required: bool = False) -> date | None:
    text = node.text(name, required=required)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        node.expected(name, "a date like 2026-03-01", "تاریخی مانند 2026-03-01", "Write it as YYYY-MM-DD.")
        return None
