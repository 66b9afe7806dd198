"""Everything the gate says of one file, as JSON and as lines in both languages: counts, names, articles; no value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.privacy.anonymity.model import Alone, Anonymity, Generalised, Unit, percent
from publicgsb.datasets.privacy.linkage.model import Linkage
from publicgsb.datasets.privacy.model import Decision
from publicgsb.datasets.privacy.pack import Pack
from publicgsb.datasets.privacy.verdicts import DECISIONS, ColumnVerdict, Proposal, coarser


@dataclass(frozen=True, slots=True)
class PrivacyReport:
    """The pack that judged, a verdict per released field, and how alone the rows stand."""

    pack: Pack
    columns: tuple[ColumnVerdict, ...]
    anonymity: Anonymity | None = None
    linkage: tuple[Linkage, ...] | None = None  # None: nothing was compared, for want of a database or of a person

    @property
    def is_alone(self) -> bool:
        """Whether declared quasi-identifiers tell somebody apart."""
        return self.anonymity is not None and self.anonymity.is_blocking

    @property
    def is_blocking(self) -> bool:
        return self.is_alone or any(one.decision is not Decision.PUBLISH for one in self.columns)

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """All that has to change so that the gate lets the file pass, at most one for a field."""
        found = {one.field: one.proposal for one in self.columns if one.proposal}
        anonymity = self.anonymity
        if anonymity is not None and anonymity.is_blocking and anonymity.generalised is not None:
            for proposal in anonymity.generalised.proposals:
                known = found.get(proposal.field)
                found[proposal.field] = proposal if known is None else coarser(known, proposal)
        return tuple(found.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "pack": pack_as_json(self.pack),
            "isBlocking": self.is_blocking,
            "columns": [column.as_json() for column in self.columns],
            "articles": self._articles(),
            "anonymity": self.anonymity and self.anonymity.as_json(),
            "linkage": None if self.linkage is None else [one.as_json() for one in self.linkage],
            "proposals": [proposal.as_json() for proposal in self.proposals],
        }

    def lines(self) -> list[Label]:
        """For a terminal; what blocks is told by its finding, so only decisions and groups stand here."""
        told = [_column(one) for one in self.columns if one.decision is not Decision.PUBLISH or one.findings]
        return told + self.rows_lines() + [_linkage(one) for one in self.linkage or () if one.is_telling]

    def rows_lines(self) -> list[Label]:
        return list(_anonymity(self.anonymity)) if self.anonymity else []

    def _articles(self) -> Mapping[str, Mapping[str, str]]:
        named = [f.legal_basis for column in self.columns for f in column.findings]
        named += [proposal.legal_basis for proposal in self.proposals]
        return {code: {"fa": words.fa, "en": words.en} for code, words in self.pack.articles.items() if code in named}


def pack_as_json(pack: Pack) -> dict[str, Any]:
    return {"name": pack.name, "version": pack.version, "sha256": pack.sha256}


def _column(verdict: ColumnVerdict) -> Label:
    decision = DECISIONS[verdict.decision]
    counted = ", ".join(_evidence(f.kind.value, f.matched, f.distinct, f.legal_basis) for f in verdict.findings)
    to_do = f" → {verdict.proposal.told}" if verdict.proposal else ""
    return Label(
        f"{verdict.field}: {decision.fa} ({counted}){to_do}", f"{verdict.field}: {decision.en} ({counted}){to_do}"
    )


def _evidence(kind: str, matched: int, distinct: int, basis: str) -> str:
    return f"{kind} {matched:,}/{distinct:,}, {basis}"


def _anonymity(told: Anonymity) -> Iterable[Label]:
    held_fa, held_en = ("اعلام‌شده", "declared") if told.is_declared else ("حدسی؛ تنها برای آگاهی", "guessed, only told")
    k, l = told.bounds.k, told.bounds.l  # noqa: E741 - the field's own letters
    unit = Label("ردیف", "rows") if told.bounds.unit is Unit.ROWS else Label("مشارکت‌کننده", "contributors")
    names = ", ".join(told.columns)
    yield Label(
        f"شبه‌شناسه‌ها ({held_fa}): {names}؛ نما {told.profile}: هر گروه دست‌کم {k} {unit.fa}"
        + (f" و {l} مقدار حساس" if l > 1 else ""),
        f"quasi-identifiers ({held_en}): {names}; profile {told.profile}: {k} {unit.en} in each group"
        + (f" and {l} sensitive values" if l > 1 else ""),
    )
    if told.is_overfull:
        yield Label(
            "این ستون‌ها بیش از یک میلیون ترکیب دارند و تقریباً هر ردیف تنهاست؛ ستون‌های کمتر یا درشت‌تر اعلام کنید.",
            "these columns have more than a million combinations: nearly every row is alone; "
            "declare fewer or coarser ones.",
        )
    for one in told.subsets:
        if one.rows_below:
            yield _alone(one, told.rows)
    if told.is_met:
        yield Label("همهٔ گروه‌ها به اندازهٔ کافی بزرگ‌اند.", "every group is large enough.")
    if told.generalised is not None:
        yield from _generalised(told.generalised, told.rows)


def _linkage(one: Linkage) -> Label:
    shared = " + ".join(here for here, _ in one.shared)
    by = ", ".join(f"{field} ({rows:,})" for field, rows in one.by) or "-"
    return Label(
        f"پیوند با {one.dataset} از راه {shared}: {one.become_unique:,} ردیف یکتا می‌شود (با {by})؛ "
        f"{one.one_to_one:,} ردیف یک‌به‌یک",
        f"joined with {one.dataset} by {shared}: {one.become_unique:,} rows become unique (by {by}); "
        f"{one.one_to_one:,} rows match one to one",
    )


def _alone(one: Alone, rows: int) -> Label:
    names = " + ".join(one.columns) or "-"
    return Label(
        f"  {names}: {percent(one.unique_rows, rows)}٪ ردیف‌ها یکتا، {one.rows_below:,} ردیف در گروه‌های کوچک، "
        f"کوچک‌ترین گروه {one.k_min}",
        f"  {names}: {percent(one.unique_rows, rows)} % of rows unique, {one.rows_below:,} rows in small groups, "
        f"smallest group {one.k_min}",
    )


def _generalised(made: Generalised, rows: int) -> Iterable[Label]:
    steps = ", ".join(f"{proposal.field} {proposal.told}" for proposal in made.proposals)
    before, after = _alone(made.before, rows), _alone(made.after, rows)
    best = Label("ارزان‌ترین تعمیم", "cheapest generalisation")
    if not made.is_cheapest:
        best = Label("تعمیم پیشنهادی", "a generalisation that serves")
    yield Label(f"{best.fa}: {steps}", f"{best.en}: {steps}")
    yield Label(f"  پیش:{before.fa}", f"  before:{before.en}")
    yield Label(f"  پس:{after.fa}", f"  after:{after.en}")
