"""What the catalogue says of what is withheld: as REST and the error of a query tell it."""

from __future__ import annotations

from datetime import date

import strawberry

from publicgsb.datasets.contracts.decisions import statement_of
from publicgsb.datasets.contracts.model import Contract, Field
from publicgsb.schema.types.told import Text, text


@strawberry.type(description="Why something is withheld, who decided that and when.")
class WithheldInfo:
    legal_ground: str | None
    office: Text | None = strawberry.field(description="Null where the agency has not said who decided.")
    decided_on: date | None
    review_on: date | None = strawberry.field(description="When the decision is looked at again.")
    appeal: str | None = strawberry.field(description="none, pending, upheld or overturned.")


def withheld_info(contract: Contract, field: Field | None = None) -> WithheldInfo | None:
    found = statement_of(contract, field)
    if found is None:
        return None
    decision = found.decision
    return WithheldInfo(
        legal_ground=found.legal_ground,
        office=text(decision.office) if decision else None,
        decided_on=decision.decided_on if decision else None,
        review_on=decision.review_on if decision else None,
        appeal=decision.appeal.value if decision else None,
    )
