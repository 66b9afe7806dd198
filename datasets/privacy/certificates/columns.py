"""The verdict on each column of a release, as it was carried out: by what the gate found and what the contract does.

The gate judges what it sees after the contract's functions, and lets it pass; a reader of the certificate has to know
that a column was cut before it passed, or is not there.
"""

from collections.abc import Mapping
from typing import Any

from publicgsb.datasets.contracts.model import Contract, Field, Transform
from publicgsb.datasets.privacy.model import Decision
from publicgsb.datasets.privacy.pack import Pack
from publicgsb.datasets.privacy.report import PrivacyReport
from publicgsb.datasets.privacy.verdicts import as_written

GROUP = "group"  # of an aggregate-only dataset: its cells are told apart by the column, a date by its grain
SUM = "sum"  # of an aggregate-only dataset: only the column's sums over cells are released


def columns_as_released(contract: Contract, report: PrivacyReport) -> list[dict[str, Any]]:
    """One for each column of the contract, in its order: the gate's verdict and counts, and `carriedOut`.

    `carriedOut` names what the contract does, as a contract writes it (`apply`, with `from` where another column is the
    source), or for a column that it drops the ground of that; None where the column is published as it is in the file.
    """
    judged = {one.field: one for one in report.columns}
    told = []
    for field in contract.fields:
        if (found := judged.get(field.name)) is None:
            ground = field.legal_ground or contract.legal_ground
            told.append(_dropped({"field": field.name, "evidence": [], "proposal": None}, ground))
            continue
        column = found.as_json()
        if found.decision is not Decision.PUBLISH:
            told.append(column | {"carriedOut": None})
        else:
            done = _carried_out(contract, field)
            told.append(
                column | {"decision": (Decision.TRANSFORM if done else Decision.PUBLISH).value, "carriedOut": done}
            )
    return told


def grounds(contract: Contract, pack: Pack) -> Mapping[str, Mapping[str, str]]:
    """The words of the articles on which columns are dropped, as far as the rule pack has them."""
    named = {field.legal_ground for field in contract.fields if field not in contract.released_fields}
    return {code: {"fa": words.fa, "en": words.en} for code, words in pack.articles.items() if code in named}


def _dropped(column: dict[str, Any], ground: str | None) -> dict[str, Any]:
    return column | {"decision": Decision.DROP.value, "carriedOut": {"legalGround": ground}}


def _carried_out(contract: Contract, field: Field) -> dict[str, Any] | None:
    own: tuple[Transform, ...] = field.derive.transforms if field.derive else field.transforms
    steps: list[str | dict[str, Any]] = [as_written(step) for step in own]
    if contract.is_aggregate_only:
        steps.append(_cell_step(contract, field))
    if not steps:
        return None
    return {"apply": steps, **({"from": field.derive.source} if field.derive else {})}


def _cell_step(contract: Contract, field: Field) -> str | dict[str, Any]:
    """What becomes of a column whose rows are released as cells alone: a contract makes each one or the other."""
    assert contract.aggregates is not None
    for dimension in contract.aggregates.dimensions:
        if dimension.column == field.name:
            return {GROUP: dimension.grain.value} if dimension.grain else GROUP
    return SUM
