"""Per column: publish, transform, drop or review, and what to do so that the gate lets it pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from publicgsb.datasets.contracts.model import Contract, Field, Label, Transform, TransformKind
from publicgsb.datasets.privacy.judging import transform_of
from publicgsb.datasets.privacy.model import Decision, Finding, Verdict
from publicgsb.datasets.privacy.pack import Pack


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the contract for one field: functions of the closed set; without any the field is withheld."""

    field: str
    steps: tuple[Transform, ...]
    legal_basis: str

    @property
    def makes_field(self) -> bool:
        """The year of a date is a field of its own, made of the date, which is withheld."""
        return any(step.kind is TransformKind.JALALI_YEAR for step in self.steps)

    @property
    def told(self) -> str:
        return (
            ", ".join(
                str(step.kind) if step.argument is None else f"{step.kind}({step.argument})" for step in self.steps
            )
            or "drop"
        )

    def as_json(self) -> dict[str, Any]:
        """`apply` as a contract writes it, in the field itself or in the one that is made of it."""
        made: dict[str, Any] = {"field": self.field, "action": "transform" if self.steps else "drop"}
        if self.steps:
            made |= {"apply": [as_written(step) for step in self.steps], "makesField": self.makes_field}
        return {**made, "legalBasis": self.legal_basis}


def coarser(one: Proposal, other: Proposal) -> Proposal:
    """What serves both: of two prefixes the shorter, of two chains the one that goes on; else the field is dropped."""
    short, long = sorted((one, other), key=lambda proposal: len(proposal.steps))
    if not short.steps or long.steps[: len(short.steps)] == short.steps:
        return long if short.steps else short
    common = _common([*short.steps, *long.steps])
    return Proposal(one.field, () if common is None else (common,), one.legal_basis)


def as_written(step: Transform) -> str | dict[str, Any]:
    return step.kind.value if step.argument is None else {step.kind.value: step.argument}


@dataclass(frozen=True, slots=True)
class ColumnVerdict:
    field: str
    decision: Decision
    findings: tuple[Finding, ...]  # that speak for the decision, or are to be known beside it
    proposal: Proposal | None

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "decision": self.decision.value,
            "evidence": [
                {
                    "kind": finding.kind.value,
                    "verdict": finding.verdict.value,
                    "distinct": finding.distinct,
                    "matched": finding.matched,
                    "legalBasis": finding.legal_basis,
                    **({"with": finding.partner} if finding.partner else {}),
                }
                for finding in self.findings
            ],
            "proposal": self.proposal and self.proposal.as_json(),
        }


def column_verdicts(contract: Contract, findings: Iterable[Finding], pack: Pack) -> tuple[ColumnVerdict, ...]:
    """One for each released field, in the contract's order."""
    by_field: dict[str, list[Finding]] = {field.name: [] for field in contract.released_fields}
    for finding in findings:
        by_field[finding.field].append(finding)
    return tuple(_verdict(contract.field(name), found, pack) for name, found in by_field.items())


def _verdict(field: Field, findings: Sequence[Finding], pack: Pack) -> ColumnVerdict:
    blocking = [finding for finding in findings if finding.is_blocking]
    if not blocking:
        told = tuple(f for f in findings if f.verdict not in (Verdict.CLEAR, Verdict.CHANCE))
        return ColumnVerdict(field.name, Decision.PUBLISH, told, None)
    step = _common([transform_of(field, pack.kinds[finding.kind], is_whole=finding.is_whole) for finding in blocking])
    if any(finding.verdict is Verdict.MIXED for finding in blocking):
        decision, step = Decision.REVIEW, None  # what else is in the column is not known, so no function is proposed
    else:
        decision = Decision.DROP if step is None else Decision.TRANSFORM
    proposal = Proposal(field.name, () if step is None else (step,), blocking[0].legal_basis)
    return ColumnVerdict(field.name, decision, tuple(blocking), proposal)


def _common(steps: Sequence[Transform | None]) -> Transform | None:
    """What serves them all: the one function, or the shortest prefix; None when there is none."""
    if len(set(steps)) == 1:
        return steps[0]
    lengths = [
        step.argument
        for step in steps
        if step is not None and step.kind is TransformKind.PREFIX and isinstance(step.argument, int)
    ]
    return Transform(TransformKind.PREFIX, min(lengths)) if len(lengths) == len(steps) else None


DECISIONS = {
    Decision.PUBLISH: Label("انتشار", "publish"),
    Decision.TRANSFORM: Label("تبدیل", "transform"),
    Decision.DROP: Label("حذف", "drop"),
    Decision.REVIEW: Label("بازبینی", "review"),
}
