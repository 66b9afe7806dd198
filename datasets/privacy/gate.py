"""The privacy gate: sees every value that a column would release and decides per column, on distinct values.

There is no switch to publish in spite of it. What it cannot see: identifiers split over columns or encoded.
"""

import re
from collections.abc import Sequence

from publicgsb.datasets.contracts.model import Field, FieldType, Label
from publicgsb.datasets.privacy.detectors import forms
from publicgsb.datasets.privacy.model import Finding, Kind, Verdict
from publicgsb.datasets.privacy.rules import GROUNDS, NAMES, NATIONAL_ID_CONTEXT, POSTAL_NAMES, Form
from publicgsb.datasets.privacy.tally import Tally, chance_of

_GATED_TYPES = frozenset({FieldType.STRING, FieldType.INTEGER, FieldType.BIGINT, FieldType.NUMBER, FieldType.DECIMAL})

# Digits of any script, between them at most three separators: space, hyphens, slash, underscore, tatweel, joiners,
# direction marks. A dot is none, or every coordinate would be looked at.
_GAP = "[ /_\u00a0\u00ad\u0640\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff-]{0,3}"
_RUN = re.compile(rf"\d(?:{_GAP}\d){{7,}}")
_NOT_DIGIT = re.compile(r"\D+")
_BEFORE_WHOLE = re.compile(rf"(?:[Ii]{_GAP}[Rr])?[+ (\"'\u200b-\u200f\ufeff_-]{{0,4}}")
_AFTER_WHOLE = re.compile(r"(?:\.0*)?[ )\"'\u200b-\u200f\ufeff_-]{0,4}")
_AFTER_IR = re.compile(rf"[Ii]{_GAP}[Rr]{_GAP}$")
_CONTEXT_CHARACTERS = 30
_AFTER_CHARACTERS = 16


def is_gated(field: Field) -> bool:
    """Dates and booleans were parsed strictly; no identifier passes for one."""
    return field.type in _GATED_TYPES


class ColumnGate:
    """Sees the values of one column, in any order, repeated or not, then judges."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._tallies: dict[Form, Tally] = {}

    def observe(self, values: Sequence[str]) -> None:
        """Look at a batch at once: one pass of the pattern over the joined text costs less than a call per value."""
        text = "\n".join(values)
        for run in _RUN.finditer(text):
            self._look(text, run.start(), run.end())

    def findings(self) -> tuple[Finding, ...]:
        """One per identifier of which the column has the form; the worse one if it has two forms."""
        found: dict[Kind, Finding] = {}
        for form, tally in self._tallies.items():
            if form is Form.MOBILE_BARE and _is_called(self._field, POSTAL_NAMES):
                continue
            finding = _judge(self._field, form, tally)
            known = found.get(finding.kind)
            if known is None or _SEVERITY[finding.verdict] > _SEVERITY[known.verdict]:
                found[finding.kind] = finding
        return tuple(found.values())

    def _look(self, text: str, start: int, end: int) -> None:
        before, after = _surroundings(text, start, end)
        is_whole = not (before or after) or bool(_BEFORE_WHOLE.fullmatch(before) and _AFTER_WHOLE.fullmatch(after))
        if not is_whole and (before[-1:] == "." or (after[:1] == "." and after[1:2].isdigit())):
            return  # the digits are a part of a decimal number
        digits = _as_ascii(text[start:end])
        for form, is_fit in forms(digits, bool(before) and _AFTER_IR.search(before) is not None):
            if is_whole or _counts_in_text(form, before):
                tally = self._tallies.get(form)
                if tally is None:
                    tally = self._tallies[form] = Tally()
                tally.add(int(digits), is_fit)


def _surroundings(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands in the same cell shortly before and after; most runs of digits fill their cell."""
    begins_cell = start == 0 or text[start - 1] == "\n"
    ends_cell = end == len(text) or text[end] == "\n"
    if begins_cell and ends_cell:
        return "", ""
    near = max(0, start - _CONTEXT_CHARACTERS)
    before = text[max(near, text.rfind("\n", near, start) + 1) : start]
    return before, text[end : end + _AFTER_CHARACTERS].partition("\n")[0]


_SEVERITY = {Verdict.CLEAR: 0, Verdict.CHANCE: 1, Verdict.MIXED: 2, Verdict.BLOCK: 3}


def _as_ascii(run: str) -> str:
    if run.isascii() and run.isdigit():
        return run
    bare = _NOT_DIGIT.sub("", run)
    return bare if bare.isascii() else "".join(str(int(digit)) for digit in bare)


def _counts_in_text(form: Form, before: str) -> bool:
    """Within running text, ten digits are an id only after a word that says so; bare forms say nothing there."""
    if form in (Form.MOBILE, Form.BANK_CARD, Form.SHEBA):
        return True
    if form is not Form.NATIONAL_ID:
        return False
    return any(word in before.lower() for word in NATIONAL_ID_CONTEXT)


def _judge(field: Field, form: Form, tally: Tally) -> Finding:
    kind, distinct, matched = form.value.kind, tally.distinct, tally.matched
    ground = GROUNDS[kind]
    verdict = _verdict(form, distinct, matched, is_named=_is_called(field, NAMES[kind]))
    return Finding(
        field=field.name,
        kind=kind,
        verdict=verdict,
        distinct=distinct,
        matched=matched,
        pass_rate=matched / max(distinct, 1),
        legal_basis=ground.legal_basis,
        message=Label(
            f"ستون «{field.name}»: {matched:,} مقدار از {distinct:,} مقدار متمایز {ground.name.fa} است"
            f" ({_VERDICTS[verdict].fa}؛ {ground.legal_basis}).",
            f"Field {field.name}: {matched:,} of {distinct:,} distinct values fit {ground.name.en}"
            f" ({_VERDICTS[verdict].en}; {ground.legal_basis}).",
        ),
        proposal=ground.proposal,
    )


_VERDICTS = {
    Verdict.BLOCK: Label("دادهٔ شخصی است", "the column is personal"),
    Verdict.MIXED: Label("بخشی از آن شخصی است", "a part of it is personal"),
    Verdict.CHANCE: Label("در حد تصادف", "no more than chance"),
    Verdict.CLEAR: Label("شخصی نیست", "not personal"),
}


def _verdict(form: Form, distinct: int, matched: int, is_named: bool) -> Verdict:
    rule = form.value
    if not matched:
        return Verdict.CLEAR
    rate = matched / max(distinct, 1)
    if rate >= rule.block_from and (distinct >= rule.distinct_min or is_named):
        return Verdict.BLOCK
    if (
        distinct >= rule.distinct_min
        and rate >= rule.mixed_from
        and chance_of(matched, distinct, rule.chance) < rule.doubt_max
    ):
        return Verdict.MIXED
    return Verdict.CHANCE


def _is_called(field: Field, words: Sequence[str]) -> bool:
    told = f"{field.name} {field.label.fa} {field.label.en}".lower().replace("\u200c", " ")
    return any(word in told for word in words)
