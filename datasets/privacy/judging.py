"""From counts to a finding: what the share of fitting values means, said with the article of law in both languages."""

from publicgsb.datasets.contracts.model import Field, FieldType, Label, Transform, TransformKind
from publicgsb.datasets.privacy.model import Finding, Form, Kind, Verdict
from publicgsb.datasets.privacy.pack import KindRules, Pack, Rule
from publicgsb.datasets.privacy.tally import Tally, chance_of

_SEVERITY = {
    verdict: at
    for at, verdict in enumerate(
        (
            Verdict.CLEAR,
            Verdict.CHANCE,
            Verdict.JOIN_KEY,
            Verdict.WARN,
            Verdict.WORKPLACE,
            Verdict.MIXED,
            Verdict.BLOCK,
        )
    )
}

_VERDICTS = {
    Verdict.BLOCK: Label("دادهٔ شخصی است", "the column is personal"),
    Verdict.MIXED: Label("بخشی از آن شخصی است", "a part of it is personal"),
    Verdict.WARN: Label("مانع انتشار نیست", "no obstacle"),
    Verdict.WORKPLACE: Label("نشانی محل کار اعلام شده است", "declared a workplace's"),
    Verdict.JOIN_KEY: Label("کلید پیوند است و شخصی نیست", "a join key, not personal"),
    Verdict.CHANCE: Label("در حد تصادف", "no more than chance"),
    Verdict.CLEAR: Label("شخصی نیست", "not personal"),
}

_PART = 0.3  # of all values of the column: with fewer of them, a part of it is personal

_DAYS = frozenset({FieldType.DATE, FieldType.DATETIME})


def judge(
    field: Field,
    form: Form,
    tally: Tally,
    pack: Pack,
    *,
    is_in_text: bool = False,
    is_workplace: bool = False,
    partner: str | None = None,
    values: int = 0,
) -> Finding:
    """`values`: how many values the column has, of whatever form; the form may be that of a few of them."""
    rule = pack.rules[form]
    rules = pack.kinds[rule.kind]
    distinct, matched = max(tally.distinct, tally.matched), tally.matched
    verdict = _verdict(rule, distinct, matched, is_named=partner is None and pack.is_called(rule.kind, field))
    if verdict is Verdict.BLOCK and matched < values * _PART:
        verdict = Verdict.MIXED
    if verdict in (Verdict.BLOCK, Verdict.MIXED):
        verdict = _softened(verdict, rules, is_workplace)
    article = rules.article
    if verdict is Verdict.WORKPLACE and rules.workplace_article is not None:
        article = rules.workplace_article
    where = Label(f"ستون «{field.name}»", f"Field {field.name}")
    if partner is not None:
        where = Label(f"ستون‌های «{field.name}» و «{partner}» با هم", f"Fields {field.name} and {partner} together")
    return Finding(
        field=field.name,
        kind=rule.kind,
        verdict=verdict,
        distinct=distinct,
        matched=matched,
        pass_rate=matched / max(distinct, 1),
        legal_basis=article,
        message=Label(
            f"{where.fa}: {matched:,} مقدار از {distinct:,} مقدار متمایز {rules.name.fa} است"
            f" ({_VERDICTS[verdict].fa}؛ {article}).",
            f"{where.en}: {matched:,} of {distinct:,} distinct values fit {rules.name.en}"
            f" ({_VERDICTS[verdict].en}; {article}).",
        ),
        proposal=_proposal(field, rules, article, is_whole=not is_in_text and partner is None),
        is_whole=not is_in_text and partner is None,
        partner=partner,
    )


def worst(findings: list[Finding], pack: Pack) -> tuple[Finding, ...]:
    """One per kind: of a kind that has several forms in the column, the form that is judged hardest.

    Of kinds that never block it is only told that they are there.
    """
    found: dict[Kind, Finding] = {}
    for finding in findings:
        rules = pack.kinds[finding.kind]
        if (rules.warns_only or rules.is_join_key) and finding.verdict in (Verdict.CLEAR, Verdict.CHANCE):
            continue
        known = found.get(finding.kind)
        if known is None or _SEVERITY[finding.verdict] > _SEVERITY[known.verdict]:
            found[finding.kind] = finding
    return tuple(found.values())


def transform_of(field: Field, rules: KindRules, *, is_whole: bool) -> Transform | None:
    """The pack's proposal, as far as it can be applied to cells of the field; None: drop it.

    A year of birth is cut from a text by its first four characters, and worked out of a date.
    """
    wanted = rules.proposal
    if wanted is None or not is_whole:
        return None
    if wanted.kind is TransformKind.JALALI_YEAR:
        if field.type is FieldType.STRING and field.derive is None:
            return Transform(TransformKind.PREFIX, 4)
        return wanted if field.type in _DAYS and field.derive is None else None
    return wanted if field.type is FieldType.STRING else None


def _softened(verdict: Verdict, rules: KindRules, is_workplace: bool) -> Verdict:
    if rules.is_join_key:
        return Verdict.JOIN_KEY
    if rules.warns_only:
        return Verdict.WARN
    return Verdict.WORKPLACE if is_workplace and rules.workplace_article else verdict


def _verdict(rule: Rule, distinct: int, matched: int, is_named: bool) -> Verdict:
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
    # Its name says what it holds, and more than chance fits: somebody has to look.
    return Verdict.MIXED if is_named and rate > rule.chance else Verdict.CHANCE


def _proposal(field: Field, rules: KindRules, article: str, *, is_whole: bool) -> Label:
    transform = transform_of(field, rules, is_whole=is_whole)
    if transform is None or rules.keeps is None:
        return Label(
            f"این ستون را withheld با مستند {article} اعلام یا حذف کنید؛ بقیهٔ ستون‌ها منتشر می‌شوند.",
            f"Declare the field withheld on the ground {article}, or drop it; the rest can be released.",
        )
    told = str(transform.kind) if transform.argument is None else f"{transform.kind}({transform.argument})"
    return Label(
        f"این ستون را withheld اعلام یا حذف کنید، یا با {told} {rules.keeps.fa}.",
        f"Declare the field withheld, drop it, or apply {told}: {rules.keeps.en}.",
    )
